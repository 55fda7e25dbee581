"""What goes wrong tells a sentence and the request's id, and nothing of the inside (X12)."""

import pytest
from django.conf import settings
from django.test import Client

HOW = [("400", 400), ("403", 403), ("404", 404), ("413", 400), ("500", 500), ("sql", 500)]
INSIDE = ("Traceback", "site-packages", ".py", "SELECT", "no_such_table", "DJANGO", "Django",
          "settings", "Exception", "RuntimeError", "OperationalError")  # fmt: skip


def assert_reveals_nothing(response):
    text = response.content.decode() + str(response.headers)
    leaked = [word for word in INSIDE if word in text]
    paths = [str(settings.BASE_DIR), str(settings.DATA_DIR), "/home/", "/usr/"]
    assert not leaked + [path for path in paths if path in text]
    for secret in (settings.SECRET_KEY, *settings.DATA_KEYS):
        assert secret not in text


@pytest.mark.urls("tests.security.breaking_urls")
@pytest.mark.parametrize(("how", "status"), HOW)
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_an_error_page_reveals_nothing(client, how, status, headers):
    client.raise_request_exception = False
    response = client.get(f"/broken/{how}/", headers=headers)
    assert response.status_code == status
    assert_reveals_nothing(response)
    assert headers or response["X-Request-Id"] in response.content.decode()


def test_an_unknown_address_and_a_missing_token(client):
    strict = Client(enforce_csrf_checks=True)
    for response, status in (
        (client.get("/no/such/page/"), 404),
        (client.get("/tasks/99999999999999999999999/"), 404),
        (client.get("/media/1/../../../etc/passwd"), 404),
        (strict.post("/login/", {}), 403),
        (client.get("/", headers={"Host": "evil.example"}), 400),
    ):
        assert response.status_code == status
        assert_reveals_nothing(response)


def test_a_body_that_cannot_be_read(client):
    broken = client.post("/settings/keys/add/", b"x", content_type="multipart/form-data")
    many = client.post("/settings/keys/add/", {f"field{n}": "" for n in range(400)})
    for response in (broken, many):
        assert response.status_code in (400, 422)
        assert_reveals_nothing(response)
