"""Where a fetch may go: nothing is dialled that is not on the public internet."""

import socket
import threading
from io import BytesIO

import pytest

from generation import outbound
from generation.outbound import client
from generation.outbound.guard import is_own, is_public, look_up
from tests.outbound.network import PUBLIC, Dialer, Names, get, moved, ok, server

HOSTILE = [
    "http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f000001/",
    "http://0177.0.0.1/", "http://0x7f.1/", "http://0/", "http://0.0.0.0/", "http://10.0.0.1/",
    "http://172.16.0.1/", "http://172.31.255.254/",
    "http://192.168.1.1/", "http://169.254.169.254/",
    "http://100.64.0.1/", "http://100.100.100.200/", "http://192.0.0.192/", "http://192.0.2.1/",
    "http://198.18.0.1/", "http://198.51.100.1/", "http://203.0.113.1/", "http://224.0.0.1/",
    "http://240.0.0.1/", "http://255.255.255.255/", "http://168.63.129.16/", "http://[::1]/",
    "http://[::]/", "http://[::127.0.0.1]/", "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:93.184.216.34]/", "http://[64:ff9b::7f00:1]/", "http://[64:ff9b:1::1]/",
    "http://[2002:7f00:1::]/", "http://[2001:0:7f00:1::]/", "http://[fec0::1]/",
    "http://[fe80::1]/", "http://[fc00::1]/", "http://[fd00:ec2::254]/", "http://[ff02::1]/",
    "http://[2001:db8::1]/", "http://[3fff::1]/", "http://[5f00::1]/", "http://inside.test/",
    "http://mixed.test/", "http://mixed6.test/", "http://localhost./", "http://nowhere.test/",
    "file:///etc/passwd", "ftp://cdn.test/a", "gopher://cdn.test/", "data:text/html,hi",
    "//cdn.test/a", "cdn.test/a", "", "http://", "http:///a", "http://cdn.test:22/",
    "http://cdn.test:8080/", "https://cdn.test:6379/", "http://me@cdn.test/",
    "http://me:secret@cdn.test/", "http://cdn.test\r\nX: y/", "http://\uff11\uff12\uff17.0.0.1/",
    "http://[::1", "http://cdn.test:99999/",
]  # fmt: skip
NAMES = {
    "cdn_test": [[PUBLIC]],
    "inside_test": [["10.1.2.3"]],
    "mixed_test": [[PUBLIC, "127.0.0.1"]],
    "mixed6_test": [[PUBLIC, "::1"]],
    "localhost_": [["127.0.0.1"]],
}


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_address_is_never_dialled(url):
    dialer = Dialer()
    with pytest.raises((outbound.Blocked, outbound.Unreachable)):
        get(url, dialer, Names(**NAMES))
    assert dialer.dialled == []


@pytest.mark.parametrize(
    "address", [PUBLIC, "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1", "2a00:1450::1"]
)
def test_public_addresses_pass(address):
    assert is_public(address)


def test_an_address_of_this_machine_is_its_own():
    assert is_own("127.0.0.1")
    assert not is_own("192.0.2.1")


def test_an_own_address_is_not_dialled_even_when_it_is_public(monkeypatch):
    monkeypatch.setattr("generation.outbound.guard.is_own", lambda address: address == PUBLIC)
    dialer = Dialer()
    with pytest.raises(outbound.Blocked):
        get("http://cdn.test/", dialer)
    assert dialer.dialled == []


def test_the_checked_address_is_dialled_when_the_name_changes_its_answer():
    names = Names(cdn_test=[[PUBLIC], ["127.0.0.1"]])
    with server(ok(b"picture")) as (port, seen):
        dialer = Dialer(port)
        body = get("http://cdn.test/a.png?x=1#part", dialer, names)
    assert body == b"picture"
    assert dialer.dialled == [(PUBLIC, 80)]
    assert seen[0].startswith(b"GET /a.png?x=1 HTTP/1.1\r\nHost: cdn.test\r\n")


def test_the_request_says_little_about_us():
    with server(ok(b"")) as (port, seen):
        get("http://cdn.test/", Dialer(port))
    head = seen[0].lower()
    assert b"user-agent: vidustudio\r\n" in head
    assert b"accept-encoding: identity\r\n" in head
    assert b"cookie" not in head
    assert b"authorization" not in head


