"""What of the audit log is shown: filters read from an address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import reduce
from operator import and_
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from generation.forms.parsing import parse_id
from generation.forms.search import MOST_WORDS, clean_query
from generation.models import ActorKind, AuditEvent, Membership, Verb

# The first words of verbs, by what stands in the address.
GROUPS: Mapping[str, tuple[Promise | str, tuple[str, ...]]] = {
    "members": (_("Members and invitations"), ("member", "invitation")),
    "team": (_("The team itself"), ("team",)),
    "making": (_("Generating"), ("batch", "task")),
    "results": (_("Results and trash"), ("output", "version", "stack")),
    "subjects": (_("Subjects"), ("subject", "consent")),
    "projects": (_("Projects"), ("project",)),
    "keys": (_("Keys"), ("key",)),
}
OWN = "own"  # the reader's own account, whose acts are in no team
TODAY, MONTH, ALL = "today", "", "all"
MONTH_DAYS = 30
OTHERS = (ActorKind.GUEST, ActorKind.LINK, ActorKind.SYSTEM)


def verbs_in(group: str) -> list[str]:
    _label, nouns = GROUPS[group]
    return [verb for verb in Verb.values if verb.partition(".")[0] in nouns]


@dataclass(frozen=True)
class AuditFilter:
    """One view of the log. What an address asks for that does not exist filters nothing."""

    who: str = ""  # a person's id, or a kind of actor
    what: str = ""
    when: str = MONTH
    search: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> "AuditFilter":
        who, what = query.get("who", ""), query.get("what", "")
        when = query.get("when", "")
        return cls(
            who=who if who in OTHERS or parse_id(who) else "",
            what=what if what in (*GROUPS, OWN) else "",
            when=when if when in (TODAY, ALL) else MONTH,
            search=clean_query(query.get("q", "")),
        )

    @property
    def query(self) -> str:
        """What stands in an address for it."""
        facts = {"who": self.who, "what": self.what, "when": self.when, "q": self.search}
        return urlencode({name: value for name, value in facts.items() if value})

    @property
    def since(self) -> datetime:
        """No further back than acts are kept, though the purge may come later."""
        if self.when == TODAY:
            return timezone.make_aware(datetime.combine(timezone.localdate(), time.min))
        days = settings.AUDIT_DAYS if self.when == ALL else MONTH_DAYS
        return timezone.now() - timedelta(days=days)

    def rows(self, reader: Membership) -> QuerySet[AuditEvent]:
        """The newest first: acts of the team, or of the reader's own account."""
        rows = AuditEvent.objects.filter(team=reader.team_id)
        if self.what == OWN:
            rows = AuditEvent.objects.filter(team=None, actor=reader.user_id)
        elif self.what:
            rows = rows.filter(verb__in=verbs_in(self.what))
        if self.who in OTHERS:
            rows = rows.filter(actor_kind=self.who)
        elif self.who:
            rows = rows.filter(actor=int(self.who))
        rows = rows.filter(at__gte=self.since)
        return self.searched(rows).order_by("-at", "-id")

    def searched(self, rows: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        if not self.search:
            return rows
        parts = self.search.split()[:MOST_WORDS]
        named = [Q(actor_name__icontains=one) | Q(target_name__icontains=one) for one in parts]
        return rows.filter(Q(request_id=self.search) | reduce(and_, named))
