"""A list and a page of one kind of rows, to be read. Built for tables of a million rows."""

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Any

from django.contrib import admin
from django.contrib.admin import ShowFacets
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.templatetags.admin_list import result_headers, results
from django.contrib.admin.views.main import PAGE_VAR, SEARCH_VAR, ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from generation.admin.gate import page
from generation.web.shortcuts import find

MOST_COUNTED = 10_000
Facts = Iterable[tuple[Any, Any]]


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than people turn pages."""

    @cached_property
    def count(self) -> int:
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        return rows[: MOST_COUNTED + 1].count()


class Rows(admin.ModelAdmin):  # type: ignore[type-arg]
    """Nobody adds, changes or deletes here: what can be done is an act with a page of its own."""

    slug = ""  # of the addresses
    title: Any = ""
    icon = "layout-grid"
    actions = None
    paginator = BoundedPaginator
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    search_placeholder: Any = ""
    lookups: tuple[str, ...] = ()  # that may stand in an address beside the filters
    id_converter = "int"
    id_name = "object_id"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.admin_site.has_permission(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        own: Any = self.list_filter
        return lookup in self.lookups or lookup in [one.parameter_name for one in own]

    # --- Addresses --------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            self.route("", require_safe(self.list_view), f"{name}_changelist"),
            *self.own_urls(f"<{self.id_converter}:{self.id_name}>/", f"{name}_change"),
        ]

    def own_urls(self, one: str, name: str) -> list[URLPattern]:
        """The page of one row, and what can be done there. `one` is its part of the address."""
        return []

    def route(self, address: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
        return path(address, self.admin_site.admin_view(view), name=name)

    def act(self, address: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
        return self.route(address, require_http_methods(["GET", "HEAD", "POST"])(view), name)

    # --- The list ---------------------------------------------------------------------------------

    def list_view(self, request: HttpRequest) -> HttpResponse:
        try:
            found = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return redirect(request.path)
        found.formset = None  # as Django's own view sets it
        filters = [(one.title, list(one.choices(found))) for one in found.filter_specs]
        context = self.admin_site.each_context(request) | {
            "rows": self,
            "title": self.title,
            "found": found,
            "headers": list(result_headers(found)),
            "lines": list(results(found)),
            "filters": filters,
            "count": min(found.result_count, MOST_COUNTED),
            "is_more": found.result_count > MOST_COUNTED,
            "kept": [(name, word) for name, word in found.params.items() if name != SEARCH_VAR],
            **self.neighbours(found),
        }
        return page(request, "list", context)

    def neighbours(self, found: ChangeList) -> dict[str, str]:
        def link(number: int) -> str:
            return found.get_query_string({PAGE_VAR: number})

        here, last = found.page_num, found.paginator.num_pages
        return {
            "newer": link(here - 1) if here > 1 else "",
            "older": link(here + 1) if here < last else "",
        }

    def show(
        self, request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        frame = self.admin_site.each_context(request) | {"rows": self}
        return page(request, template, frame | context, status)

    def one(self, pk: Any) -> Any:
        return find(self.model._default_manager.all(), pk=pk)


def shown_time(at: Any) -> str:
    return localtime(at).strftime("%Y-%m-%d %H:%M") if at else ""


def yes_no(value: Any) -> str:
    return pgettext("a fact", "yes") if value else pgettext("a fact", "no")


def link_to(href: str, text: Any) -> SafeString:
    return format_html('<a class="link" href="{}">{}</a>', href, text)


def known(facts: Facts) -> Iterator[tuple[Any, Any]]:
    """Those that say something."""
    return (fact for fact in facts if fact[1] not in ("", None))


def posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None