def test_a_name_is_looked_up_again_for_every_redirect():
    names = Names(cdn_test=[[PUBLIC], ["192.168.0.9"]])
    with server(moved("http://cdn.test/second")) as (port, _seen):
        dialer = Dialer(port)
        with pytest.raises(outbound.Blocked):
            get("http://cdn.test/", dialer, names)
    assert dialer.dialled == [(PUBLIC, 80)]


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1/", "http://inside.test/", "file:///etc/passwd", "//169.254.169.254/x",
     "http://cdn.test:8080/", "http://me@cdn.test/", "http://[::1"],
)  # fmt: skip
def test_a_redirect_is_checked_like_the_first_address(target):
    with server(moved("/two", 307), moved(target)) as (port, _seen):
        dialer = Dialer(port)
        with pytest.raises(outbound.Blocked):
            get("http://cdn.test/", dialer, Names(**NAMES))
    assert len(dialer.dialled) == 2


def test_three_redirects_are_followed_and_a_fourth_is_not():
    hops = [moved(f"/{number}") for number in range(1, 5)]
    with server(*hops[:3], ok(b"there")) as (port, seen):
        body = get("http://cdn.test/", Dialer(port))
    assert body == b"there"
    assert [one.split()[1] for one in seen] == [b"/", b"/1", b"/2", b"/3"]
    with server(*hops) as (port, seen), pytest.raises(outbound.Blocked):
        get("http://cdn.test/", Dialer(port))
    assert len(seen) == 4


def test_only_https_may_be_asked_for():
    dialer = Dialer()
    with pytest.raises(outbound.Blocked):
        get("http://cdn.test/", dialer, https_only=True)
    assert dialer.dialled == []


@pytest.mark.parametrize(
    "entry", ["http://127.0.0.1:{}", "http://127.0.0.1:{}/base/", "127.0.0.1:{}"]
)
def test_what_the_operator_configured_may_be_private_and_on_any_port(entry):
    with server(ok(b"demo")) as (port, _seen):
        url = f"http://127.0.0.1:{port}/a"
        body = get(url, Dialer(port), allowed=[entry.format(port)])
    assert body == b"demo"


@pytest.mark.parametrize(
    "entry", ["http://127.0.0.1:1", "https://127.0.0.1:81", "127.0.0.1", "localhost:81", "http://["]
)
def test_another_port_host_or_scheme_is_not_what_was_configured(entry):
    dialer = Dialer()
    with pytest.raises(outbound.Blocked):
        get("http://127.0.0.1:81/", dialer, allowed=[entry])
    assert dialer.dialled == []


def test_a_stranger_cannot_lead_into_the_operators_hosts():
    with server(moved("http://nas.test:9000/private")) as (port, _seen):
        dialer = Dialer(port)
        names = Names(cdn_test=[[PUBLIC]], nas_test=[["10.0.0.5"]])
        with pytest.raises(outbound.Blocked):
            get("http://cdn.test/", dialer, names, allowed=["http://nas.test:9000"])
    assert dialer.dialled == [(PUBLIC, 80)]


def test_names_that_are_unknown_and_names_of_the_inside_read_alike():
    sentences = set()
    for url in ("http://inside.test/", "http://nowhere.test/"):
        with pytest.raises(outbound.OutboundError) as caught:
            get(url, Dialer(), Names(**NAMES))
        sentences.add(caught.value.sentence)
    assert len(sentences) == 1


def test_the_systems_resolver_is_bounded_in_time(monkeypatch):
    stuck = threading.Event()

    def wait(*_, **__):
        stuck.wait(20)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", wait)
    assert look_up("slow.test", 80, 0.05) == []
    stuck.set()


def test_the_systems_resolver_reads_numbers_in_any_spelling():
    assert look_up("2130706433", 80, 5) == ["127.0.0.1"]
    assert look_up("a" * 70 + ".test", 80, 5) == []


def test_with_the_real_resolver_nothing_connects_to_a_local_listener(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        port = listener.getsockname()[1]
        monkeypatch.setitem(client.PORTS, "http", port)
        for host in ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "0", "[::1]"):
            with pytest.raises(outbound.Blocked):
                outbound.fetch(f"http://{host}:{port}/", into=BytesIO(), max_bytes=9)
        with pytest.raises(BlockingIOError):
            listener.accept()
