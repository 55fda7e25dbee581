"""The acts of the audit log in the reader's language, and the facts below each of them."""

from collections.abc import Callable, Iterator
from typing import Any

from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from generation.models import AuditEvent, ProviderName, Role, Verb
from generation.views.account.sessions import browser_name
from generation.views.feed.task_card import mode_label

V = Verb


def strong(text: Any) -> SafeString:
    return format_html("<b>{}</b>", text)


def past(text: Any) -> SafeString:
    """What it was before: crossed out, and read as such by who does not see that."""
    return format_html('<del class="was">{}</del>', text)


def sentence_about(event: AuditEvent) -> SafeString:
    """What was done, to stand behind the name of who did it."""
    group = event.verb.partition(".")[0]
    word = GROUPS.get(group)
    found = word(event) if word else None
    if found is not None:
        return found
    label = Verb(event.verb).label if event.verb in Verb.values else event.verb
    return format_html("{}: {}", label, target_of(event)) if event.target_name else escaped(label)


def escaped(text: Any) -> SafeString:
    return format_html("{}", text)


def target_of(event: AuditEvent) -> SafeString:
    return strong(event.target_name or "?")


def pair_of(event: AuditEvent, name: str) -> tuple[Any, Any]:
    """The old and the new value of a field; two empty texts where it did not change."""
    value = event.changes.get(name)
    return (value[0], value[1]) if isinstance(value, list) and len(value) == 2 else ("", value)


def count_of(event: AuditEvent) -> int:
    count = event.changes.get("count")
    return count if isinstance(count, int) else 1


def role_name(value: Any) -> Any:
    return Role(value).label if value in Role.values else value


# --- One function a noun --------------------------------------------------------------------------


def team_act(event: AuditEvent) -> SafeString | None:
    before, after = pair_of(event, "name")
    if event.verb == V.TEAM_CHANGED and before:
        text = _("renamed the team from {before} to {after}")
        return format_html(text, before=past(before), after=strong(after))
    texts = {
        V.TEAM_CREATED: _("founded the team {team}"),
        V.TEAM_CHANGED: _("changed the settings of {team}"),
        V.TEAM_LEAVING: _("deleted the team {team}"),
        V.TEAM_KEPT: _("took back the deletion of {team}"),
        V.TEAM_OFFERED: _("asked {team} to take the team over"),
        V.TEAM_DECLINED: _("declined to take the team over from {team}"),
        V.TEAM_TRANSFERRED: _("took the team over from {team}"),
    }
    return one_of(texts, event, team=target_of(event))


def member_act(event: AuditEvent) -> SafeString | None:
    before, after = pair_of(event, "role")
    heir = event.changes.get("heir")
    name = target_of(event)
    if event.verb == V.MEMBER_ROLE:
        text = _("changed the role of {name} from {before} to {after}")
        before, after = past(role_name(before)), strong(role_name(after))
        return format_html(text, name=name, before=before, after=after)
    if event.verb == V.MEMBER_REMOVED and heir:
        return format_html(_("removed {name}, heir {heir}"), name=name, heir=strong(heir))
    if event.verb == V.MEMBER_LEFT and heir:
        return format_html(_("left the team, heir {heir}"), heir=strong(heir))
    if event.verb == V.MEMBER_JOINED and after:
        return format_html(_("joined the team as {role}"), role=strong(role_name(after)))
    texts = {
        V.MEMBER_JOINED: _("joined the team"),
        V.MEMBER_LEFT: _("left the team"),
        V.MEMBER_REMOVED: _("removed {name}"),
    }
    return one_of(texts, event, name=name)


def invitation_act(event: AuditEvent) -> SafeString | None:
    _before, role = pair_of(event, "role")
    name = strong(event.target_name or _("somebody by link"))
    if event.verb == V.INVITED and role:
        return format_html(_("invited {name} as {role}"), name=name, role=strong(role_name(role)))
    texts = {
        V.INVITED: _("invited {name}"),
        V.INVITATION_RENEWED: _("made a new link for the invitation of {name}"),
        V.INVITATION_REVOKED: _("revoked the invitation of {name}"),
        V.INVITATION_ACCEPTED: _("accepted the invitation of {name}"),
        V.INVITATION_EXPIRED: _("ended the invitation of {name}: its time was over"),
        V.INVITATION_VOID: _("ended the invitation of {name}: it was no longer valid"),
    }
    return one_of(texts, event, name=name)


