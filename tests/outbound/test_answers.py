"""What a hostile or broken server can send, and what becomes of it."""

import gzip
import itertools
import socket
import ssl
import struct
import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from generation import outbound
from generation.outbound import client
from tests.outbound.network import PUBLIC, Dialer, Names, get, moved, ok, server

HEAD = b"HTTP/1.1 200 OK\r\n"


def reset(peer):
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def silent(peer):
    peer.settimeout(3)
    peer.recv(1)


def drip(peer):
    peer.sendall(HEAD + b"Content-Length: 100000\r\n\r\n")
    peer.settimeout(0.02)
    for _ in range(1_500):
        peer.sendall(b"x")
        try:
            if not peer.recv(1):
                return
        except TimeoutError:
            continue


def endless(peer):
    peer.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + bytes(65_536) + b"\r\n"
    for _ in range(2_000):
        peer.sendall(chunk)


def failure(url="http://cdn.test/", *answers, **more):
    with server(*answers) as (port, _seen), pytest.raises(outbound.OutboundError) as caught:
        get(url, Dialer(port), **more)
    return caught.value


def test_the_bytes_of_the_answer_are_copied():
    with server(ok(b"abc", "Content-Type: Image/PNG; charset=x", "Set-Cookie: a=b")) as (port, _):
        body = get("http://cdn.test/", Dialer(port))
    assert body == b"abc"


def test_refused_reset_silent_and_missing_read_alike():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # ours, and it does not listen
        with pytest.raises(outbound.Unreachable) as refused:
            get("http://cdn.test/", Dialer(closed.getsockname()[1]))
    others = [
        failure("http://cdn.test/", reset),
        failure("http://cdn.test/", silent, deadline=0.2),
        failure("http://cdn.test/", b"HTTP/1.1 500 No\r\nContent-Length: 6\r\n\r\nsecret"),
        failure("http://cdn.test/", b"SSH-2.0-OpenSSH_9.6\r\n"),
    ]
    assert {error.sentence for error in others} == {refused.value.sentence}


def test_a_slow_drip_ends_at_the_deadline():
    start = time.monotonic()
    error = failure("http://cdn.test/", drip, deadline=0.4)
    assert isinstance(error, outbound.Truncated)
    assert time.monotonic() - start < 15


def test_an_endless_answer_ends_at_the_cap():
    assert isinstance(failure("http://cdn.test/", endless), outbound.DownloadTooLarge)


def test_an_announced_giant_is_not_read():
    giant = HEAD + b"Content-Length: 10000000000\r\n\r\n"
    assert isinstance(failure("http://cdn.test/", giant), outbound.DownloadTooLarge)


def test_exactly_the_most_is_allowed_and_one_byte_more_is_not():
    with server(ok(bytes(100))) as (port, _):
        body = get("http://cdn.test/", Dialer(port), max_bytes=100)
    assert body == bytes(100)
    chunked = HEAD + b"Transfer-Encoding: chunked\r\n\r\n65\r\n" + bytes(101) + b"\r\n0\r\n\r\n"
    for more in (ok(bytes(101)), chunked):
        error = failure("http://cdn.test/", more, max_bytes=100)
        assert isinstance(error, outbound.DownloadTooLarge)


def test_packed_answers_are_refused_unread():
    bomb = gzip.compress(bytes(10_000_000))
    error = failure("http://cdn.test/", ok(bomb, "Content-Encoding: gzip"))
    assert isinstance(error, outbound.Blocked)


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"Content-Length: 50\r\n\r\nshort",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nnonsense\r\n",
    ],
)
def test_an_answer_that_breaks_off_is_not_complete(answer):
    assert isinstance(failure("http://cdn.test/", answer), outbound.Truncated)


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"X-Big: " + b"a" * 300_000 + b"\r\n\r\n",
        HEAD + b"".join(b"X-%d: a\r\n" % n for n in range(30_000)) + b"\r\n",
        HEAD + b"Content-Length: 3\r\nContent-Length: 9\r\n\r\nabc",
        b"HTTP/1.1 103 Early Hints\r\n\r\n" * 3,
    ],
)
def test_malformed_heads_are_unreachable(answer):
    error = failure("http://cdn.test/", answer, deadline=2)
    assert type(error) in (outbound.Unreachable, outbound.Truncated)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_refused_link_has_an_error_of_its_own(status):
    error = failure("http://cdn.test/", f"HTTP/1.1 {status} No\r\n\r\n".encode())
    assert isinstance(error, outbound.LinkExpired)
    assert error.status == status


