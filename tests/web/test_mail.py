"""Mail that cannot be sent: a sentence for the person, a line for the log, no hanging page."""

import socket
import threading

import pytest

from generation.web.lanes import MAIL, PAGES, REFUSED_BY, RUNS_IN

REFUSED = "The studio&#x27;s mail server did not take the mail."


@pytest.fixture
def smtp(settings):
    settings.EMAIL_BACKEND = "generation.web.mail.SmtpBackend"
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS = "127.0.0.1", False
    settings.EMAIL_TIMEOUT = 5
    return settings


def reset(visitor, email="nadia@example.test", **environ):
    return visitor.post("/password/reset/", {"email": email}, **environ)


def test_a_server_that_is_away_is_a_sentence(visitor, user, smtp, caplog):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        smtp.EMAIL_PORT = closed.getsockname()[1]
    answer = reset(visitor)
    assert answer.status_code == 503
    assert REFUSED in answer.content.decode()
    assert "mail was not sent: ConnectionRefusedError" in caplog.text
    assert user.email not in caplog.text


def test_a_server_that_refuses_is_a_sentence(visitor, user, smtp, caplog):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        smtp.EMAIL_PORT = listener.getsockname()[1]

        def refuse() -> None:
            with listener.accept()[0] as link:
                link.sendall(b"554 we take nothing from nadia@example.test\r\n")
                link.recv(100)

        server = threading.Thread(target=refuse)
        server.start()
        answer = reset(visitor)
        server.join()
    assert answer.status_code == 503
    assert REFUSED in answer.content.decode()
    assert "mail was not sent: SMTPConnectError 554" in caplog.text
    assert user.email not in caplog.text


def test_mail_is_sent_in_a_lane_of_its_own(visitor, user, mailoutbox):
    answer = reset(visitor, **{RUNS_IN: PAGES})
    assert getattr(answer, "lane", "") == MAIL
    assert not mailoutbox
    assert reset(visitor, **{RUNS_IN: MAIL}).status_code == 302
    assert len(mailoutbox) == 1


def test_too_much_mail_at_once_is_a_sentence(visitor, user, mailoutbox):
    answer = reset(visitor, **{RUNS_IN: PAGES, REFUSED_BY: MAIL})
    assert answer.status_code == 503
    assert "The studio is busy with other mail" in answer.content.decode()
    assert not mailoutbox
