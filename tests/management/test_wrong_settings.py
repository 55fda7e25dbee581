"""Settings that cannot be right: each is one sentence with its name and what to write."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from generation.management import own_names
from tests.management.test_settings import check, manage
from vidustudio import env

A_NUMBER = "must be a whole number from"
WRONG = [
    ("ALLOWED_HOSTS", "https://studio.example", "which is an address. Write names alone"),
    ("ALLOWED_HOSTS", "studio.example:8000", "which is no host name"),
    ("ALLOWED_HOSTS", "a.example,b example", "which is no host name"),
    ("ALLOWED_HOSTS", "::1", "which is no host name"),
    ("STUDIO_PUBLIC_URL", "https://studio .example", "has a space in it"),
    ("STUDIO_PUBLIC_URL", "https://studio.example:99999", "no number from 1 to 65535"),
    ("STUDIO_PUBLIC_URL", "https://studio.example:0", "no number from 1 to 65535"),
    ("STUDIO_PUBLIC_URL", "https://[::1", "has a bracket that is not closed"),
    ("STUDIO_PUBLIC_URL", "https:///studio", "has no host name"),
    ("STUDIO_PUBLIC_URL", "https://me:hunter2@studio.example", "has a name or a password"),
    ("STUDIO_PUBLIC_URL", "https://studio.example/?a=1", "has a ? or a # in it"),
    ("STUDIO_PUBLIC_URL", "https://studio.example/a/../b", "has a path of other signs"),
    ("STUDIO_PUBLIC_URL", "https://my_studio.example", "has a host name that no browser sends"),
    ("STUDIO_PUBLIC_URL", "https://300.1.1.1", "has no host name that can be"),
    ("STUDIO_PUBLIC_URL", "https://host.example/library", "begins with library/"),
    ("STUDIO_PUBLIC_URL", "https://host.example/operator", "begins with operator/"),
    ("STUDIO_PUBLIC_URL", "https://host.example/static", "begins with static/"),
    ("STUDIO_ADMIN_PATH", "library", "begins with library/"),
    ("STUDIO_ADMIN_PATH", "login/", "begins with login/"),
    ("STUDIO_LOCAL_URL", "http://127.0.0.1:x", "no number from 1 to 65535"),
    ("SIMULATOR_URL", "http://127.0.0.1:99999", "no number from 1 to 65535"),
    ("VIDU_BASE_URL", "https://api.vidu .com", "has a space in it"),
    ("VIDU_CN_BASE_URL", "ftp://api.vidu.cn", "must begin with http://"),
    ("KKIAI_BASE_URL", "https://[", "has a bracket"),
    ("VTRIX_BASE_URL", "vtrix", "must begin with http://"),
    ("STUDIO_S3_URL", "http://bucket:99999", "no number from 1 to 65535"),
    ("STUDIO_PRIVATE_HOSTS", "http://10.0.0.5/pictures", "which is no origin"),
    ("STUDIO_PRIVATE_HOSTS", "ftp://10.0.0.5", "which is no origin"),
    ("STUDIO_PRIVATE_HOSTS", "10.0.0.0/8", "which is no origin"),
    ("STUDIO_PRIVATE_HOSTS", "nas:99999", "which is no origin"),
    ("STUDIO_S3_BUCKET", "My Bucket", "must be the name of a bucket"),
    ("STUDIO_S3_BUCKET", "ab", "must be the name of a bucket"),
    ("STUDIO_S3_BUCKET", "a..b", "must be the name of a bucket"),
    ("STUDIO_S3_BUCKET", "10.0.0.5", "must be the name of a bucket"),
    ("REDIS_URL", "redis://localhost/x", "has a database that is no number"),
    ("REDIS_URL", "redis://localhost/-1", "has a database that is no number"),
    ("REDIS_URL", "redis://localhost?db=x", "has a database that is no number"),
    ("REDIS_URL", "redis://:hunter2@localhost:99999/0", "no number from 1 to 65535"),
    ("REDIS_URL", "redis://:hunter2[@localhost/0", "has a bracket"),
    ("DATABASE_URL", "sqlite://", "names no file"),
    ("DATABASE_URL", "sqlite:///:memory:", "names no file"),
    ("DATABASE_URL", "sqlite:////nowhere/at/all.sqlite3", "there is no such folder"),
    ("DATABASE_URL", "mysql://me:hunter2@db/studio", "does not work with"),
    ("DATABASE_URL", "postgres://me:hunter2[@db/studio", "is no address of a database"),
    ("DATABASE_URL", "postgres://me:hunter2@db:99999/studio", "is no address of a database"),
    ("DATABASE_URL", "postgres://me:hunter2@db", "is no address of a database"),
    ("EMAIL_HOST", "smtp://mail.example", "must be a host name alone"),
    ("EMAIL_FROM", "the studio", "must be an e-mail address"),
    ("STUDIO_QUEUE", "a queue", "must be letters, digits"),
    ("STUDIO_SEND_SECONDS", "0", f"{A_NUMBER} 5 to 150"),
    ("STUDIO_SEND_SECONDS", "600", f"{A_NUMBER} 5 to 150"),
    ("STUDIO_RECONCILE_GRACE", "0", f"{A_NUMBER} 1 to 3600"),
    ("STUDIO_RECONCILE_GAP", "-1", f"{A_NUMBER} 1 to 3600"),
    ("STUDIO_QUEUED_MOST", "0", f"{A_NUMBER} 1 to 1000000"),
    ("STUDIO_WORKERS", "9999", f"{A_NUMBER} 1 to 64"),
    ("STUDIO_WORKERS", "\u0663", f"{A_NUMBER} 1 to 64"),
    ("STUDIO_AUDIT_DAYS", "7", f"{A_NUMBER} 30 to 36500"),
    ("STUDIO_HSTS_PRELOAD", "perhaps", "must be yes or no"),
]


@pytest.mark.parametrize(("name", "value", "sentence"), WRONG)
def test_a_setting_that_cannot_be_right_stops_the_start(name, value, sentence, tmp_path):
    done = check(tmp_path, **{name: value})
    assert done.returncode == 1
    assert done.stderr.startswith(f"The settings are not right: {name} ")
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
    assert "hunter2" not in done.stderr


def test_the_port_of_mail_has_bounds(tmp_path):
    done = check(tmp_path, EMAIL_HOST="mail.example", EMAIL_PORT="99999")
    assert f"EMAIL_PORT {A_NUMBER} 1 to 65535" in done.stderr


def test_what_is_right_starts(tmp_path):
    done = check(
        tmp_path, STUDIO_PUBLIC_URL="https://[2001:db8::1]:8443/x",
        ALLOWED_HOSTS="*,.example.com,10.0.0.5,[::1],xn--e1afmkfd.example", STUDIO_BEHIND_PROXY="1",
        STUDIO_PRIVATE_HOSTS="http://10.0.0.5:9000,nas,[::1]:80,https://my_nas.local",
        EMAIL_HOST="2001:db8::25", EMAIL_FROM="Vidu Studio <studio@example.com>",
        DATABASE_URL=f"sqlite:///{tmp_path}/other.sqlite3", STUDIO_SEND_SECONDS="5",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "value", ["redis://:pass@h:6379/15", "rediss://[::1]:6379/0?ssl_cert_reqs=none", "redis://h",
              "unix:///run/redis.sock?db=3"],
)  # fmt: skip
def test_an_address_of_redis_that_is_right_stays_as_it_is(monkeypatch, value):
    monkeypatch.setenv("REDIS_URL", value)
    assert env.redis("REDIS_URL") == value


def test_a_file_of_sqlite_is_opened_as_the_studios_own(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/x.sqlite3")
    assert env.database("DATABASE_URL") == env.sqlite(tmp_path / "x.sqlite3")


def test_the_web_server_says_it_in_a_sentence_too(tmp_path):
    code = "import vidustudio.asgi"
    done = manage(tmp_path, "shell", "-c", code, STUDIO_PUBLIC_URL="https://a:99999")
    assert "Traceback" not in done.stderr


def test_hosts_below_this_one_and_the_list_of_browsers_are_asked_for(tmp_path):
    shell = ("shell", "--verbosity", "0", "-c")
    code = """from django.conf import settings as s
