"""Which part of an image is kept: its shape and its place, in pixels."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from generation.catalogue.crops import (
    RATIOS,
    Box,
    allowed_ratio,
    box_problem,
    largest_box,
    ratio_of,
)
from generation.catalogue.types import ImageFacts, ImageLimits
from generation.forms.fields import sentence

LIKE, FREE, OWN = "like", "free", "own"
SIDES = ("left", "top", "width", "height")


class CropForm(forms.Form):
    """`like` is the image that this one has to agree with, if any.

    Its prefix lets it stand within another form.
    """

    prefix = "crop"
    shape = forms.ChoiceField(required=False)
    left = forms.IntegerField(min_value=0)
    top = forms.IntegerField(min_value=0)
    width = forms.IntegerField(min_value=1)
    height = forms.IntegerField(min_value=1)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        image: ImageFacts,
        limits: ImageLimits,
        like: ImageFacts | None = None,
    ) -> None:
        self.image, self.limits, self.like = image, limits, like
        self.ratios = self.offered_ratios()
        first = LIKE if like else FREE
        super().__init__(data, initial={"shape": first} | self.start(self.ratios[first]))
        shape = self.fields["shape"]
        assert isinstance(shape, forms.ChoiceField)  # noqa: S101  (declared above)
        shape.choices = [(name, name) for name in self.ratios]
        shape.error_messages["invalid_choice"] = _("Choose one of these shapes.")
        labels = (_("Left"), _("Top"), _("Width"), _("Height"))
        for name, label in zip(SIDES, labels, strict=True):
            self.fields[name].label = label
            self.fields[name].error_messages |= dict.fromkeys(
                ("required", "invalid", "min_value"), _("Enter a whole number of pixels.")
            )

    def offered_ratios(self) -> dict[str, float | None]:
        """The shapes that can be chosen, by name; None is any that the model takes."""
        found: dict[str, float | None] = {}
        if self.like:
            found[LIKE] = self.like.width / self.like.height
        found[FREE] = None
        own = self.image.width / self.image.height
        if own == allowed_ratio(self.image, self.limits):
            found[OWN] = own
        low, high = self.limits.min_ratio, self.limits.max_ratio
        return found | {one: ratio_of(one) for one in RATIOS if low <= ratio_of(one) <= high}

    def start(self, ratio: float | None) -> dict[str, int]:
        """The largest part in the middle of the image."""
        ratio = allowed_ratio(self.image, self.limits) if ratio is None else ratio
        box = largest_box(self.image, ratio)
        return {"left": box.left, "top": box.top, "width": box.width, "height": box.height}

    @property
    def chosen_shape(self) -> str:
        value = str(self["shape"].value())
        return value if value in self.ratios else next(iter(self.ratios))

    def fit(self) -> "CropForm":
        """The same with the largest part of the chosen shape."""
        form = CropForm(image=self.image, limits=self.limits, like=self.like)
        form.initial["shape"] = self.chosen_shape
        form.initial.update(self.start(self.ratios[self.chosen_shape]))
        return form

    @property
    def choices(self) -> list[dict[str, Any]]:
        """For the template and the script."""
        free = pgettext("any shape", "Free")
        labels = {LIKE: _("Like the other"), FREE: free, OWN: _("Original")}
        return [
            {
                "name": name,
                "label": labels.get(name, name),
                "ratio": "" if ratio is None else repr(ratio),
                "chosen": name == self.chosen_shape,
            }
            for name, ratio in self.ratios.items()
        ]

    @property
    def numbers(self) -> list[forms.BoundField]:
        return [self[name] for name in SIDES]

    @property
    def lowest(self) -> str:
        return repr(self.limits.min_ratio)

    @property
    def highest(self) -> str:
        return repr(self.limits.max_ratio)

    @property
    def box(self) -> Box:
        return Box(*(self.cleaned_data[name] for name in SIDES))

    @property
    def size(self) -> tuple[int, int] | None:
        """What the part is scaled to: two images that have to agree get the same size."""
        return (self.like.width, self.like.height) if self.like and self.is_like else None

    @property
    def is_like(self) -> bool:
        return self.chosen_shape == LIKE

    @property
    def shown_box(self) -> dict[str, int]:
        """The frame as it is drawn: what was entered as far as it can be, else the start."""
        start = self.start(self.ratios[self.chosen_shape])
        found = {name: self[name].value() for name in SIDES}
        if not all(str(value).isascii() and str(value).isdigit() for value in found.values()):
            return start
        return {name: int(str(value)[:6]) for name, value in found.items()}

    @property
    def shade(self) -> str:
        """The image but for the frame, as a path of SVG."""
        width, height, box = self.image.width, self.image.height, self.shown_box
        inner = "M{left} {top}h{width}v{height}h-{width}z".format(**box)
        return f"M0 0h{width}v{height}H0z{inner}"

    def clean(self) -> dict[str, Any]:
        data = dict(super().clean() or self.cleaned_data)
        if any(name not in data for name in SIDES):
            return data
        problem = box_problem(self.image, self.box, self.limits, self.ratios[self.chosen_shape])
        if problem:
            self.add_error(problem.param, sentence(problem))
        return data
