"""Settings pages: profile, appearance, keyboard shortcuts."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_safe

from generation.forms.form_status import status_of
from generation.forms.settings import (
    KEYS_COOKIE,
    PREVIEWS_COOKIE,
    AppearanceForm,
    ProfileForm,
    SingleKeysForm,
    set_choice_cookie,
    set_display_cookies,
)
from generation.web import keyboard
from generation.web.reader_zone import browser_zone
from generation.web.shortcuts import StudioRequest, account_view, page_or_fragment

FORM = ["GET", "HEAD", "POST"]


@require_safe
@account_view
def settings_home(request: StudioRequest) -> HttpResponse:
    """All pages of the settings; on a phone each of them leads back to it."""
    return render(request, "generation/settings/index.html")


@require_http_methods(FORM)
@account_view
def profile(request: StudioRequest) -> HttpResponse:
    known = browser_zone(request)
    browser = known.key if known else request.user.browser_zone
    form = ProfileForm(request.POST or None, instance=request.user, browser=browser)
    return saved_or_form(request, form, "profile")


@require_http_methods(FORM)
@account_view
def appearance(request: StudioRequest) -> HttpResponse:
    on = request.COOKIES.get(PREVIEWS_COOKIE) != "off"
    form = AppearanceForm(request.POST or None, instance=request.user, initial={"previews": on})
    response = saved_or_form(request, form, "appearance")
    if response.status_code == 302:
        set_choice_cookie(response, PREVIEWS_COOKIE, "" if form.cleaned_data["previews"] else "off")
    return response


def saved_or_form(
    request: StudioRequest, form: ProfileForm | AppearanceForm, name: str
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        user = form.save()
        response = redirect(f"settings-{name}")
        set_display_cookies(response, user)
        with override(user.language or None):
            messages.success(request, _("Saved."))
        return response
    page = f"generation/settings/{name}.html"
    return render(request, page, {"form": form}, status=status_of(form))


@require_http_methods(FORM)
@account_view
def shortcuts_page(request: StudioRequest) -> HttpResponse:
    if request.method == "POST":
        form = SingleKeysForm(request.POST)
        response = redirect("settings-shortcuts")
        form.is_valid()
        set_choice_cookie(response, KEYS_COOKIE, "" if form.cleaned_data["on"] else "off")
        messages.success(request, _("Saved."))
        return response
    form = SingleKeysForm(initial={"on": request.COOKIES.get(KEYS_COOKIE) != "off"})
    facts = {"form": form, "scopes": keyboard.by_scope()}
    return page_or_fragment(
        request,
        "generation/settings/shortcuts.html",
        "generation/settings/_shortcuts_dialog.html",
        facts,
    )