@pytest.mark.parametrize("status", [204, 206, 300, 304, 429, 500, 503])
def test_any_other_status_is_not_the_file(status):
    error = failure("http://cdn.test/", f"HTTP/1.1 {status} No\r\n\r\n".encode())
    assert type(error) is outbound.BadStatus


def test_a_full_disk_is_not_blamed_on_the_sender():
    class Full:
        def write(self, _chunk):
            raise OSError(28, "No space left on device")

    with server(ok(b"abc")) as (port, _), pytest.raises(OSError, match="No space"):
        outbound.fetch(
            "http://cdn.test/", into=Full(), max_bytes=9,
            resolver=Names(cdn_test=[[PUBLIC]]), dialer=Dialer(port),
        )  # fmt: skip


def test_the_next_address_is_tried_when_one_does_not_answer():
    with server(ok(b"second")) as (port, _):
        dialer = Dialer(port)
        dialer.ports = itertools.chain([1], itertools.repeat(port))
        connect = dialer.connect_tcp
        dialer.connect_tcp = lambda *a: setattr(dialer, "port", next(dialer.ports)) or connect(*a)
        body = get("http://cdn.test/", dialer, Names(cdn_test=[["8.8.8.8", PUBLIC]]))
    assert body == b"second"
    assert [address for address, _port in dialer.dialled] == ["8.8.8.8", PUBLIC]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-signed certificate for cdn.test: a server context and a context that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "cdn.test")])
    now = datetime.now(UTC)
    cert = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("cdn.test")]), False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    plain = serialization.NoEncryption()
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain
        ) + cert.public_bytes(serialization.Encoding.PEM)
    )  # fmt: skip
    serve = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serve.load_cert_chain(file)
    return serve, ssl.create_default_context(cafile=file)


def over_tls(context, answer):
    def talk(peer):
        with context.wrap_socket(peer, server_side=True) as safe:
            safe.recv(65_536)
            safe.sendall(answer)

    return talk


@pytest.fixture
def tls_server(certificate, monkeypatch):
    serve, trust = certificate
    monkeypatch.setattr(client, "outbound_tls", lambda: trust)
    return lambda *answers: server(*(over_tls(serve, answer) for answer in answers), peek=True)


def test_the_name_and_not_the_address_is_asked_for_over_tls(tls_server):
    with tls_server(ok(b"safe")) as (port, _):
        dialer = Dialer(port)
        body = get("https://cdn.test/a", dialer)
    assert body == b"safe"
    assert dialer.dialled == [(PUBLIC, 443)]


def test_a_certificate_of_another_name_is_refused(tls_server):
    with tls_server(ok(b"safe")) as (port, _), pytest.raises(outbound.Unreachable):
        get("https://other.test/a", Dialer(port), Names(other_test=[[PUBLIC]]))


def test_https_never_leads_on_to_http(tls_server):
    with tls_server(moved("http://cdn.test/plain")) as (port, _):
        dialer = Dialer(port)
        with pytest.raises(outbound.Blocked):
            get("https://cdn.test/a", dialer)
    assert dialer.dialled == [(PUBLIC, 443)]


def test_a_proxy_of_the_environment_is_not_used(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with server(ok(b"direct")) as (port, _):
        body = get("http://cdn.test/", Dialer(port))
    assert body == b"direct"


def test_the_connection_is_closed_after_a_refusal():
    class Watched(Dialer):
        def connect_tcp(self, *args):
            self.stream = super().connect_tcp(*args)
            return self.stream

    with server(ok(bytes(200))) as (port, _):
        dialer = Watched(port)
        with pytest.raises(outbound.DownloadTooLarge):
            get("http://cdn.test/", dialer, max_bytes=100)
        assert dialer.stream.get_extra_info("socket").fileno() == -1
