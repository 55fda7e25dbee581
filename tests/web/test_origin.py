"""Where a request came from, as the audit log keeps it."""

import pytest
from django.test import RequestFactory
from django.urls import reverse

from generation.models import AuditEvent
from generation.models.audit import NOWHERE, origin
from generation.web.middleware import origin_of, shown_ip

ADDRESSES = [
    ("203.0.113.77", "203.0.113.0/24"),
    ("10.0.0.1", "10.0.0.0/24"),
    ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
    ("::1", "::/48"),
]


@pytest.mark.parametrize(("address", "network"), ADDRESSES)
def test_of_an_address_the_network_is_kept(address, network):
    assert shown_ip(address) == network


@pytest.mark.parametrize(("address", "network"), ADDRESSES)
def test_the_whole_of_it_where_the_operator_wants_that(address, network, settings):
    settings.AUDIT_FULL_IP = True
    assert shown_ip(address) == address


@pytest.mark.parametrize("text", ["", "unix:", "203.0.113", "<script>"])
def test_what_is_no_address_is_left_out(text):
    assert shown_ip(text) == ""


def test_the_session_is_told_by_a_hint_that_opens_nothing():
    request = RequestFactory(headers={"Cookie": "sessionid=0123456789abcdef"}).get("/")
    request.COOKIES = {"session": "0123456789abcdef"}
    hint = origin_of(request).session_hint
    assert len(hint) == 8
    assert hint not in "0123456789abcdef"
    request.COOKIES = {}
    assert origin_of(request).session_hint == ""


@pytest.mark.parametrize(("full", "kept"), [(False, "198.51.100.0/24"), (True, "198.51.100.23")])
def test_an_act_is_written_with_it_and_the_next_one_with_its_own(client, settings, full, kept):
    settings.AUDIT_FULL_IP = full
    facts = {"name": "Spring", "description": ""}
    browser = {"REMOTE_ADDR": "198.51.100.23", "HTTP_USER_AGENT": "Browser " * 40}
    client.post(reverse("project-new"), facts, **browser)
    first = AuditEvent.objects.get()
    assert (first.ip, first.user_agent) == (kept, ("Browser " * 40)[:200])
    assert first.session_hint
    assert origin.get() == NOWHERE
    client.post(reverse("project-new"), facts)
    assert AuditEvent.objects.latest("pk").ip.startswith("127.0.0.")
