"""What the cards of subjects show."""

from django.db.models import Count, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce

from generation.forms.mentioned_subjects import with_files
from generation.models import Registration, TaskSubject
from generation.models.subjects import SubjectQuerySet
from generation.web.shortcuts import StudioRequest


def with_card_columns(rows: SubjectQuerySet, request: StudioRequest) -> SubjectQuerySet:
    """With files, how often it was used, and where it is registered with the person's own keys."""
    uses = TaskSubject.objects.filter(subject=OuterRef("pk")).order_by().values("subject")
    used = Coalesce(Subquery(uses.annotate(n=Count("pk")).values("n")), 0)
    own = Registration.objects.filter(Q(key__user=request.user) | Q(key=None))
    own = own.select_related("key").order_by("provider", "pk")
    shown = Prefetch("registrations", own, to_attr="own_registrations")
    rows = with_files(rows).with_consent()
    return rows.select_related("created_by").annotate(used=used).prefetch_related(shown)
