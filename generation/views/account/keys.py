"""Provider keys of the person who is logged in. No key is ever sent back to a browser."""

from collections.abc import Iterable
from functools import wraps
from typing import Any
from uuid import UUID

from allauth.core.ratelimit import consume
from django.conf import settings
from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import retarget

from generation.engine import keys as engine
from generation.forms.keys import KeyForm, ReplaceForm
from generation.models import ApiKey, KeyLoan, KeyState
from generation.models.keys import NEEDS_KEY
from generation.models.tasks import Status
from generation.web.choice import use_provider, uses_demo
from generation.web.lanes import LINKS, busy, in_lane
from generation.web.log_redaction import AlwaysHide
from generation.web.recent_login import is_recent, recent_login, typed_before
from generation.web.shortcuts import (
    StudioRequest,
    View,
    account_view,
    find,
    page_or_fragment,
    toast,
)

PAGE = "generation/keys/keys.html"
ALL = "generation/keys/_keys.html"
LIST = "generation/keys/_list.html"
CARD = "generation/keys/_key.html"


def keys_view(view: View) -> View:
    """A log-in, no copy in any cache, and nothing typed in any error report."""

    guarded = account_view(sensitive_post_parameters()(sensitive_variables()(view)))

    @wraps(guarded)
    def wrapper(request: StudioRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.exception_reporter_filter = AlwaysHide()
        response = guarded(request, *args, **kwargs)
        add_never_cache_headers(response)
        patch_vary_headers(response, ["HX-Request"])
        return response

    return wrapper


@require_safe
@keys_view
def keys(request: StudioRequest) -> HttpResponse:
    return page_or_fragment(request, PAGE, ALL, page_context(request))


@require_http_methods(["GET", "HEAD", "POST"])
@keys_view
@recent_login(keep=("provider", "label"))
@in_lane(lambda request: LINKS if request.method == "POST" else "")
def add_key(request: StudioRequest) -> HttpResponse:
    if request.method != "POST":
        typed = typed_before(request)
        form = KeyForm(initial={"provider": request.GET.get("provider", "")} | typed)
        context = page_context(request, form) | {"enter_again": bool(typed)}
        return page_or_fragment(request, PAGE, ALL, context)
    form = KeyForm(request.POST)
    if form.is_valid():
        if sentence := busy(request, LINKS):
            return busy_response(request, sentence)
        if is_rate_limited(request):
            return rate_limited_response(request, form)
        try:
            key = engine.add(request.user, **form.cleaned_data)
        except engine.KeyRefused as refusal:
            form.add_error("secret", refusal.sentence)
        else:
            return outcome_response(request, ALL, page_context(request), key, saved=True)
    return page_or_fragment(request, PAGE, ALL, page_context(request, form), 422)


@require_POST
@keys_view
@in_lane(lambda _request: LINKS)
def test_key(request: StudioRequest, key_id: UUID) -> HttpResponse:
    key = find_key(request, key_id)
    if sentence := busy(request, LINKS):
        return busy_response(request, sentence)
    if is_rate_limited(request):
        return rate_limited_response(request)
    engine.test(key)
    return outcome_response(request, CARD, {"key": key}, key)


@require_http_methods(["GET", "HEAD", "POST"])
@keys_view
@recent_login(keep=())
@in_lane(lambda request: LINKS if request.method == "POST" else "")
def replace_key(request: StudioRequest, key_id: UUID) -> HttpResponse:
    key = find_key(request, key_id)
    typed = request.POST if request.method == "POST" else None
    form = ReplaceForm(typed, auto_id=f"key-{key.pk}-%s")
    if form.is_valid():
        if sentence := busy(request, LINKS):
            return busy_response(request, sentence)
        if is_rate_limited(request):
            return rate_limited_response(request)
        try:
            engine.replace(key, form.cleaned_data["secret"])
        except engine.KeyRefused as refusal:
            form.add_error("secret", refusal.sentence)
            key = find_key(request, key_id)  # gone when it was removed meanwhile
        else:
            return outcome_response(request, CARD, {"key": key}, key, saved=True)
    return key_response(request, key, {"replacing": form}, 422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@keys_view
@recent_login(keep=())
def remove_key(request: StudioRequest, key_id: UUID) -> HttpResponse:
    key = find_key(request, key_id)
    if request.method == "POST":
        try:
            engine.remove(key)
        except engine.KeyRefused as refusal:
            shown = {"removing": True, "refusal": refusal.sentence}
            return retarget(key_response(request, key, shown, 422), f"#key-{key.pk}")
        context = page_context(request) | {"left": key.provider}
        return keys_response(request, LIST, context, _("Key removed."))
    queued = key.tasks.filter(status=Status.QUEUED, loan=None).count()
    shown = {
        "removing": True, "refusal": engine.in_use(key), "queued": queued,
        "lent": key.live_loans,
    }  # fmt: skip
    return key_response(request, key, shown)


@require_POST
@keys_view
def default_key(request: StudioRequest, key_id: UUID) -> HttpResponse:
    key = find_key(request, key_id)
    engine.make_default(key)
    provider = {"provider": key.get_provider_display()}
    if "use" in request.POST:
        use_provider(request, key.provider)
        sentence = _("New work goes to %(provider)s now.") % provider
        return keys_response(request, ALL, page_context(request), sentence)
    sentence = _("%(provider)s now uses this key.") % provider
    return keys_response(request, LIST, page_context(request), sentence)


def find_key(request: StudioRequest, key_id: UUID) -> ApiKey:
    return find(ApiKey.objects.visible_to(request.user), pk=key_id)


def page_context(request: StudioRequest, form: KeyForm | None = None) -> dict[str, Any]:
    lent = Prefetch("loans", KeyLoan.objects.live().select_related("team"))
    keys = list(ApiKey.objects.visible_to(request.user).prefetch_related(lent))
    groups = [
        {"name": name, "keys": by_rank(key for key in keys if key.provider == name)}
        for name in NEEDS_KEY
    ]
    return {
        "groups": groups,
        "form": form or KeyForm(),
        "demo": settings.SIMULATOR_OFFERED,
        "recent": is_recent(request),
        "use_now": next(filter(works, keys), None) if uses_demo(request) else None,
    }


def by_rank(keys: Iterable[ApiKey]) -> list[ApiKey]:
    """As they are used: the first is shown as the default one."""
    found = sorted(keys, key=lambda key: key.rank)
    for key in found:
        key.is_default = key is found[0]
    return found


def works(key: ApiKey) -> bool:
    return key.state == KeyState.WORKS and key.is_usable


def key_response(
    request: StudioRequest, key: ApiKey, shown: dict[str, Any], status: int = 200
) -> HttpResponse:
    """The page with one card unfolded, or that card alone."""
    context = page_context(request) | shown | {"key": key, "opened": key.pk}
    return page_or_fragment(request, PAGE, CARD, context, status)


def keys_response(
    request: StudioRequest, fragment: str, context: dict[str, Any], sentence: str, level: str = "ok"
) -> HttpResponse:
    if not request.htmx:
        messages.success(request, sentence)
        return redirect("keys")
    return toast(render(request, fragment, context), sentence, level)


def outcome_response(
    request: StudioRequest, fragment: str, context: dict[str, Any], key: ApiKey, saved: bool = False
) -> HttpResponse:
    """Show the outcome of the test, which is on the row by now."""
    outcome = str(key.note) or _("%(key)s works.") % {"key": key.label or key}
    sentence = _("Saved. %(told)s") % {"told": outcome} if saved else outcome
    level = {KeyState.WORKS: "ok", KeyState.REJECTED: "err"}.get(KeyState(key.state), "warn")
    return keys_response(request, fragment, context, sentence, level)


def busy_response(request: StudioRequest, sentence: str) -> HttpResponse:
    """Nothing was tested. The script leaves the page as it is, with the key that was typed."""
    if request.htmx:
        return toast(HttpResponse(status=204), sentence, "warn")
    messages.warning(request, sentence)
    return redirect("keys")


def is_rate_limited(request: StudioRequest) -> bool:
    """Each test is a request to a provider in this person's name: a few a minute are enough."""
    return not consume(request, action="test_key")


def rate_limited_response(request: StudioRequest, form: KeyForm | None = None) -> HttpResponse:
    sentence = _("You tested many keys in a short time. Wait a minute and try again.")
    context = page_context(request, form) | {"notice": sentence}
    response = toast(render(request, PAGE, context, status=429), sentence, "err")
    response["Retry-After"] = "60"
    return response
