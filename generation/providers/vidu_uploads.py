"""Vidu's upload route: for images that make a create request too large."""

import asyncio
from urllib.parse import quote, urlsplit

from generation.catalogue.types import gettext_noop
from generation.providers import map_errors
from generation.providers.base import InputFile, checked
from generation.providers.error_texts import ASK_PROVIDER, LATER
from generation.providers.errors import NotFound, NotReached, Refused
from generation.providers.http import Http
from generation.providers.parse import first_text, identity
from generation.providers.request_body import (
    MEGABYTE,
    Body,
    largest_first,
    too_large,
    unsendable,
    wire_size,
)

PATH = "/tools/v2/files/uploads"
TOO_LARGE = 10 * MEGABYTE  # from here on the route takes no image
URI_SIZE = 100  # generous; an address like "ssupload:?id=..." takes far less
PRIVATE_SUFFIXES = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "arpa")


async def lighten(http: Http, body: Body) -> Body:
    """Upload the largest images until the rest fits; decided before anything is uploaded."""
    places = to_upload(body)
    try:
        async with asyncio.timeout(http.deadlines.upload):
            urls = {place: await upload(http, body.files[place].file) for place in places}
    except TimeoutError:
        sentence = gettext_noop("Uploading the images took too long.")
        raise NotReached(sentence, advice=LATER) from None
    except NotFound:  # a host without this route
        raise too_large(body) from None
    return body.replaced(urls)


def to_upload(body: Body) -> list[int]:
    """Positions of the images to upload. TooLarge when that would not be enough."""
    excess, chosen, stuck = body.excess, [], unsendable(body)
    for place in largest_first(body.files):
        if excess <= 0:
            break
        file = body.files[place].file
        if len(file.data) >= TOO_LARGE:
            stuck.append(place)
            continue
        chosen.append(place)
        excess -= wire_size(file) - URI_SIZE
    if excess > 0:
        raise too_large(body, sorted(set(stuck)))
    return chosen


async def upload(http: Http, image: InputFile) -> str:
    """Three steps: ask for a place, put the bytes there, say that it is done."""
    made = checked(await http.call("POST", PATH, {"scene": "vidu"}))
    name, put_url = identity(made.get("id")), first_text(made, "put_url")
    if not name or not may_receive(put_url, http.base_url):
        sentence = gettext_noop("The provider named no safe place for the image.")
        raise Refused(sentence, field="images", advice=ASK_PROVIDER)
    etag = await put(http, put_url, image)
    path = f"{PATH}/{quote(name, safe='')}/finish"
    done = checked(await http.call("PUT", path, {"etag": etag}))
    uri = first_text(done, "uri")
    return uri if uri.startswith("ssupload:") else f"ssupload:?id={name}"


async def put(http: Http, url: str, image: InputFile) -> str:
    """Store the bytes and return their etag.

    The header carries it in quotes, which belong to the header's grammar and not to the value.
    Whether Vidu wants them back is not documented; storage services take it without.
    """
    reply = await http.put_file(url, image.data, image.mime)
    if 200 <= reply.status < 300:
        return reply.headers.get("etag", "").strip('"')
    sentence = gettext_noop("The provider's storage did not take an image.")
    # What a foreign storage says of rights or limits says nothing about our key.
    kind = Refused if 400 <= reply.status < 500 else NotReached
    raise kind(sentence, field="images", advice=LATER, **map_errors.facts(reply))


def may_receive(put_url: str, base_url: str) -> bool:
    """Bytes go to the provider's own origin, or over TLS to a host with a public name."""
    try:
        there, home = urlsplit(put_url), urlsplit(base_url)
        ports = there.port, home.port
    except ValueError:
        return False
    if there.username or not there.hostname or there.scheme not in ("http", "https"):
        return False
    if (there.scheme, there.hostname, ports[0]) == (home.scheme, home.hostname, ports[1]):
        return True
    return there.scheme == "https" and ports[0] in (None, 443) and is_public_name(there.hostname)


def is_public_name(host: str) -> bool:
    """A name with a dot whose last part is no number, and none that stands for a local network."""
    last = host.rstrip(".").rpartition(".")[2]
    return "." in host and ":" not in host and last.isalpha() and last not in PRIVATE_SUFFIXES
