"""Moving files into the storage: complete, private, and nothing left behind."""

import os
import re

import pytest
from django.core.files.storage import default_storage

from generation.media import images, storage
from tests.media.corpus import PNG


def made(data=b"x"):
    path = storage.scratch_root() / f"made-{os.urandom(4).hex()}"
    path.write_bytes(data)
    return path


def test_a_stored_file_has_a_random_name_and_is_private(media_folder):
    name = storage.store_file(made(), "png")
    assert re.fullmatch(r"[0-9a-f]{2}/[0-9a-f]{30}\.png", name)
    assert (media_folder / name).stat().st_mode & 0o777 == 0o600
    assert (media_folder / name).parent.stat().st_mode & 0o777 == 0o700


def test_bytes_reach_the_disk_before_the_name_does(monkeypatch):
    steps = []
    sync, replace = storage.sync, storage.Path.replace
    monkeypatch.setattr(storage, "sync", lambda path: steps.append(path.is_dir()) or sync(path))
    monkeypatch.setattr(
        storage.Path, "replace", lambda path, to: steps.append("named") or replace(path, to)
    )
    storage.store_file(made(), "png")
    assert steps == [False, "named", True]


def test_files_that_belong_together_are_stored_together_or_not_at_all(media_folder):
    good, missing = made(), storage.scratch_root() / "missing"
    with pytest.raises(FileNotFoundError):
        storage.store_all([(good, "png"), (missing, "webp")])
    assert [path for path in media_folder.rglob("*") if path.is_file()] == []


def test_scratch_is_removed_whatever_happens():
    folders = []

    def half():
        with storage.scratch() as path:
            folders.append(path.parent)
            path.write_bytes(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    assert not folders[0].exists()


def test_only_stale_scratch_is_cleared():
    with storage.scratch_folder() as fresh, storage.scratch_folder() as stale:
        os.utime(stale, (0, 0))
        assert storage.clear_scratch() == 1
        assert fresh.exists()
        assert not stale.exists()


def test_space_is_asked_of_the_disk(monkeypatch):
    usage = type("Usage", (), {"free": storage.RESERVE + 100})
    monkeypatch.setattr(storage.shutil, "disk_usage", lambda _: usage)
    assert storage.enough_space(100)
    assert not storage.enough_space(101)


def test_deleting_what_is_gone_is_no_error():
    name = storage.store_file(made(), "png")
    storage.delete(name, "", name, "ab/none.webp")
    assert not default_storage.exists(name)


def test_another_storage_is_used_through_its_own_interface(settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    }
    stored = images.take_file(PNG)
    assert default_storage.size(stored.path) == stored.bytes
    assert default_storage.exists(stored.thumb_path)
    assert storage.scratch_root().parent == settings.DATA_DIR


def test_stored_names_do_not_repeat():
    assert len({storage.random_name("png") for _ in range(1_000)}) == 1_000
