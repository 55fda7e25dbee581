"""The library of subjects: made, charged, changed, listed, and spoken of in requests."""

from typing import Any

import httpx
import pytest

from tests.simulator.asking import headers, image, uri
from tests.simulator.results import accepted, ask, make, video, video_uri
from tests.simulator.server import Running

RED = uri(256, 256)
WIDE = uri(512, 288)
SUBJECTS = "/ent/v2/subjects"


def kept(http: Any, key: str = "a-key", /, **body: Any) -> dict[str, Any]:
    """A new subject of the official library."""
    return accepted(http, "subjects", "vidu", key, **{"name": "Mira", "images": [RED], **body})


def listed(http: Any, key: str = "a-key", **asked: Any) -> dict[str, Any]:
    reply = http.get(SUBJECTS, params=asked, headers=headers("vidu", key))
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


def changed(http: Any, subject_id: str, key: str = "a-key", **body: Any) -> httpx.Response:
    return http.request("PUT", f"{SUBJECTS}/{subject_id}", json=body, headers=headers("vidu", key))


def test_a_subject_is_made_charged_and_shown_again(sim: Running) -> None:
    data = kept(sim.http, images=[RED, "https://a.example/b.png"], voice_id="calm-1")
    assert (data["name"], data["credits"], data["voice_id"]) == ("Mira", 5, "calm-1")
    [row] = sim.ledger()
    assert (row["remote_id"], row["model"]) == (data["id"], "subjects")
    shown = sim.http.get(data["images"][0])
    assert (shown.headers["content-type"], shown.content) == ("image/png", image())
    assert data["images"][1] == "https://a.example/b.png"
    left = sim.http.get("/ent/v2/credits", headers=headers("vidu")).json()["remains"][0]
    assert left["credit_remain"] == 10_000 - 5
    [again] = listed(sim.http)["subjects"]
    assert (again["id"], again["name"]) == (data["id"], "Mira")
    assert sim.http.get(again["images"][0]).content == image()


def test_the_demo_charges_nothing_for_a_subject(inside: Any) -> None:
    data = accepted(inside, "subjects", "demo", name="Mira", images=[RED])
    assert data["credits"] == 0


def test_the_address_of_an_image_is_signed_and_ends(sim: Running) -> None:
    address = kept(sim.http)["images"][0]
    assert sim.http.get(address.replace("/library/1", "/library/2")).status_code == 403
    sim.settings(expiry=-1)
    assert sim.http.get(listed(sim.http)["subjects"][0]["images"][0]).status_code == 403


def test_a_subject_from_a_video(http: httpx.Client) -> None:
    data = kept(http, images=[], videos=[video_uri(5)])
    assert http.get(data["videos"][0]).content == video(5)
    reply = ask(http, "subjects", name="Long", videos=[video_uri(6)])
    assert (reply.status_code, reply.json()["reason"]) == (400, "FieldInvalid")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"images": [RED]}, "FieldLacking"),
        ({"name": " ", "images": [RED]}, "FieldLacking"),
        ({"name": "x" * 65, "images": [RED]}, "FieldInvalid"),
        ({"name": "x", "images": []}, "FieldItemCountOutOfRange"),
        ({"name": "x", "images": [RED] * 4}, "FieldItemCountOutOfRange"),
        ({"name": "x", "images": [RED] * 3, "videos": [video_uri(1)]}, "FieldItemCountOutOfRange"),
        ({"name": "x", "videos": [video_uri(1)] * 2}, "FieldItemCountOutOfRange"),
        ({"name": "x", "images": [uri(100, 100)]}, "PageSizeOutOfRange"),
        ({"name": "x", "images": [RED], "style": "x" * 101}, "FieldInvalid"),
        ({"name": "x", "images": [RED], "colour": "red"}, "FieldUnwanted"),
        ({"name": "x [fail: moderation]", "images": [RED]}, "AuditSubmitIllegal"),
    ],
)
def test_what_a_new_subject_may_not_be(sim: Running, body: dict[str, Any], reason: str) -> None:
    reply = ask(sim.http, "subjects", **body)
    assert (reply.status_code, reply.json()["reason"]) == (400, reason), reply.text
    assert sim.ledger() == []


def test_a_subject_is_changed(http: httpx.Client) -> None:
    subject_id = kept(http)["id"]
    data = changed(
        http, subject_id, name="Mira K", images=[WIDE], style="ink", description="A pilot"
    ).json()
    assert (data["id"], data["name"], data["style"]) == (subject_id, "Mira K", "ink")
    assert data["description"] == "A pilot"
    assert http.get(data["images"][0]).content == image(512, 288)
    data = changed(http, subject_id, images=[RED], videos=[video_uri(2)]).json()
    assert (data["images"], len(data["videos"]), data["name"]) == ([], 1, "Mira K")
    assert changed(http, subject_id, description="x" * 2_001).status_code == 400
    assert changed(http, subject_id, name="").status_code == 400
    assert changed(http, subject_id, key="another", name="Theirs").status_code == 404
    assert changed(http, "1", name="Nobody").status_code == 404


