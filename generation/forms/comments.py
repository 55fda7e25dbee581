"""A comment as it is typed: words, a place, a drawing, and who may read it."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from generation.forms import timecode
from generation.forms.drawings import BadDrawing, read_coordinate, read_drawing
from generation.forms.parsing import plain
from generation.forms.seen_texts import SeenTexts
from generation.models import Audience, MediaKind, Output
from generation.models.comments import LONGEST_BODY


class CommentForm(SeenTexts, forms.Form):
    """`at` and `until` are typed times: frames where the video's rate is constant, else parts of a
    second. `place()` gives what `engine.comments.post` takes beside words and audience.

    Ask `engine.frames.find_frames(output.media)` before, so that an older video has its frames.
    """

    body = forms.CharField(required=False, strip=True, max_length=LONGEST_BODY)
    at = forms.CharField(required=False, max_length=20)
    until = forms.CharField(required=False, max_length=20)
    point_x = forms.CharField(required=False, max_length=24)
    point_y = forms.CharField(required=False, max_length=24)
    drawing = forms.CharField(required=False, strip=False)
    guests = forms.BooleanField(required=False)
    parent = forms.UUIDField(required=False)

    def __init__(self, data: Any, output: Output) -> None:
        super().__init__(data)
        self.output, self.file = output, output.media

    @property
    def first_error(self) -> str:
        return next((str(found[0]) for found in self.errors.values()), "")

    def clean_body(self) -> str:
        return plain(self.cleaned_data["body"])

    def clean_at(self) -> int | None:
        return self.read_time("at")

    def clean_until(self) -> int | None:
        return self.read_time("until")

    def read_time(self, name: str) -> int | None:
        """A frame, or where the rate is not constant a millisecond."""
        text, rate = self.cleaned_data[name].strip(), self.file.frame_rate
        if not text or self.file.kind == MediaKind.IMAGE:
            return None
        try:
            place = timecode.parse_place(text, rate)
        except timecode.NoTime:
            example = "0:03.08" if rate else "0:03.250"
            raise forms.ValidationError(
                _("Write the time like %(example)s, or in seconds."), params={"example": example}
            ) from None
        if place > self.last_place:
            shown = timecode.short_frame if rate else lambda ms, _rate: timecode.short_ms(ms)
            raise forms.ValidationError(
                _("This ends at %(time)s."),
                params={"time": shown(self.last_place, rate)},  # type: ignore[arg-type]
            )
        return place

    @property
    def last_place(self) -> int:
        if self.file.frame_rate and self.file.frame_count:
            return self.file.frame_count - 1
        return round((self.file.seconds or 0) * 1_000)

    def clean_drawing(self) -> list[dict[str, Any]] | None:
        try:
            shapes = read_drawing(self.cleaned_data["drawing"])
        except BadDrawing as bad:
            raise forms.ValidationError(bad.sentence) from None
        if shapes and self.file.kind == MediaKind.AUDIO:
            raise forms.ValidationError(_("An audio file has nothing to draw on."))
        return shapes

    def read_point(self) -> tuple[float, float] | None:
        texts = [self.cleaned_data.get(name, "") for name in ("point_x", "point_y")]
        if self.file.kind != MediaKind.IMAGE or not any(texts):
            return None
        try:
            x, y = (read_coordinate(float(text)) for text in texts)
        except (ValueError, BadDrawing):
            raise forms.ValidationError(_("This point is not on the image.")) from None
        return x, y

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        if self.errors:
            return found
        found["point"] = self.read_point()
        at, until, reply = found["at"], found["until"], found["parent"]
        if reply:  # stands where its comment does
            found.update(at=None, until=None, point=None, drawing=None)
        elif until is not None and (at is None or until < at):
            raise forms.ValidationError(_("A range ends after it begins."))
        elif found["drawing"] and self.file.kind == MediaKind.VIDEO and at is None:
            raise forms.ValidationError(_("Say at which time this drawing belongs."))
        if not found["body"] and not found["drawing"]:
            raise forms.ValidationError(_("Write something, or draw it."))
        return found

    @property
    def audience(self) -> str:
        return Audience.GUESTS if self.cleaned_data["guests"] else Audience.TEAM

    def place(self) -> dict[str, Any]:
        """Of a form that is valid."""
        found, rate = self.cleaned_data, self.file.frame_rate
        at, until = found["at"], found["until"]
        until = None if until == at else until
        place = {"drawing": found["drawing"]}
        if found["point"]:
            place |= dict(zip(("point_x", "point_y"), found["point"], strict=True))
        if at is None:
            return place
        if rate is None:
            return place | {"at_ms": at, "end_ms": until}
        end_ms = None if until is None else timecode.middle_ms(until, rate)
        at_ms = timecode.middle_ms(at, rate)
        return place | {"frame": at, "at_ms": at_ms, "end_frame": until, "end_ms": end_ms}
