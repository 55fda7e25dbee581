"""A link with three things in it, and the browser of a guest."""

from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse

from generation.models import Collection, Output, ShareLink, Team, Visitor
from tests.factories import make_collection, make_link, make_output, make_task

PROMPT = "Canary amber flacon on wet stone"
FILE = "canary-secret-name.png"


@dataclass
class Shared:
    link: ShareLink
    token: str
    collection: Collection
    outputs: list[Output]

    def path(self, name: str = "share", *args: object) -> str:
        return reverse(name, args=[self.token, *args])

    def set(self, **fields: object) -> None:
        ShareLink.objects.filter(pk=self.link.pk).update(**fields)
        self.link.refresh_from_db()


@pytest.fixture
def shared(user) -> Shared:
    outputs = [
        make_output(user, make_task(user, status="succeeded", prompt=f"{PROMPT} {place}"))
        for place in range(3)
    ]
    for output in outputs:
        type(output.media).objects.filter(pk=output.media_id).update(name=FILE)
    Team.objects.update(name="Studio Nord")
    collection = make_collection(user, outputs, name="Canary internal name")
    link = make_link(user, collection=collection, title="First selects")
    return Shared(link, link.token(), collection, outputs)


@pytest.fixture
def guest() -> Client:
    """A browser that nobody is logged in with."""
    return Client(headers={"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0"})


def visitor_of(link: ShareLink) -> Visitor:
    return link.visitors.order_by("-pk")[0]