def test_the_library_comes_a_page_at_a_time(inside: Any) -> None:
    ids = [kept(inside, "pager", name=f"S{place}")["id"] for place in range(5)][::-1]
    first = listed(inside, "pager", count=3)
    second = listed(inside, "pager", count=3, next_page_token=first["next_page_token"])
    seen = [one["id"] for page in (first, second) for one in page["subjects"]]
    assert (seen, second["next_page_token"]) == (ids, "")
    assert (first["count"], second["count"]) == (3, 2)
    some = listed(inside, "pager", **{"subject_ids[]": ids[1:3]})["subjects"]
    assert [one["id"] for one in some] == ids[1:3]
    assert listed(inside, "pager", ownership="system")["subjects"] == []
    assert listed(inside, "nobody")["subjects"] == []
    for wrong in ({"count": 101}, {"count": 0}, {"ownership": "all"}):
        reply = inside.get(SUBJECTS, params=wrong, headers=headers("vidu", "pager"))
        assert reply.status_code == 400
    body = {"count": 1}  # the page prints the questions as a body
    reply = inside.request("GET", SUBJECTS, json=body, headers=headers("vidu", "pager"))
    assert len(reply.json()["subjects"]) == 1


def test_the_reply_to_a_new_subject_can_be_lost(sim: Running) -> None:
    sim.faults({"kind": "drop", "when": "after", "count": 1, "match": {"path": "subjects"}})
    with pytest.raises(httpx.RemoteProtocolError):
        kept(sim.http)
    with pytest.raises(httpx.RemoteProtocolError):
        kept(sim.http, name="[fail: lost]")
    assert len(sim.ledger()) == len(listed(sim.http)["subjects"]) == 2
    sim.faults({"kind": "status", "status": 429, "match": {"path": "subjects", "prompt": "Odile"}})
    assert ask(sim.http, "subjects", name="Odile", images=[RED]).status_code == 429
    assert ask(sim.http, "subjects", name="Kenji", images=[RED]).status_code == 200


def test_a_subject_of_the_library_is_spoken_of(http: httpx.Client) -> None:
    mira = kept(http, images=[WIDE])["id"]
    body = {"model": "viduq3", "prompt": "@Mira waves", "duration": 3, "aspect_ratio": "1:1"}
    subjects = [{"name": "Mira", "server_id": mira}, {"name": "hat", "images": [RED]}]
    _, made = make(http, "reference2video", **body, subjects=subjects)
    assert (made.seconds, made.size, made.audio) == (3, (720, 720), True)
    wrong = [{"name": "Mira", "server_id": "12"}]
    reply = ask(http, "reference2video", **body, subjects=wrong)
    assert (reply.status_code, reply.json()["reason"]) == (400, "FieldInvalid")
    assert "server_id" in reply.json()["message"] or "library" in reply.json()["message"]
    assert ask(http, "reference2video", "vidu", "b", **body, subjects=subjects).status_code == 400


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"subjects": [{"id": "Mira", "images": [RED]}]}, "FieldLacking"),
        ({"subjects": [{"name": "Mira"}]}, "FieldLacking"),
        ({"subjects": [{"name": "Mira", "images": [RED] * 4}]}, "FieldInvalid"),
        ({"subjects": [{"name": "Mira", "images": [RED]}], "images": [RED]}, "FieldUnwanted"),
        ({"subjects": [{"name": "Mira", "images": [RED], "age": "9"}]}, "FieldUnwanted"),
        (
            {"subjects": [{"name": f"S{n}", "images": [RED]} for n in range(8)]},
            "FieldItemCountOutOfRange",
        ),
        ({"subjects": [{"name": "Mira", "videos": [video_uri(2)]}]}, "FieldInvalid"),
        ({"subjects": []}, "FieldItemCountOutOfRange"),
    ],
)
def test_subjects_that_a_request_may_not_have(
    inside: Any, fields: dict[str, Any], reason: str
) -> None:
    reply = ask(inside, "reference2video", model="viduq2", prompt="x", **fields)
    assert (reply.status_code, reply.json()["reason"]) == (400, reason), reply.text


def test_only_one_passing_subject_is_shown_by_a_video(http: httpx.Client) -> None:
    body = {"model": "viduq2-pro", "prompt": "@a and @b", "duration": 1}
    video = {"videos": [video_uri(2)]}
    reply = ask(http, "reference2video", **body, subjects=[{"name": "a", **video}])
    assert reply.status_code == 200, reply.text
    two = [{"name": "a", **video}, {"name": "b", **video}]
    assert ask(http, "reference2video", **body, subjects=two).status_code == 400
    known = kept(http, name="b", images=[], videos=[video_uri(2)])["id"]
    two[1] = {"name": "b", "server_id": known}
    assert ask(http, "reference2video", **body, subjects=two).status_code == 200
