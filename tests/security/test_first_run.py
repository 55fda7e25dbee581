"""The first start makes its own secrets, and a later one refuses what is unsafe (S-SEC-1)."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from generation import setup_link
from generation.models import User
from tests.factories import make_user
from vidustudio import private_files

ROOT = Path(__file__).resolve().parents[2]
SHOW = (
    "import django; django.setup(); from django.conf import settings as s;"
    "print(s.DEBUG, s.SECRET_KEY, s.DATA_KEYS[0])"
)


@pytest.fixture
def data(tmp_path) -> Path:
    return tmp_path / "data"


def start(data: Path, ask: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    known = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    mine = {"STUDIO_DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "vidustudio.settings"}
    return subprocess.run(
        [sys.executable, "-c", SHOW + ask], cwd=ROOT, env=known | mine | environment,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_the_first_start_makes_secrets_that_only_the_owner_reads(data):
    done = start(data)
    assert done.returncode == 0, done.stderr
    debug, *shown = done.stdout.split()
    assert debug == "False"
    assert len(set(shown)) == 2
    for name, value in zip(("secret_key", "data_key"), shown, strict=True):
        file = data / "secrets" / name
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert file.read_text() == value
        assert len(value) >= 50
    assert stat.S_IMODE(data.stat().st_mode) == stat.S_IMODE((data / "secrets").stat().st_mode)
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert start(data).stdout.split()[1:] == shown


@pytest.mark.parametrize("name", ["secret_key", "data_key"])
@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_secret_that_others_can_read_stops_the_start(data, name, mode):
    start(data)
    (data / "secrets" / name).chmod(mode)
    done = start(data)
    assert done.returncode != 0
    assert f"Others can read {name}. Run: chmod 600" in done.stderr


@pytest.mark.parametrize("name", ["secret_key", "data_key"])
def test_a_lost_secret_is_not_made_anew_while_data_exist(data, name):
    start(data)
    (data / "studio.sqlite3").write_bytes(b"SQLite format 3")
    (data / "secrets" / name).unlink()
    done = start(data)
    assert done.returncode != 0
    assert "is missing but data made with it exist. Restore it from a backup." in done.stderr
    assert not (data / "secrets" / name).exists()


@pytest.mark.parametrize("name", ["secret_key", "data_key"])
def test_a_lost_secret_is_not_replaced_when_a_database_exists_elsewhere(data, name):
    far = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}
    assert start(data, **far).returncode == 0
    (data / "media").mkdir()
    assert start(data, **far).returncode == 0
    (data / "secrets" / name).unlink()
    done = start(data, **far)
    assert done.returncode != 0
    assert "Restore it from a backup." in done.stderr


@pytest.mark.parametrize("name", ["secret_key", "data_key"])
@pytest.mark.parametrize(("text", "fault"), [("", "empty"), (" \n", "empty"), ("abc", "too short")])
def test_a_secret_that_was_emptied_stops_the_start_and_stays(data, name, text, fault):
    start(data)
    (data / "secrets" / name).write_text(text)
    done = start(data)
    assert done.returncode != 0
    assert f"{name} is {fault}. Restore it from a backup" in done.stderr
    assert (data / "secrets" / name).read_text() == text


@pytest.mark.parametrize("key", ["hunter2", "x" * 64, "ab" * 32, f"{'0123456789' * 4} with space"])
def test_a_data_key_that_can_be_guessed_stops_the_start(data, key):
    good = "jXw3kq0ZP5-rT8vLmY2sHc7NbA1dFgUe_6oRi9"
    assert start(data, STUDIO_DATA_KEYS=f"{good},{good[::-1]}").returncode == 0
    done = start(data, STUDIO_DATA_KEYS=f"{good},{key}")
    assert done.returncode != 0
    assert "Key 2 of STUDIO_DATA_KEYS is too short or too simple" in done.stderr
    assert key not in done.stderr
    assert good not in done.stderr


WEB = (
    "; from django.core.management import call_command as call;"
    "call('migrate', verbosity=0, skip_checks=True); import vidustudio.wsgi"
)


def test_no_web_server_starts_on_a_database_of_other_secrets(data):
    assert start(data, WEB).returncode == 0
    done = start(data, WEB, STUDIO_DATA_KEYS="jXw3kq0ZP5-rT8vLmY2sHc7NbA1dFgUe_6oRi9")
    assert done.returncode == 1
    sentence = done.stderr.splitlines()[-1]
    assert sentence.startswith("The data keys of this machine do not open the provider keys")
    assert "Traceback" not in done.stderr


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


OPEN = (
    WEB + "; from pathlib import Path; from django.db import connection as c; c.ensure_connection()"
    "; print(*(f'{one.name}={one.stat().st_mode & 0o777:o}'"
    " for one in Path(s.DATA_DIR).glob('studio.sqlite3*')))"
)


def test_only_the_owner_reads_the_database_and_what_stands_beside_it(data):
    done = start(data, OPEN)
    assert done.returncode == 0, done.stderr
    found = done.stdout.splitlines()[1].split()
    assert set(found) == {f"studio.sqlite3{end}=600" for end in ("", "-shm", "-wal")}


def test_a_start_takes_what_is_ours_from_the_eyes_of_others(data):
    start(data, WEB)
    wal = data / "studio.sqlite3-wal"
    wal.touch()
    for path, mode in ((data, 0o755), (data / "studio.sqlite3", 0o644), (wal, 0o666)):
        path.chmod(mode)
    assert start(data).returncode == 0
    assert [rights(path) for path in (data, data / "studio.sqlite3", wal)] == [0o700, 0o600, 0o600]


def test_a_folder_of_other_things_is_left_alone_and_stops_the_start(data):
    data.mkdir()
    (data / "letters").touch()
    data.chmod(0o755)
    done = start(data)
    assert done.returncode != 0
    assert f"Others can look into {data}, which holds other things" in done.stderr
    assert rights(data) == 0o755


@pytest.mark.parametrize("fails", [PermissionError(1, "not yours"), None])
@pytest.mark.parametrize(
    ("make", "mode"),
    [(private_files.make_folder_private, 700), (private_files.make_database_private, 600)],
)
def test_what_cannot_be_mended_stops_the_start(tmp_path, monkeypatch, make, mode, fails):
    """It belongs to another user, or lies on a file system without rights."""
    path = tmp_path / "it"
    path.mkdir() if mode == 700 else path.touch()
    path.chmod(0o755)

    def change(*_given) -> None:
        if fails:
            raise fails

    monkeypatch.setattr(Path, "chmod", change)
    with pytest.raises(ImproperlyConfigured) as told:
        make(path)
    assert str(told.value) == (
        f"Others can read {path}, and this user cannot change that. "
        f"As its owner run: chmod {mode} {path}"
    )


def test_a_proxy_is_trusted_only_when_it_is_named(data):
    ask = "; print(s.ALLAUTH_TRUSTED_PROXY_COUNT, s.SECURE_PROXY_SSL_HEADER, s.ALLOWED_HOSTS)"
    output = [
        start(data, ask, STUDIO_BEHIND_PROXY=word, ALLOWED_HOSTS="a.example, b.example").stdout
        for word in ("no", "yes")
    ]
    hosts = "['a.example', 'b.example']"
    assert output[0].splitlines()[1] == f"0 None {hosts}"
    assert output[1].splitlines()[1] == f"1 ('HTTP_X_FORWARDED_PROTO', 'https') {hosts}"


@pytest.mark.parametrize("address", ["https://a.example:8443", "https://a.example:8443/studio"])
def test_the_public_origin_may_post_also_below_a_path(data, address):
    output = start(data, "; print(s.CSRF_TRUSTED_ORIGINS)", STUDIO_PUBLIC_URL=address).stdout
    assert output.splitlines()[1] == "['https://a.example:8443']"


def test_a_word_that_is_no_switch_does_not_start_in_debug(data):
    done = start(data, DEBUG="maybe")
    assert done.returncode != 0
    assert "DEBUG must be yes or no" in done.stderr


def test_no_secret_is_kept_in_the_repository():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert not [path for path in listed if "secret_key" in path or path.startswith("var/")]
    assert not [path for path in listed if path.endswith((".sqlite3", ".pem", ".key", ".env"))]


@pytest.fixture
def link(db, settings, tmp_path) -> str:
    settings.SECRETS_DIR = tmp_path
    token = setup_link.setup_token()
    assert token is not None
    assert len(token) >= 40
    return reverse("first-account", args=[token])


def test_the_first_account_is_made_once(link, visitor):
    person = {"email": "first@example.test", "name": "First", "password": "pass-1234-word"}
    person |= {"password1": person["password"]}
    assert visitor.get(link).status_code == 200
    assert visitor.post(link, person).status_code == 302
    for browser in (visitor, Client()):
        assert browser.get(link).status_code == 404
        assert browser.post(link, person | {"email": "second@example.test"}).status_code == 404
    assert [user.email for user in User.objects.all()] == ["first@example.test"]
    assert not list(settings.SECRETS_DIR.glob("setup_token*"))
    assert setup_link.setup_token() is None


def test_a_guessed_link_opens_nothing(link, visitor):
    for token in ("x", link.split("/")[2][:-1], f"{link.split('/')[2]}x"):
        assert visitor.get(reverse("first-account", args=[token])).status_code == 404


def test_the_link_is_dead_once_there_is_an_account(link, visitor):
    make_user()
    assert visitor.get(link).status_code == 404
    assert visitor.post(link, {}).status_code == 404