def project_act(event: AuditEvent) -> SafeString | None:
    before, after = pair_of(event, "name")
    if event.verb == V.PROJECT_CHANGED and before:
        text = _("renamed the project {before} to {after}")
        return format_html(text, before=past(before), after=strong(after))
    texts = {
        V.PROJECT_CREATED: _("made the project {name}"),
        V.PROJECT_CHANGED: _("changed the project {name}"),
        V.PROJECT_ARCHIVED: _("archived the project {name}"),
        V.PROJECT_RESTORED: _("restored the project {name}"),
    }
    return one_of(texts, event, name=target_of(event))


def subject_act(event: AuditEvent) -> SafeString | None:
    before, after = pair_of(event, "name")
    provider = strong(provider_name(event.changes.get("provider", "")))
    if event.verb == V.SUBJECT_CHANGED and before:
        text = _("renamed the subject {before} to {after}")
        return format_html(text, before=past(f"@{before}"), after=strong(f"@{after}"))
    texts = {
        V.SUBJECT_CREATED: _("made the subject {name}"),
        V.SUBJECT_CHANGED: _("changed the subject {name}"),
        V.SUBJECT_ARCHIVED: _("archived the subject {name}"),
        V.SUBJECT_RESTORED: _("restored the subject {name}"),
        V.SUBJECT_REGISTERED: _("had the subject {name} registered with {provider}"),
        V.SUBJECTS_IMPORTED: _("began to import subjects from {provider}"),
    }
    return one_of(texts, event, name=target_of(event), provider=provider)


def batch_act(event: AuditEvent) -> SafeString | None:
    count = count_of(event)
    text = ngettext(
        "started {count} task in {project}", "started {count} tasks in {project}", count
    )
    return format_html(text, count=strong(number_format(count)), project=target_of(event))


def task_act(event: AuditEvent) -> SafeString | None:
    number = strong(event.target_id)
    if event.verb == V.TASK_DECIDED and not event.target_id:
        return held_act(event)
    if event.verb == V.TASK_DECIDED:
        text = _("stopped waiting for task {number} in {project}")
        if event.changes.get("decision") == "failed":
            text = _("decided that task {number} in {project} failed")
        return format_html(text, number=number, project=target_of(event))
    texts = {
        V.TASK_CANCELLED: _("cancelled task {number} in {project}"),
        V.TASK_SENT_AGAIN: _("sent task {number} in {project} again"),
    }
    return one_of(texts, event, number=number, project=target_of(event))


def held_act(event: AuditEvent) -> SafeString:
    count = count_of(event)
    if event.changes.get("decision") == "send":
        text = ngettext(
            "let {count} task be sent that was held", "let {count} tasks be sent that were held",
            count,
        )  # fmt: skip
    else:
        text = ngettext(
            "cancelled {count} task that was held", "cancelled {count} tasks that were held", count
        )
    return format_html(text, count=strong(number_format(count)))


def output_act(event: AuditEvent) -> SafeString | None:
    count = count_of(event)
    match event.verb:
        case V.OUTPUT_TRASHED:
            text = ngettext(
                "moved {count} result to the trash", "moved {count} results to the trash", count
            )
        case V.OUTPUT_RESTORED:
            text = ngettext(
                "restored {count} result from the trash",
                "restored {count} results from the trash",
                count,
            )
        case _:
            text = ngettext(
                "downloaded {count} result as zip", "downloaded {count} results as zip", count
            )
    return format_html(text, count=strong(number_format(count)))


def key_act(event: AuditEvent) -> SafeString | None:
    texts = {
        V.KEY_ADDED: _("added the key {name} for {provider}"),
        V.KEY_REPLACED: _("replaced the key {name} for {provider}"),
        V.KEY_REMOVED: _("removed the key {name} for {provider}"),
        V.KEY_DEFAULT: _("made {name} the key for {provider}"),
        V.KEY_LENT: _("lent the key {name} for {provider} to the team"),
        V.KEY_TAKEN_BACK: _("took back the key {name} for {provider}"),
    }
    provider = strong(provider_name(event.changes.get("provider", "")))
    return one_of(texts, event, name=target_of(event), provider=provider)


