"""What a person writes of a subject, and the files it is made of."""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.catalogue import mentions, signs
from generation.catalogue.check_inputs import image_problem, video_problem
from generation.catalogue.types import ImageLimits, VideoLimits
from generation.forms.fields import sentence
from generation.forms.parsing import ButtonAction, parse_id
from generation.forms.picks import typed_instead
from generation.forms.search import searched
from generation.forms.seen_texts import SeenTexts
from generation.forms.subject_names import HANDLE
from generation.forms.voices import VoicePicker, Voices
from generation.models import Media, MediaKind, Output, Subject, SubjectKind, Team
from generation.models.subjects import MOST_IMAGES, VIDEO_SECONDS, check_name

IMAGE = ImageLimits()
VIDEO = VideoLimits(max_seconds=VIDEO_SECONDS)
MOST_TAGS, LONGEST_TAG = 10, 30
MOST_IDS = 8  # looked up at once; more than any subject has
FURTHER = ("style", "voice_id", "tags")
FILES = ("images", "videos")  # the names under which tiles carry their ids
PARTED = re.compile(r"[,;，、；\n]")
TAKEN = gettext_lazy("There is a subject of this name already. Choose another name.")


def canonical(name: str) -> str:
    """A name as it is kept: without the @ it is typed after, in normal form, no spaces around."""
    return signs.normal(name).strip().removeprefix("@").strip()


def tags_of(text: str) -> list[str]:
    """Tags as they are kept: lower case, each once."""
    tags = (" ".join(part.split()).removeprefix("#").lower() for part in PARTED.split(text))
    return list(dict.fromkeys(tag for tag in tags if tag))


