"""What the next press of Generate costs and takes, and which models there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generation.catalogue import estimate
from generation.catalogue.modes import MODES
from generation.catalogue.prices import SUBJECT_CREDITS
from generation.catalogue.rules import name_of
from generation.catalogue.types import Offer, Price
from generation.engine.loan_use import left_this_week
from generation.engine.registration.requests import keeps, to_register
from generation.engine.schedule import TaskKind, usual_seconds
from generation.forms.generate import GenerateForm
from generation.models import ApiKey, KeyLoan, ProviderName


@dataclass(frozen=True)
class Cost:
    """What the next press of Generate is expected to cost and take, in words.

    `notes` are what comes on top, or why the price is not known yet.
    """

    price: Price
    makes: str
    count: int
    usual: int | None
    key: ApiKey | None
    notes: Sequence[str] = ()
    loan: KeyLoan | None = None  # the key is somebody else's, and what it holds is theirs to know
    left: int | None = None  # of the loan, this week

    @property
    def total(self) -> int | None:
        return None if self.price.credits is None else self.price.credits * self.count

    @property
    def amount(self) -> str:
        if self.price.free:
            return _("Free")
        if self.total is None:
            return _("Price not published")
        credits = {"n": intcomma(self.total)}
        return ngettext("%(n)s credit", "%(n)s credits", self.total) % credits

    @property
    def things(self) -> str:
        free, n = self.price.free, self.count
        match self.makes:
            case "image" if free:
                return ngettext("for %d demo image", "for %d demo images", n) % n
            case "image":
                return ngettext("for %d image", "for %d images", n) % n
            case "video" if free:
                return ngettext("for %d demo video", "for %d demo videos", n) % n
            case "video":
                return ngettext("for %d video", "for %d videos", n) % n
        if free:
            return ngettext("for %d demo audio file", "for %d demo audio files", n) % n
        return ngettext("for %d audio file", "for %d audio files", n) % n

    @property
    def time(self) -> str:
        return _("about %(time)s") % {"time": duration_label(self.usual)} if self.usual else ""

    @property
    def balance(self) -> str:
        left = self.credits_left
        if left is None:
            return ""
        if self.loan is not None:
            facts = {"n": intcomma(left), "name": self.loan.lender_name}
            text = ngettext(
                "%(n)s credit left of %(name)s's key this week",
                "%(n)s credits left of %(name)s's key this week",
                left,
            )
            return text % facts
        return ngettext("%(n)s credit left", "%(n)s credits left", left) % {"n": intcomma(left)}

    @property
    def short(self) -> bool:
        """The key had fewer credits than this costs when it was last asked."""
        left, total = self.credits_left, self.total
        return bool(left is not None and total and left < total)

    @property
    def credits_left(self) -> int | None:
        if self.loan is not None:
            return self.left
        return self.key.credits if self.key is not None else None


def duration_label(seconds: int) -> str:
    """A length of time, short: "40 s", "1 min 40 s"."""
    minutes, rest = divmod(seconds, 60)
    if not minutes:
        return _("%(s)s s") % {"s": rest}
    if not rest:
        return _("%(m)s min") % {"m": minutes}
    return _("%(m)s min %(s)s s") % {"m": minutes, "s": rest}


def form_cost(form: GenerateForm) -> Cost | None:
    offer = form.offer
    if offer is None:
        return None
    price = estimate.estimate(offer, form.raw, expected_inputs(form, offer))
    usual = usual_seconds(TaskKind.of(*offer.key, form.raw))
    makes = MODES[offer.mode].makes
    loan, notes = form.chosen_loan, notes_of(form, price)
    left = left_this_week(loan) if loan else None
    return Cost(price, makes, form.shown_count, usual, form.chosen_key, notes, loan, left)


def expected_inputs(form: GenerateForm, offer: Offer) -> dict[str, int]:
    """How many inputs there will be: those that are there, at least as many as are needed."""
    least = {
        name: int(offer.limits[name].minimum or 0) for name in form.inputs if name in offer.limits
    }
    return {name: max(count, least.get(name, 0)) for name, count in form.counts.items()}


def notes_of(form: GenerateForm, price: Price) -> list[str]:
    """What else is to be known of the price."""
    offer, found = form.shown_offer, []
    if price.credits is None and form.raw.get("duration") == 0:
        found.append(_("With automatic length the price depends on the length."))
    if form.raw.get("off_peak") and not form.setting("off_peak").off:
        found.append(_("Off-peak: ready within 48 hours."))
    new = to_register(form.subjects, offer.provider, form.chosen_key) if keeps(offer) else []
    if new and not price.free:
        names = ", ".join(map(str, new))
        facts = {"n": SUBJECT_CREDITS * len(new), "names": names}
        found.append(_("+%(n)s credits for %(names)s, once.") % facts)
    if form.chosen_loan and form.chosen_loan.weekly_credits is None:  # else what is left says it
        found.append(_("Paid with %(name)s's key.") % {"name": form.chosen_loan.lender_name})
    return found


def cost_context(form: GenerateForm) -> dict[str, Any]:
    known = form_cost(form)
    return {"cost": known, "mode": form.scope.mode}


@dataclass(frozen=True)
class Choice:
    """One model in the list."""

    offer: Offer
    chosen: bool

    @property
    def name(self) -> str:
        return name_of(self.offer)

    @property
    def provider(self) -> str:
        return str(ProviderName(self.offer.provider).label)

    @property
    def strength(self) -> str:
        return _(self.offer.strength)

    @property
    def price(self) -> str:
        """From how much: with as few pictures as the model takes, and its own defaults."""
        limits = self.offer.limits
        least = int(limits["images"].minimum or 0) if "images" in limits else 0
        price = estimate.estimate(self.offer, {}, {"images": least})
        if price.free:
            return _("Free")
        if price.credits is None:
            return ""
        label = ngettext("from %d credit", "from %d credits", price.credits)
        return label % price.credits

    @property
    def short(self) -> str:
        """The generation of the model, for its mark: "Q3" of "Vidu Q3 Turbo"."""
        parts = self.offer.label.split()
        found = (part for part in parts if any(sign.isdigit() for sign in part))
        return next(found, parts[-1][:2])


def choices(form: GenerateForm) -> dict[str, list[Choice]]:
    """The models this person can use, by provider."""
    found: dict[str, list[Choice]] = {}
    for row in form.scope.offers:
        chosen = form.offer is not None and row.key == form.offer.key
        choice = Choice(row, chosen)
        found.setdefault(choice.provider, []).append(choice)
    return found