def account_act(event: AuditEvent) -> SafeString | None:
    how = event.changes.get("how")
    before, after = pair_of(event, "address")
    address = strong(after or before)
    if event.verb == V.EMAIL_CHANGED and how in EMAIL_TEXTS:
        return format_html(str(EMAIL_TEXTS[how]), address=address)
    if event.verb == V.PASSWORD_CHANGED and how == "reset":
        return escaped(_("reset the password by letter"))
    if event.verb == V.SESSIONS_ENDED:
        count = count_of(event)
        text = ngettext("logged out {count} device", "logged out {count} devices", count)
        return format_html(text, count=strong(number_format(count)))
    texts = {
        V.ACCOUNT_CREATED: _("made the account"),
        V.LOGGED_IN: _("logged in from a new device"),
        V.PASSWORD_CHANGED: _("changed the password"),
        V.FACTOR_CHANGED: _("changed the second factor"),
        V.ACCOUNT_DELETED: _("deleted the account"),
        V.SUSPENDED: _("suspended {name}"),
        V.REINSTATED: _("lifted the suspension of {name}"),
    }
    return one_of(texts, event, name=target_of(event))


EMAIL_TEXTS = {
    "added": gettext_lazy("added the e-mail address {address}"),
    "removed": gettext_lazy("removed the e-mail address {address}"),
    "confirmed": gettext_lazy("confirmed the e-mail address {address}"),
    "main": gettext_lazy("made {address} the main e-mail address"),
}


def one_of(texts: dict[Verb, str], event: AuditEvent, **names: SafeString) -> SafeString | None:
    text = texts.get(event.verb)  # type: ignore[call-overload]
    return format_html(text, **names) if text else None


GROUPS: dict[str, Callable[[AuditEvent], SafeString | None]] = {
    "team": team_act,
    "member": member_act,
    "invitation": invitation_act,
    "project": project_act,
    "subject": subject_act,
    "batch": batch_act,
    "task": task_act,
    "output": output_act,
    "key": key_act,
    "account": account_act,
}

# --- The facts below ------------------------------------------------------------------------------

FIELDS = {
    "name": gettext_lazy("Name"),
    "description": gettext_lazy("Description"),
    "kind": gettext_lazy("Kind"),
    "style": gettext_lazy("Style"),
    "voice_id": gettext_lazy("Voice"),
    "tags": gettext_lazy("Tags"),
    "files": gettext_lazy("Files"),
    "role": gettext_lazy("Role"),
    "count": gettext_lazy("Count"),
    "mode": gettext_lazy("Mode"),
    "model": gettext_lazy("Model"),
    "provider": gettext_lazy("Provider"),
    "picture": gettext_lazy("Picture"),
    "second factor": gettext_lazy("Second factor"),
    "heir": gettext_lazy("Heir"),
    "outputs": gettext_lazy("Results"),
    "subjects": gettext_lazy("Subjects"),
    "projects": gettext_lazy("Projects"),
    "batches": gettext_lazy("Batches"),
    "cancelled": gettext_lazy("Tasks cancelled"),
    "uses": gettext_lazy("Uses"),
    "reason": gettext_lazy("Reason"),
    "address": gettext_lazy("E-mail address"),
}
SILENT = {"decision", "how"}  # the sentence says it


def facts_of_event(event: AuditEvent) -> Iterator[tuple[Any, SafeString]]:
    """A label and a value for each thing that is known beside the sentence."""
    yield _("Act"), format_html("<code>{}</code>", event.verb)
    for name, value in event.changes.items():
        if name not in SILENT:
            yield FIELDS.get(name, name), changed_value(name, value)
    if event.ip or event.user_agent:
        agent = browser_name(event.user_agent) if event.user_agent else ""
        yield _("From"), escaped(", ".join(one for one in (event.ip, agent) if one))
    if event.session_hint:
        yield _("Session"), format_html("<code>{}</code>", event.session_hint)
    if event.request_id:
        yield _("Request"), format_html("<code>{}</code>", event.request_id)


def changed_value(name: str, value: Any) -> SafeString:
    if not isinstance(value, list) or len(value) != 2:
        return escaped(value_name(name, value))
    if name == "files":  # their ids say nothing to people
        return escaped(_("changed"))
    before, after = (value_name(name, one) for one in value)
    if before in ("", None):
        return escaped(after)
    if after in ("", None):
        return past(before)
    return format_html("{} → {}", past(before), after)


def value_name(name: str, value: Any) -> Any:
    """A value in words."""
    if isinstance(value, bool):
        return _("on") if value else _("off")
    if isinstance(value, int):
        return number_format(value)
    labels: dict[str, Callable[[Any], Any]] = {
        "role": role_name, "provider": provider_name, "mode": mode_label,
    }  # fmt: skip
    return labels[name](value) if name in labels else value


def provider_name(value: Any) -> Any:
    return ProviderName(value).label if value in ProviderName.values else value
