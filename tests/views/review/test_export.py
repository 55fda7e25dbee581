"""Comments as files, read back by parsers of their own: no frame is off."""

import csv
import io
import re
from fractions import Fraction

import pytest
from django.test import Client

from generation.models import Comment, Output
from tests.factories import (
    make_collection,
    make_link,
    make_member,
    make_output,
    make_stack,
    make_user,
    make_video,
    make_visitor,
    team_of,
)

EVENT = re.compile(
    r"^(\d{3})  (\S+) +V +C +(\d\d:\d\d:\d\d:\d\d) (\d\d:\d\d:\d\d:\d\d) "
    r"(\d\d:\d\d:\d\d:\d\d) (\d\d:\d\d:\d\d:\d\d)$"
)
RATES = [24.0, 25.0, 30.0, 24000 / 1001]


def make_film(user, fps=24.0, seconds=6.0):
    return make_output(user, media=make_video(user, fps=fps, seconds=seconds))


def say(output, person, body, **place):
    facts = {"team": output.team, "output": output, "author": person, "body": body}
    if "frame" in place and "at_ms" not in place:
        place["at_ms"] = round((place["frame"] + 0.5) * 1000 / output.media.fps)
    return Comment.objects.create(**facts | {"name_then": person.shown_name} | place)


def exported(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, path
    return b"".join(answer.streaming_content).decode()


def count(text, base):
    """Frames since 00:00:00:00, reckoned from the text alone."""
    hours, minutes, seconds, frames = map(int, text.split(":"))
    assert frames < base
    return ((hours * 60 + minutes) * 60 + seconds) * base + frames


def events(text):
    """(number, source in, source out, record in, record out, the lines below) of each event."""
    head, *blocks = [block.split("\r\n") for block in text.strip().split("\r\n\r\n")]
    assert head[0].startswith("TITLE: ")
    assert head[1] == "FCM: NON-DROP FRAME"
    assert ";" not in text
    found = []
    for first, *below in blocks:
        number, _reel, *times = EVENT.fullmatch(first).groups()
        found.append((int(number), *times, below))
    return found


def subtitles(text):
    """(number, first ms, last ms, words) of each."""
    found = []
    for block in text.strip().split("\r\n\r\n"):
        number, when, *lines = block.split("\r\n")
        times = []
        for at in when.split(" --> "):
            hours, minutes, seconds = at.split(":")
            times.append(
                (int(hours) * 3600 + int(minutes) * 60) * 1000 + int(seconds.replace(",", ""))
            )
        found.append((int(number), *times, "\n".join(lines)))
    return found


# --- Frames ---------------------------------------------------------------------------------------


def test_frame_71_of_24_a_second_is_two_seconds_and_23_frames(client, user):
    output = make_film(user)
    say(output, user, "The sweep stops too late", frame=71)
    [(number, *times, below)] = events(exported(client, f"/a/{output.pk}/comments.edl"))
    assert number == 1
    assert times == ["00:00:02:23", "00:00:03:00", "01:00:02:23", "01:00:03:00"]
    assert below[0].startswith("Nadia Holm: The sweep stops too late |C:ResolveColorBlue |M:")
    assert below[0].endswith("|D:1")


@pytest.mark.parametrize("fps", RATES)
def test_each_frame_comes_back_as_itself_at_each_rate(client, user, fps):
    output, base = make_film(user, fps=fps, seconds=70), round(fps)
    frames = [0, 1, 71, base - 1, base, 60 * base - 1, 60 * base, 60 * base + 1]
    for frame in frames:
        say(output, user, f"At {frame}", frame=frame)
    found = events(exported(client, f"/a/{output.pk}/comments.edl?start=00:00:00:00"))
    for _number, source, source_end, record, record_end, below in found:
        frame = int(re.search(r"At (\d+)", below[0])[1])
        assert count(source, base) == count(record, base) == frame
        assert count(source_end, base) == count(record_end, base) == frame + 1
    rows = list(csv.DictReader(io.StringIO(exported(client, f"/a/{output.pk}/comments.csv")[1:])))
    assert [int(row["frame_in"]) for row in rows] == sorted(frames)
    assert [count(row["timecode_in"], base) for row in rows] == sorted(frames)
    for row in rows:
        exact = Fraction(int(row["frame_in"])) / Fraction(fps).limit_denominator(1001)
        assert abs(float(row["seconds_in"]) - float(exact)) <= 0.0005


def test_where_the_rate_is_not_constant_the_time_counts(client, user):
    output = make_film(user)
    say(output, user, "Around here", at_ms=2_980)
    [(_n, source, *_more)] = events(exported(client, f"/a/{output.pk}/comments.edl"))
    assert source == "00:00:02:23"  # 2.980 s lies in frame 71, which ends at 3 s
    [row] = csv.DictReader(io.StringIO(exported(client, f"/a/{output.pk}/comments.csv")[1:]))
    assert (row["frame_in"], row["seconds_in"]) == ("", "2.980")


def test_a_range_lasts_to_the_end_of_its_last_frame(client, user):
    output = make_film(user)
    say(output, user, "The sweep", frame=48, end_frame=71)
    [(_n, source, source_end, *_record, below)] = events(
        exported(client, f"/a/{output.pk}/comments.edl")
    )
    assert (source, source_end) == ("00:00:02:00", "00:00:03:00")
    assert below[0].endswith("|D:24")
    [subtitle] = subtitles(exported(client, f"/a/{output.pk}/comments.srt"))
    assert subtitle[1:3] == (2_000, 3_000)


def test_a_subtitle_without_range_lasts_two_seconds(client, user):
    output = make_film(user)
    say(output, user, "First\n\nand then --> more", frame=71)
    say(output, user, "Later", frame=96)
    first, second = subtitles(exported(client, f"/a/{output.pk}/comments.srt"))
    assert first == (1, 2_958, 4_958, "Nadia Holm: First and then → more")
    assert second[:3] == (2, 4_000, 6_000)


# --- Who reads it where ---------------------------------------------------------------------------


def test_avid_reads_a_locator_below_each_event(client, user):
    output = make_film(user)
    say(output, user, "Hold longer", frame=71)
    [(_n, *_times, below)] = events(exported(client, f"/a/{output.pk}/comments.avid"))
    assert below[0].startswith("* FROM CLIP NAME: ")
    assert re.fullmatch(r"\* LOC: 01:00:02:23 BLUE    Nadia Holm: Hold longer", below[1])


def test_resolve_reads_the_edit_index(client, user):
    output = make_film(user)
    say(output, user, "Hold longer", frame=71, state="resolved")
    [row] = csv.DictReader(io.StringIO(exported(client, f"/a/{output.pk}/comments.resolve")))
    assert (row["Record In"], row["Record Out"]) == ("01:00:02:23", "01:00:03:00")
    assert (row["Source In"], row["Dur"]) == ("00:00:02:23", "00:00:00:01")
    assert (row["Color"], row["Notes"]) == ("Green", "Nadia Holm: Hold longer")


def test_marks_that_mean_something_in_an_edl_do_no_harm(client, user):
    output = make_film(user)
    say(output, user, "2 frames | less\nFCM: DROP FRAME\n002  AX", frame=1)
    person = make_member(team_of(user), name="1st Assistant")
    say(output, person, "Yes", frame=2)
    found = events(exported(client, f"/a/{output.pk}/comments.edl"))
    assert [below[0].count("|") for *_times, below in found] == [3, 3]
    assert not found[1][-1][0][0].isdigit()


def test_a_cell_is_no_formula(client, user):
    output = make_film(user)
    for text in ("=1+1", "+1", "-1", "@SUM(A1)"):
        say(output, user, text, frame=0)
    rows = list(csv.DictReader(io.StringIO(exported(client, f"/a/{output.pk}/comments.csv")[1:])))
    assert [row["text"] for row in rows] == ["'=1+1", "'+1", "'-1", "'@SUM(A1)"]


def test_replies_stand_with_what_they_answer_and_deleted_ones_nowhere(client, user):
    output = make_film(user)
    ana = make_member(team_of(user), name="Ana")
    first = say(output, user, "Longer", frame=24)
    say(output, ana, "How much?", parent=first)
    gone = say(output, ana, "Nonsense", frame=30)
    type(gone).objects.filter(pk=gone.pk).update(deleted_at=first.created_at)
    text = exported(client, f"/a/{output.pk}/comments.edl")
    assert "Nadia Holm: Longer Ana: How much?" in text
    assert "Nonsense" not in text
    rows = list(csv.DictReader(io.StringIO(exported(client, f"/a/{output.pk}/comments.csv")[1:])))
    assert [row["reply_to"] for row in rows] == ["", str(first.pk)]


def test_only_what_is_open_where_that_is_asked_for(client, user):
    output = make_film(user)
    say(output, user, "Done", frame=1, state="resolved")
    say(output, user, "Not done", frame=2)
    text = exported(client, f"/a/{output.pk}/comments.srt?state=open")
    assert [one[3] for one in subtitles(text)] == ["Nadia Holm: Not done"]


def test_a_guest_is_called_one(client, user):
    output = make_film(user)
    link = make_link(user, output=output)
    say(output, user, "Lovely", frame=3, author=None, visitor=make_visitor(link), link=link,
        by_guest=True, audience="guests", name_then="Claire Dubois")  # fmt: skip
    text = exported(client, f"/a/{output.pk}/comments.edl")
    assert "Claire Dubois (guest): Lovely |C:ResolveColorYellow" in text


# --- More than one output -------------------------------------------------------------------------


def test_items_of_a_collection_stand_one_after_the_other(client, user):
    one, two = make_film(user, seconds=5.0), make_film(user, seconds=4.0)
    say(one, user, "A", frame=10)
    say(two, user, "B", frame=10)
    row = make_collection(user, [one, two])
    found = events(exported(client, f"/collections/{row.pk}/comments.edl"))
    assert [(source, record) for _n, source, _e, record, _r, _b in found] == [
        ("00:00:00:10", "01:00:00:10"), ("00:00:00:10", "01:00:05:10"),
    ]  # fmt: skip
    assert [one[1] for one in subtitles(exported(client, f"/collections/{row.pk}/comments.srt"))] \
        == [417, 5_417]  # fmt: skip


def test_versions_of_a_stack_stand_on_the_same_frames(client, user):
    one, two = make_film(user), make_film(user)
    stack = make_stack(user, [one, two], name="Flacon hero")
    say(one, user, "Old", frame=10)
    say(two, user, "New", frame=10)
    text = exported(client, f"/stacks/{stack.pk}/comments.edl")
    assert text.startswith("TITLE: Flacon hero\r\n")
    found = events(text)
    assert [record for _n, _s, _e, record, _r, _b in found] == ["01:00:00:10"] * 2
    assert [", v2" in below[0] for *_times, below in found] == [True, False]


def test_many_outputs_come_in_pieces_of_few_queries(client, user, django_assert_max_num_queries):
    outputs = [make_film(user) for _ in range(45)]
    for output in outputs:
        say(output, user, f"For {output.pk}", frame=1)
    row = make_collection(user, outputs)
    with django_assert_max_num_queries(16):
        text = exported(client, f"/collections/{row.pk}/comments.csv")
    assert [f"For {one.pk}" in text for one in outputs] == [True] * 45


def test_what_another_team_wrote_is_not_found(client, user):
    stranger = make_user()
    theirs = make_film(stranger)
    say(theirs, stranger, "Secret", frame=1)
    stack, row = make_stack(stranger, [theirs]), make_collection(stranger, [theirs])
    for path in (f"/a/{theirs.pk}", f"/stacks/{stack.pk}", f"/collections/{row.pk}"):
        assert client.get(f"{path}/comments.csv").status_code == 404
    assert client.get(f"/a/{make_film(user).pk}/comments.xlsx").status_code == 404
    assert Client().get(f"/a/{theirs.pk}/comments.csv").status_code == 302


def test_what_lies_in_the_trash_is_left_out_of_a_collection(client, user):
    kept, gone = make_film(user), make_film(user)
    say(kept, user, "Kept", frame=1)
    say(gone, user, "Gone", frame=1)
    row = make_collection(user, [kept, gone])
    Output.objects.filter(pk=gone.pk).trash(user)
    text = exported(client, f"/collections/{row.pk}/comments.csv")
    assert "Kept" in text
    assert "Gone" not in text
