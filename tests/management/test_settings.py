"""What an operator sets: wrong values end in one sentence, right ones work."""

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from generation import checks
from vidustudio import env

ROOT = Path(__file__).resolve().parents[2]


SET_BY_STUDIO = {"STUDIO_LOCAL_URL", "STUDIO_STATIC_MANIFEST"}
STORAGE = """
from django.core.files.storage import default_storage as kept
print(kept.bucket_name, kept.endpoint_url, kept.file_overwrite)
"""


def check(data: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return manage(data, "check", **environment)


def manage(data: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    known = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, capture_output=True, text=True,
        env=known | {"STUDIO_DATA_DIR": str(data)} | environment, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DEBUG", "maybe", "DEBUG must be yes or no"),
        ("DATABASE_URL", "hunter2", "DATABASE_URL is no address of a database."),
        ("REDIS_URL", "localhost:6379", "REDIS_URL must begin with redis://"),
        ("STUDIO_PUBLIC_URL", "studio.example", "STUDIO_PUBLIC_URL must begin with http://"),
        ("STUDIO_WORKERS", "0", "STUDIO_WORKERS must be a whole number from 1 to 64"),
        ("STUDIO_DATA_DIR", "/dev/null", "The folder /dev/null cannot be used"),
        ("TIME_ZONE", "Mars", "TIME_ZONE must be a name such as Europe/Berlin"),
        ("STUDIO_ADMIN_PATH", "../back door", "STUDIO_ADMIN_PATH must be letters"),
        ("STUDIO_ADMIN_PATH", "/", "STUDIO_ADMIN_PATH must be letters"),
        ("STUDIO_METRICS_TOKEN", "hunter2", "STUDIO_METRICS_TOKEN is too short"),
        ("STUDIO_METRICS_TOKEN", "hunter2 with many spaces", "STUDIO_METRICS_TOKEN is too short"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL must be one of DEBUG"),
    ],
)
def test_a_wrong_setting_is_one_sentence(tmp_path, name, value, sentence):
    done = check(tmp_path, **{name: value})
    assert done.returncode == 1
    assert done.stderr.startswith(f"The settings are not right: {sentence}")
    assert done.stderr.count("\n") == 1
    assert "hunter2" not in done.stderr


def test_mail_is_encrypted_in_one_way(tmp_path):
    both = check(tmp_path, EMAIL_HOST="mail", EMAIL_USE_SSL="yes", EMAIL_USE_TLS="yes")
    assert "EMAIL_USE_SSL and EMAIL_USE_TLS exclude each other. Leave one out." in both.stderr
    code = "from django.conf import settings as s; print(s.EMAIL_PORT, s.EMAIL_USE_TLS)"
    shell = ("shell", "--verbosity", "0", "-c", code)
    plain = manage(tmp_path, *shell, EMAIL_HOST="mail")
    assert plain.stdout.split() == ["587", "True"]
    at_once = manage(tmp_path, *shell, EMAIL_HOST="mail", EMAIL_USE_SSL="yes")
    assert at_once.stdout.split() == ["465", "False"]


def test_one_process_of_the_cluster_is_enough(tmp_path):
    done = check(tmp_path, STUDIO_WORKERS="1", LOG_LEVEL="warning", TIME_ZONE="Europe/Berlin")
    assert done.returncode == 0, done.stderr


def test_a_setting_without_its_extra_names_the_command(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://user:hunter2@127.0.0.1/name")
    monkeypatch.setitem(sys.modules, "psycopg", None)  # as where it is not installed
    with pytest.raises(ImproperlyConfigured) as refused:
        env.database("DATABASE_URL")
    assert str(refused.value) == (
        "DATABASE_URL needs a package that is not installed. "
        "Install the postgres extra: uv sync --extra postgres"
    )
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(ImproperlyConfigured, match=r"uv sync --extra redis$"):
        env.require_extra("REDIS_URL", "redis", "redis")
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(ImproperlyConfigured, match=r"uv sync --extra s3$"):
        env.require_extra("STUDIO_S3_BUCKET", "s3", "storages", "boto3")


def test_files_can_live_in_a_bucket(tmp_path):
    pytest.importorskip("storages", reason="the s3 extra is not installed")
    bucket = {"STUDIO_S3_BUCKET": "studio", "STUDIO_S3_URL": "http://127.0.0.1:9000"}
    done = manage(tmp_path, "shell", "--verbosity", "0", "-c", STORAGE, **bucket)
    assert done.stdout.split() == ["studio", "http://127.0.0.1:9000", "False"], done.stderr


def test_a_provider_that_is_missing_in_one_place_is_named(settings):
    settings.PROVIDER_URLS = {"acme": "", **settings.PROVIDER_URLS}
    del settings.PROVIDER_URLS["kkiai"]
    found = {message.msg for message in run_checks() if message.id == "generation.E003"}
    assert found == {
        "The provider kkiai is not in PROVIDER_URLS.",
        "The provider acme is not in ProviderName.",
        "The provider acme is not in generation/providers.",
        "The provider acme is not in the offers of the catalogue.",
    }


def test_every_variable_stands_in_the_readme_and_the_other_way_round():
    code = (ROOT / "vidustudio" / "settings.py").read_text()
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z0-9_]+)"', code)) - SET_BY_STUDIO
    rows = [row for row in (ROOT / "README.md").read_text().splitlines() if row.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`([A-Z0-9_]+)`", row.split("|")[1])}
    assert read == named


def test_a_database_file_on_a_network_share_is_warned_of(monkeypatch, tmp_path):
    table = tmp_path / "mounts"
    table.write_text("/dev/sda / ext4 rw\nnas:/x /data nfs4 rw\ntmpfs /data/ram tmpfs rw\n")
    places = ("/home/x", "/data/x", "/data/ram/x")
    kinds = [checks.file_system(Path(path), table) for path in places]
    assert kinds == ["ext4", "nfs4", "tmpfs"]
    assert checks.file_system(Path("/data"), tmp_path / "none") == ""
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": tmp_path / "x"}
    monkeypatch.setattr(checks, "settings", SimpleNamespace(DATABASES={"default": database}))
    assert checks.one_machine() == []
    monkeypatch.setattr(checks, "file_system", lambda _path: "nfs4")
    assert [one.id for one in checks.one_machine()] == ["generation.W005"]
    database["ENGINE"] = "django.db.backends.postgresql"
    assert checks.one_machine() == []


def warned() -> set[str]:
    return {message.id for message in run_checks()} & {"generation.W002", "generation.W003"}


def test_a_public_address_that_would_open_no_page_is_warned_of(settings):
    assert warned() == set()
    settings.SECURE_SSL_REDIRECT = True
    assert warned() == {"generation.W002"}
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.PUBLIC_HOST = "studio.example"
    assert warned() == {"generation.W003"}
    settings.ALLOWED_HOSTS = ["studio.example"]
    assert warned() == set()


def test_without_redis_the_cache_forgets_nothing_within_a_process():
    pytest.importorskip("redis", reason="the redis extra is not installed")
    from vidustudio.cache import RedisOrMemory

    cache = RedisOrMemory("redis://127.0.0.1:1", {})
    cache.clear()
    assert cache.get("tries", 0) == 0
    assert cache.add("tries", 1, 60)
    assert cache.incr("tries") == 2
    assert cache.get_many(["tries", "other"]) == {"tries": 2}
    cache.delete("tries")
    assert "tries" not in cache


@pytest.mark.parametrize("word", ["desk-7f3a", "/desk-7f3a/", "desk-7f3a/"])
def test_the_path_of_the_operator_ends_with_one_slash(monkeypatch, word):
    monkeypatch.setenv("STUDIO_ADMIN_PATH", word)
    assert env.path("STUDIO_ADMIN_PATH", "operator/") == "desk-7f3a/"
