"""Who gets to the operator's pages, and how those are drawn."""

from collections.abc import Callable, Iterator
from functools import update_wrapper
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, URLResolver, include, path
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.web.recent_login import ask_to_confirm, is_recent
from generation.web.second_factor import has_second_factor
from generation.web.shortcuts import SAFE

View = Callable[..., HttpResponse]


class OperatorSite(AdminSite):
    """Django's admin without its log-in, which knows neither our limits nor second steps: people
    come logged in. Whoever may not be here learns nothing, not even that it is here."""

    site_title = site_header = index_title = gettext_lazy("Operator")
    final_catch_all_view = False
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return bool(user.is_authenticated and user.is_active and user.is_staff)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        def gated(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            response = self.let_in(request, view, *args, **kwargs)
            if not cacheable:
                add_never_cache_headers(response)
            return response

        gated.operator_only = True  # type: ignore[attr-defined]
        return update_wrapper(gated, view)

    def let_in(self, request: Any, view: View, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.has_permission(request):
            raise Http404
        if not has_second_factor(request.user):
            sentence = _(
                "The operator's pages ask for a second step at log-in. Set one up to go on."
            )
            messages.warning(request, sentence)
            return redirect("settings-security")
        has_form = getattr(view, "delicate", False)
        if (has_form or request.method not in SAFE) and not is_recent(request):
            return ask_to_confirm(request, request.get_full_path() if has_form else "")
        return view(request, *args, **kwargs)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {"site": self, "admins": list(self.admins())}

    def admins(self) -> Iterator[Any]:
        return iter(self._registry.values())

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Ours alone: no log-in, no password page, nothing that adds or deletes."""
        return [
            *self.pages(),
            *(path(f"{one.slug}/", include(one.get_urls())) for one in self.admins()),
        ]

    def pages(self) -> list[URLPattern]:
        """Those of no list."""
        return []

    @property
    def urls(self) -> Any:
        return self.get_urls(), "admin", self.name


def delicate(view: View) -> View:
    """Below `admin_view`: also to see it, somebody must have logged in a moment ago."""
    view.delicate = True  # type: ignore[attr-defined]
    return view


def page(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    return render(request, f"generation/operator/{template}.html", context, status=status)