class PickedInput(forms.TextInput):
    """What was chosen from a list, or typed in its place."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return typed_instead(name, data) or super().value_from_datadict(data, files, name)


class SubjectForm(SeenTexts, forms.Form):
    """One subject. `pieces` are its pictures or its clip in order, without those that are gone;
    `refused` says why files that came with this request could not be taken."""

    frame_of: Output | None = None  # a video that is too long: its first frame is taken

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=mentions.MOST + 10,  # room for what is cut off around it
        help_text=gettext_lazy("Typed after @ in a prompt. Letters, digits, - and _, no spaces."),
        error_messages={"required": gettext_lazy("Give the subject a name.")},
        widget=forms.TextInput(
            {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}
        ),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What is it?"),
        choices=SubjectKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what it is.")},
    )
    description = forms.CharField(
        label=gettext_lazy("Description"),
        required=False,
        max_length=2_000,
        widget=forms.Textarea({"rows": 4, "data-count": ""}),
        help_text=gettext_lazy("What it looks like, in words that the model reads too."),
    )
    style = forms.CharField(label=gettext_lazy("Style"), required=False, max_length=100)
    voice_id = forms.CharField(
        label=gettext_lazy("Voice"),
        required=False,
        max_length=256,
        help_text=gettext_lazy("Not every model uses it."),
        widget=PickedInput,
    )
    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        required=False,
        max_length=MOST_TAGS * (LONGEST_TAG + 2),
        help_text=gettext_lazy("Words to find it by, separated by commas."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        team: Team,
        subject: Subject | None = None,
        files: Sequence[Media | None] = (),
        refused: Iterable[str] = (),
        initial: dict[str, Any] | None = None,
        auto_id: str = "id_%s",
    ) -> None:
        given = (subject_fields(subject) if subject else {}) | (initial or {})
        super().__init__(data, initial=given, auto_id=auto_id)
        # A browser would cut off what is pasted, without a word; the counter tells instead.
        del self.fields["description"].widget.attrs["maxlength"]
        self.team, self.subject, self.refused = team, subject, list(refused)
        self.lost = any(one is None for one in files)
        self.pieces = [one for one in files if one is not None]

    @property
    def images(self) -> list[Media]:
        return [one for one in self.pieces if one.kind == MediaKind.IMAGE]

    @property
    def videos(self) -> list[Media]:
        return [one for one in self.pieces if one.kind == MediaKind.VIDEO]

    @property
    def is_full(self) -> bool:
        return bool(self.videos) or len(self.images) >= MOST_IMAGES

    @property
    def has_further(self) -> bool:
        """Whether one of the fields that are folded away holds something or is wrong."""
        return any(self[name].value() or self[name].errors for name in FURTHER)

    @property
    def file_errors(self) -> list[str]:
        """What is wrong with the files, once they were looked at or could not be taken."""
        checked = self.is_bound and "__all__" in self.errors
        found = [str(one) for one in self.errors["__all__"]] if checked else []
        return list(dict.fromkeys([*found, *self.refused]))

    def clean_name(self) -> str:
        name = canonical(self.cleaned_data["name"])
        check_name(name)
        if HANDLE.fullmatch(name):
            raise forms.ValidationError(
                _("@%(name)s stands for an added image or video. Choose another name.")
                % {"name": name}
            )
        others = Subject.objects.filter(team=self.team).active()
        if self.subject:
            others = others.exclude(pk=self.subject.pk)
        if others.filter(name_key=signs.key_of(name)).exists():
            raise forms.ValidationError(TAKEN)
        return name

    def clean_description(self) -> str:
        return str(self.cleaned_data["description"]).replace("\r\n", "\n").strip()

    @cached_property
    def voices(self) -> Voices:
        return Voices(self.team)

    @property
    def voice_picker(self) -> VoicePicker:
        return VoicePicker(self.voices, str(self["voice_id"].value() or ""), every=True)

    def clean_voice_id(self) -> str:
        voice = str(self.cleaned_data["voice_id"])
        if typed_instead("voice_id", self.data) or (
            self.subject and voice == self.subject.voice_id
        ):
            wrong = self.voices.is_of_others(voice)
        else:
            wrong = bool(voice) and self.voices.named(voice) is None
        if wrong:
            raise forms.ValidationError(_("This voice is not in the list. Choose another."))
        return voice

    def clean_tags(self) -> list[str]:
        tags = tags_of(self.cleaned_data["tags"])
        if len(tags) > MOST_TAGS:
            raise forms.ValidationError(
                _("At most %(most)d tags can be given. Remove some.") % {"most": MOST_TAGS}
            )
        if any(len(tag) > LONGEST_TAG for tag in tags):
            raise forms.ValidationError(
                _("A tag has at most %(most)d characters. Shorten it.") % {"most": LONGEST_TAG}
            )
        return tags

    def clean(self) -> dict[str, Any]:
        problems = [*self.refused, *wrong_with(self.pieces)]
        if self.lost:
            problems.append(_("A file was not found. It is left out; add it again if needed."))
        if problems:
            raise forms.ValidationError(problems)
        return self.cleaned_data

    @property
    def facts(self) -> dict[str, Any]:
        """The fields of the row, once the form is valid."""
        names = ("name", "kind", "description", "style", "voice_id", "tags")
        return {name: self.cleaned_data[name] for name in names}


def subject_fields(subject: Subject) -> dict[str, Any]:
    names = ("name", "kind", "description", "style", "voice_id")
    fields = {name: getattr(subject, name) for name in names}
    return fields | {"tags": ", ".join(subject.tags), "seen": subject.version}


def wrong_with(files: Sequence[Media]) -> list[str]:
    """Everything that keeps these files from being one subject."""
    images = [one for one in files if one.kind == MediaKind.IMAGE]
    videos = [one for one in files if one.kind == MediaKind.VIDEO]
    if len(images) + len(videos) < len(files):
        return [_("A subject is made from images or a video. Remove the audio file.")]
    if not files:
        return [_("Add 1 to 3 images, or a video of up to 5 seconds.")]
    if images and videos:
        return [_("Use images or a video, not both. Remove one of them.")]
    if len(images) > MOST_IMAGES:
        return [_("A subject has at most 3 images. Remove some.")]
    if len(videos) > 1:
        return [_("A subject is made from one video. Remove the others.")]
    problems = [image_problem(IMAGE, one.image) for one in images]
    problems += [video_problem(VIDEO, one.video) for one in videos]
    return [sentence(problem) for problem in problems if problem]


# --- Files by id ----------------------------------------------------------------------------------


def named_files(rows: Any, ids: Iterable[str]) -> list[Media | None]:
    """Files in the order of their ids, each once; None for one that is not among `rows`."""
    wanted = list(dict.fromkeys(parse_id(text) for text in ids))[:MOST_IDS]
    found = rows.in_bulk([pk for pk in wanted if pk]) if any(wanted) else {}
    return [found.get(pk) for pk in wanted]


def posted_ids(data: QueryDict) -> list[str]:
    return [value for name in FILES for value in data.getlist(name) if value]


def apply_file_button(files: Sequence[Media | None], action: ButtonAction) -> list[Media | None]:
    """The files after a button of the form: one removed, or moved to the left or right."""
    place = next((i for i, one in enumerate(files) if one and str(one.pk) == action.id), None)
    if place is None or action.act not in ("remove", "left", "right"):
        return list(files)
    left = [one for i, one in enumerate(files) if i != place]
    step = {"left": -1, "right": 1}.get(action.act)
    if step:
        left.insert(max(0, place + step), files[place])
    return left


def to_pick(outputs: Any, query: str, team_id: int) -> list[Output]:
    """What can be made a subject of, the newest first: pictures, and clips that are short."""
    fit = outputs.filter(kind=MediaKind.IMAGE) | outputs.filter(
        kind=MediaKind.VIDEO, media__seconds__lte=VIDEO_SECONDS
    )
    fit = searched(fit, query, team_id)
    return list(fit.newest_first().select_related("media", "task")[:24])
