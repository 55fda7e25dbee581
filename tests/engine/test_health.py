"""Ready means that work goes on; what is missing has a name, and is gone when it is mended."""

import threading
from collections import namedtuple
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone, translation

from generation.engine import health
from generation.media import storage
from generation.models import Heartbeat, Status, Task
from tests.factories import make_task
from tests.ports import free_port

Disk = namedtuple("Disk", "total used free")
pytestmark = pytest.mark.django_db


@pytest.fixture
def ready(settings):
    """A studio in which everything works: one node has just told that it lives."""
    settings.REDIS_URL = ""
    Heartbeat.touch("cluster:one")


def missing() -> list[str]:
    cache.clear()
    return health.not_ready()


def test_a_studio_that_works_is_ready(ready, visitor):
    answer = visitor.get("/readyz")
    found = answer.json()
    assert (answer.status_code, found["ready"], found["missing"]) == (200, True, [])


def test_what_is_missing_has_a_name(visitor, settings):
    settings.REDIS_URL = ""
    answer = visitor.get("/readyz")
    assert (answer.status_code, answer.json()["missing"]) == (503, ["cluster"])


def test_a_silent_cluster_is_not_ready_and_one_living_node_is_enough(ready):
    Heartbeat.objects.update(at=timezone.now() - timedelta(seconds=91))
    assert missing() == ["cluster"]
    Heartbeat.touch("cluster:two")
    assert missing() == []


def test_only_a_node_tells_that_a_cluster_lives(settings):
    settings.REDIS_URL = ""
    Heartbeat.touch("cluster")  # what a former version wrote for a message in the queue
    assert missing() == ["cluster"]


def test_a_node_that_works_hard_is_ready(ready, user):
    now = timezone.now()
    for status in (Status.QUEUED, Status.SUBMITTING, Status.STORING):
        make_task(user, status=status, deadline=now - timedelta(minutes=1))
    make_task(user, status=Status.RUNNING, remote_id="1", next_poll_at=now - timedelta(minutes=1))
    assert missing() == []


def test_polling_that_is_two_minutes_late_is_not_ready(ready, user):
    late = timezone.now() - timedelta(minutes=3)
    make_task(user, status=Status.RUNNING, remote_id="1", next_poll_at=late)
    assert missing() == ["polling"]
    Task.objects.update(next_poll_at=timezone.now())
    assert missing() == []


def test_redis_that_does_not_answer_is_not_ready(ready, settings):
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    assert missing() == ["queue"]


def test_a_full_disk_is_not_ready(ready, monkeypatch):
    free = storage.RESERVE - 1
    monkeypatch.setattr(health.shutil, "disk_usage", lambda _path: Disk(10**12, 0, free))
    assert missing() == ["disk"]
    free = storage.RESERVE
    assert missing() == []


def test_a_folder_that_is_gone_counts_as_full(ready, settings, tmp_path):
    settings.DATA_DIR = tmp_path / "gone"
    assert missing() == ["disk"]


@contextmanager
def renamed(table: str):
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO lost")
        try:
            yield
        finally:
            cursor.execute(f"ALTER TABLE lost RENAME TO {table}")


@pytest.mark.django_db(transaction=True)
def test_a_table_that_is_missing_is_not_ready(ready):
    with renamed("generation_callbackevent"):
        assert missing() == ["tables"]
    assert missing() == []


@pytest.mark.django_db(transaction=True)
def test_a_broken_table_of_tasks_is_no_page_of_errors(ready, visitor):
    with renamed("generation_task"):
        assert missing() == ["tables", "database"]
        assert visitor.get("/readyz").status_code == 503
        assert visitor.get("/healthz").status_code == 200
    assert missing() == []


def test_a_migration_that_was_not_applied_is_not_ready(ready):
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(name) FROM django_migrations WHERE app = 'generation'")
        (name,) = cursor.fetchone()
        cursor.execute("UPDATE django_migrations SET name = 'x' WHERE name = %s", [name])
        assert missing() == ["migrations"]
        cursor.execute("UPDATE django_migrations SET name = %s WHERE name = 'x'", [name])
    assert missing() == []


class Bucket(BaseHTTPRequestHandler):
    """As much of S3 as writing one file needs."""

    status, asked = 200, 0
    hang = threading.Event()

    def answer(self) -> None:
        type(self).asked += 1
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.status == 0:
            self.hang.wait(20)
        known = self.command == "PUT" or self.status != 200
        status = (self.status or 200) if known else {"HEAD": 404, "DELETE": 204}[self.command]
        code = {404: "NoSuchBucket", 403: "AccessDenied"}.get(status, "")
        body = f"<Error><Code>{code}</Code></Error>".encode() if code else b""
        body = b"" if self.command == "HEAD" else body
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_HEAD = do_PUT = do_DELETE = answer

    def log_message(self, *_args) -> None:
        pass


@pytest.fixture
def bucket(settings, monkeypatch):
    """A storage that is not on a disk, at an address of this test."""
    pytest.importorskip("boto3")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    kind = type("OneBucket", (Bucket,), {"hang": threading.Event()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    options = {
        "bucket_name": "results", "file_overwrite": False, "region_name": "eu-west-1",
        "endpoint_url": f"http://127.0.0.1:{server.server_port}", "addressing_style": "path",
    }  # fmt: skip
    here = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": here}
    yield kind
    kind.hang.set()
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("status", [403, 404])
def test_a_bucket_that_cannot_be_written_is_not_ready(ready, bucket, status):
    assert missing() == []
    bucket.status = status
    assert missing() == ["storage"]


def test_a_bucket_is_asked_at_most_once_a_minute(ready, bucket):
    cache.clear()
    health.not_ready()
    asked = bucket.asked
    for _ in range(5):
        assert health.not_ready() == []
    assert bucket.asked == asked > 0


def test_a_bucket_that_hangs_does_not_hold_up_the_answer(ready, bucket, monkeypatch):
    monkeypatch.setattr(health, "BUCKET_LIMIT", 0.2)
    bucket.status = 0
    assert missing() == ["storage"]
    bucket.hang.set()


def test_alive_costs_nothing(visitor, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert visitor.get("/healthz").content == b"ok"


@pytest.fixture
def admin(user) -> Client:
    user.is_staff = True
    user.save()
    client = Client()
    client.force_login(user)
    return client


def page(client: Client, **headers: str) -> str:
    cache.clear()
    return client.get("/settings/profile/", headers=headers).content.decode()


def test_an_admin_reads_what_is_missing_in_plain_words(ready, admin, monkeypatch):
    sentence = "The disk is full. Nothing is sent or saved until there is room."
    assert sentence not in page(admin)
    monkeypatch.setattr(health, "has_room", lambda: False)
    assert sentence in page(admin)
    assert "磁盘已满。腾出空间之前" in page(admin, accept_language="zh-hans")


def test_others_do_not_read_about_disks(ready, client, monkeypatch):
    monkeypatch.setattr(health, "has_room", lambda: False)
    assert "The disk is full" not in page(client)


def test_a_studio_that_is_being_set_up_has_no_banner(settings, admin):
    settings.REDIS_URL = ""
    assert "banner" not in page(admin)
    Heartbeat.objects.create(name="cluster:a", at=timezone.now() - timedelta(hours=1))
    assert "No cluster is at work." in page(admin)


def test_every_name_has_a_sentence_in_chinese():
    with translation.override("zh-hans"):
        for name, sentence in health.SENTENCES.items():
            assert not str(sentence).isascii(), name