print(s.SECURE_HSTS_SECONDS, s.SECURE_HSTS_INCLUDE_SUBDOMAINS, s.SECURE_HSTS_PRELOAD)"""
    https = {"STUDIO_PUBLIC_URL": "https://a.example", "STUDIO_BEHIND_PROXY": "yes"}
    plain = manage(tmp_path, *shell, code, **https)
    assert plain.stdout.split() == ["31536000", "False", "False"]
    alone = check(tmp_path, **https, STUDIO_HSTS_PRELOAD="yes")
    assert "STUDIO_HSTS_PRELOAD does nothing alone." in alone.stderr
    both = {"STUDIO_HSTS_PRELOAD": "yes", "STUDIO_HSTS_SUBDOMAINS": "yes"}
    wanted = manage(tmp_path, *shell, code, **https, **both)
    assert wanted.stdout.split() == ["31536000", "True", "True"]


TRIE = """Main:
     |-- 10.0.0.5
        /32 host LOCAL
     |-- 10.0.0.255
        /32 link BROADCAST
     |-- 127.0.0.1
        /32 host LOCAL
     |-- 192.168.7.9
        /32 host LOCAL
"""
INET6 = """00000000000000000000000000000001 01 80 10 80       lo
fe800000000000000042acfffe110002 02 40 20 80     eth0
20010db8000000000000000000000005 02 40 00 80     eth0
"""


def test_everywhere_means_each_address_of_this_machine(monkeypatch, tmp_path):
    (tmp_path / "trie").write_text(TRIE)
    (tmp_path / "inet6").write_text(INET6)
    monkeypatch.setattr(own_names.socket, "gethostname", lambda: "my_box")  # no browser sends it
    monkeypatch.setattr(own_names, "resolved", lambda _name: ["10.0.0.5", "::1"])
    four, six = own_names.ipv4(tmp_path / "trie"), own_names.ipv6(tmp_path / "inet6")
    monkeypatch.setattr(own_names, "ipv4", lambda: four)
    monkeypatch.setattr(own_names, "ipv6", lambda: six)
    numbers = ["10.0.0.5", "192.168.7.9"]
    assert own_names.own_names(own_names.EVERYWHERE[0]) == numbers
    assert own_names.own_names("::") == [*numbers, "[2001:db8::5]"]
    assert own_names.own_names("127.0.0.1") == []
    assert own_names.own_names("2001:db8::5") == ["[2001:db8::5]"]


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["10.1.2.3:8000", "node-7", "a b", ""])
def test_a_balancer_may_ask_by_whatever_name_and_nobody_else(client, host):
    assert client.get("/healthz", headers={"Host": host}).status_code == 200
    assert client.get("/readyz", headers={"Host": host}).status_code in (200, 503)
    if host:
        assert client.get("/login/", headers={"Host": host}).status_code == 400
        assert client.get("/healthz/x", headers={"Host": host}).status_code == 400


def test_a_word_of_another_kind_is_no_path(monkeypatch):
    monkeypatch.setenv("STUDIO_ADMIN_PATH", "a/../b")
    with pytest.raises(ImproperlyConfigured, match="STUDIO_ADMIN_PATH must be letters"):
        env.path("STUDIO_ADMIN_PATH", "operator/")
