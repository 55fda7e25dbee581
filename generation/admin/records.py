"""Keys, without anything of the secret, and the audit log of the whole studio."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.admin.rows import Rows, shown_time, yes_no
from generation.models import ApiKey, AuditEvent
from generation.views.teams.audit_sentences import sentence_about


class Keys(Rows):
    slug, icon, title = "keys", "key-round", gettext_lazy("Keys")
    list_display = ("provider_name", "name", "owner", "state_label", "usual", "tested", "added")
    list_display_links = None
    ordering = ("-created_at",)
    sortable_by = ()
    lookups = ("user__id__exact",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """No column of the secret is read at all."""
        shown = ("provider", "label", "state", "is_default", "tested_at", "created_at")
        return ApiKey.objects.select_related("user").only(*shown, "user__name", "user__email")

    @admin.display(description=gettext_lazy("Provider"))
    def provider_name(self, row: ApiKey) -> str:
        return row.get_provider_display()

    @admin.display(description=gettext_lazy("Label"))
    def name(self, row: ApiKey) -> str:
        return row.label

    @admin.display(description=gettext_lazy("Owner"))
    def owner(self, row: ApiKey) -> str:
        return row.user.shown_name

    @admin.display(description=gettext_lazy("State"))
    def state_label(self, row: ApiKey) -> str:
        return row.get_state_display()

    @admin.display(description=gettext_lazy("Used by default"))
    def usual(self, row: ApiKey) -> str:
        return yes_no(row.is_default)

    @admin.display(description=gettext_lazy("Tested"))
    def tested(self, row: ApiKey) -> str:
        return shown_time(row.tested_at)

    @admin.display(description=gettext_lazy("Added"))
    def added(self, row: ApiKey) -> str:
        return shown_time(row.created_at)


class Group(admin.SimpleListFilter):
    title = gettext_lazy("Which")
    parameter_name = "which"

    def lookups(self, _request: HttpRequest, _rows: Any) -> list[tuple[str, Any]]:
        return [("accounts", gettext_lazy("Accounts and the studio, in no team"))]

    def queryset(self, _request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(team=None) if self.value() == "accounts" else rows


class Acts(Rows):
    slug, icon, title = "acts", "scroll-text", gettext_lazy("Audit log")
    list_display = ("when", "who", "did", "reason", "of_team", "origin")
    list_display_links = None
    list_filter = (Group,)
    list_select_related = ("team",)
    ordering = ("-at", "-pk")
    sortable_by = ()
    lookups = ("team__id__exact", "actor__id__exact")

    @admin.display(description=gettext_lazy("When"))
    def when(self, row: AuditEvent) -> str:
        return shown_time(row.at)

    @admin.display(description=gettext_lazy("Who"))
    def who(self, row: AuditEvent) -> str:
        return row.actor_name or str(row.get_actor_kind_display())

    @admin.display(description=gettext_lazy("Act"))
    def did(self, row: AuditEvent) -> SafeString:
        return sentence_about(row)

    @admin.display(description=gettext_lazy("Reason"))
    def reason(self, row: AuditEvent) -> str:
        return str(row.changes.get("reason", ""))

    @admin.display(description=gettext_lazy("Team"))
    def of_team(self, row: AuditEvent) -> str:
        if row.team_id is None:
            return ""
        return row.team.name if row.team else _("gone")

    @admin.display(description=gettext_lazy("Network"))
    def origin(self, row: AuditEvent) -> str:
        return row.ip
