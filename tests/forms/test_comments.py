"""What is typed and drawn in a comment, good and hostile."""

import json
from fractions import Fraction

import pytest

from generation.forms import timecode
from generation.forms.comments import CommentForm
from generation.models import Media
from tests.factories import make_media, make_output

NTSC = Fraction(24_000, 1_001)
BOX = {"tool": "box", "ink": 1, "points": [[0.1, 0.2], [0.3, 0.4]]}


def video(user, rate=Fraction(24), frames=144, **fields) -> Media:
    facts = {
        "kind": "video", "seconds": float(frames / rate) if rate else 6.0,
        "constant_rate": bool(rate), "frame_count": frames,
        "rate_numerator": rate.numerator if rate else None,
        "rate_denominator": rate.denominator if rate else None,
    }  # fmt: skip
    return make_media(user, uploaded=False, **facts | fields)


def form_for(user, media, **data) -> CommentForm:
    form = CommentForm(data, make_output(user, media=media))
    form.is_valid()
    return form


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ("0:03.08", 80), ("0:00.00", 0), ("00:00:03:08", 80), ("1:00.00", 1_440), ("0:05", 120),
        ("3.5", 84), ("3", 72), ("2,99", 71), ("0.0417 s", 1), ("０:０３.０８", 80),
        (" 0:03.8 ", 80),
    ],
)  # fmt: skip
def test_a_typed_time_names_a_frame(text, frame):
    assert timecode.parse_place(text, Fraction(24)) == frame


@pytest.mark.parametrize("text", ["0:03.24", "0:61.00", "now", "0:03;08", "-1", "1e3", "٣", "0x5"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(timecode.NoTime):
        timecode.parse_place(text, Fraction(24))


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(25), Fraction(30), NTSC, Fraction(60)])
def test_each_frame_is_read_back_from_what_is_shown_and_lies_within_its_time(rate):
    for frame in (0, 1, 23, 24, 71, 1_439, 1_440, 86_400):
        assert timecode.parse_place(timecode.short_frame(frame, rate), rate) == frame
        assert timecode.parse_place(timecode.full_frame(frame, rate), rate) == frame
        assert int(timecode.middle_ms(frame, rate) * rate / 1_000) == frame
        assert ";" not in timecode.full_frame(frame, rate)


def test_a_frame_is_the_truth_and_its_middle_the_time(user):
    form = form_for(user, video(user), body="Here", at="0:02.23", until="0:03.08")
    assert form.errors == {}
    assert form.place() == {
        "drawing": None, "frame": 71, "at_ms": 2_979, "end_frame": 80, "end_ms": 3_354,
    }  # fmt: skip


def test_where_the_rate_varies_there_are_only_milliseconds(user):
    form = form_for(user, video(user, rate=None), body="Here", at="0:02.5", until="3.25")
    assert form.place() == {"drawing": None, "at_ms": 2_500, "end_ms": 3_250}


def test_a_picture_has_points_and_no_times(user):
    form = form_for(user, make_media(user), body="Here", at="0:03.08", point_x="0.25", point_y="1")
    assert form.place() == {"drawing": None, "point_x": 0.25, "point_y": 1.0}


@pytest.mark.parametrize(
    "data",
    [
        {"body": ""}, {"body": "  \r\n "}, {"body": "x" * 4_001}, {"body": "a\0b"},
        {"body": "x", "at": "0:06.00"}, {"body": "x", "at": "soon"},
        {"body": "x", "at": "0:03.00", "until": "0:02.00"}, {"body": "x", "until": "0:02.00"},
        {"body": "x", "drawing": json.dumps([BOX])}, {"body": "x", "parent": "nobody"},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_is_refused_with_a_sentence(user, data):
    form = form_for(user, video(user), **data)
    assert form.first_error


@pytest.mark.parametrize(
    ("x", "y"), [("nan", "0.5"), ("1.01", "0"), ("-0.1", "0"), ("0.5", ""), ("x", "y")]
)
def test_a_point_outside_the_picture_is_refused(user, x, y):
    assert form_for(user, make_media(user), body="x", point_x=x, point_y=y).first_error


def test_a_drawing_may_stand_without_words_and_is_kept_as_plain_numbers(user):
    pen = {"tool": "pen", "ink": 5, "points": [[0, 1], [0.123456, 0.5], [1, 0]]}
    form = form_for(user, video(user), at="0:01.00", drawing=json.dumps([BOX, pen]))
    assert form.errors == {}
    pen["points"] = [[0.0, 1.0], [0.1235, 0.5], [1.0, 0.0]]
    assert form.place()["drawing"] == [BOX, pen]


def test_a_sound_takes_times_and_no_drawing(user):
    facts = {"kind": "audio", "seconds": 9.5, "width": 0, "height": 0}
    form = form_for(user, make_media(user, **facts), body="x", at="0:09.5")
    assert form.place()["at_ms"] == 9_500
    drawn = json.dumps([BOX])
    assert form_for(user, make_media(user, **facts), body="x", at="1", drawing=drawn).first_error


def shape(**changed) -> str:
    return json.dumps([BOX | changed])


HOSTILE = {
    "no json": "[{",
    "nan": '[{"tool":"box","ink":1,"points":[[NaN,0],[0,0]]}]',
    "infinity": '[{"tool":"box","ink":1,"points":[[Infinity,0],[0,0]]}]',
    "huge": '[{"tool":"box","ink":1,"points":[[1e999,0],[0,0]]}]',
    "digits": f'[{{"tool":"box","ink":1,"points":[[{"9" * 5_000},0],[0,0]]}}]',
    "outside": shape(points=[[0, 0], [1.0001, 0]]),
    "negative": shape(points=[[0, 0], [-0.0001, 0]]),
    "text": shape(points=[["0", 0], [0, 0]]),
    "truth": shape(points=[[True, 0], [0, 0]]),
    "three": shape(points=[[0, 0, 0], [0, 0]]),
    "no points": shape(points=[]),
    "one corner": shape(points=[[0, 0]]),
    "unknown tool": shape(tool="script"),
    "tool of no kind": shape(tool=["box"]),
    "unknown ink": shape(ink=6),
    "ink as truth": shape(ink=True),
    "ink as text": shape(ink="1"),
    "more keys": shape(href="javascript:alert(1)"),
    "less keys": json.dumps([{"tool": "box", "ink": 1}]),
    "an object": json.dumps(BOX),
    "a list of lists": json.dumps([[BOX]]),
    "deep": "[" * 60_000,
    "many shapes": json.dumps([BOX] * 101),
    "many points": json.dumps([BOX | {"tool": "pen", "points": [[0.5, 0.5]] * 2_001}]),
    "many points in all": json.dumps([BOX | {"tool": "pen", "points": [[0, 0]] * 201}] * 10),
    "large": json.dumps([BOX | {"points": [[0.1, 0.2], [0.3, 0.4]]}]) + " " * 65_536,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_drawing_is_refused(user, name):
    form = form_for(user, video(user), body="x", at="0:01.00", drawing=HOSTILE[name])
    assert list(form.errors) == ["drawing"]


def test_the_largest_drawing_is_taken(user):
    pen = {"tool": "pen", "ink": 2, "points": [[0.5, 0.5]] * 20}
    form = form_for(user, video(user), at="0:01.00", drawing=json.dumps([pen] * 100))
    assert len(form.place()["drawing"]) == 100
