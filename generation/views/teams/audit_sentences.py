"""The acts of the audit log in the reader's language, and the facts below each of them."""

from collections.abc import Callable, Iterator
from typing import Any

from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext

from generation.forms.team_defaults import SETTINGS, field_name
from generation.models import AuditEvent, ConsentKind, ProviderName, Role, SubjectKind, Verb
from generation.views.account.sessions import browser_name
from generation.views.feed.source_title import mode_label

V = Verb


def strong(text: Any) -> SafeString:
    return format_html("<b>{}</b>", text)


def past(text: Any) -> SafeString:
    """What it was before: crossed out, and read as such by who does not see that."""
    return format_html('<del class="was">{}</del>', text)


def sentence_about(event: AuditEvent) -> SafeString:
    """What was done, to stand behind the name of who did it."""
    word = GROUPS.get(event.verb.partition(".")[0])
    found = word(event) if word else None
    if found is not None:
        return found
    name = target_of(event)
    if event.verb in TEXTS:
        provider = strong(provider_name(event.changes.get("provider", "")))
        number = strong(event.target_id)
        return format_html(_(TEXTS[event.verb]), name=name, provider=provider, number=number)
    return format_html("{}: {}", event.verb, name)


def escaped(text: Any) -> SafeString:
    return format_html("{}", text)


def target_of(event: AuditEvent) -> SafeString:
    by_link = event.verb.startswith("invitation.")
    return strong(event.target_name or (_("somebody by link") if by_link else "?"))


def pair_of(event: AuditEvent, name: str) -> tuple[Any, Any]:
    """The old and the new value of a field; two empty texts where it did not change."""
    value = event.changes.get(name)
    return (value[0], value[1]) if isinstance(value, list) and len(value) == 2 else ("", value)


def count_of(event: AuditEvent) -> int:
    count = event.changes.get("count")
    return count if isinstance(count, int) else 1


def role_name(value: Any) -> Any:
    return Role(value).label if value in Role.values else value


TEXTS: dict[str, str] = {
    V.TEAM_CREATED: gettext_noop("founded the team {name}"),
    V.TEAM_CHANGED: gettext_noop("changed the settings of {name}"),
    V.TEAM_LEAVING: gettext_noop("deleted the team {name}"),
    V.TEAM_KEPT: gettext_noop("took back the deletion of {name}"),
    V.TEAM_OFFERED: gettext_noop("asked {name} to take the team over"),
    V.TEAM_OFFER_WITHDRAWN: gettext_noop("no longer asks {name} to take the team over"),
    V.TEAM_DECLINED: gettext_noop("declined to take the team over from {name}"),
    V.TEAM_TRANSFERRED: gettext_noop("took the team over from {name}"),
    V.MEMBER_JOINED: gettext_noop("joined the team"),
    V.MEMBER_LEFT: gettext_noop("left the team"),
    V.MEMBER_REMOVED: gettext_noop("removed {name}"),
    V.INVITED: gettext_noop("invited {name}"),
    V.INVITATION_RENEWED: gettext_noop("made a new link for the invitation of {name}"),
    V.INVITATION_REVOKED: gettext_noop("revoked the invitation of {name}"),
    V.INVITATION_ACCEPTED: gettext_noop("accepted the invitation of {name}"),
    V.INVITATION_EXPIRED: gettext_noop("ended the invitation of {name}: its time was over"),
    V.INVITATION_VOID: gettext_noop("ended the invitation of {name}: it was no longer valid"),
    V.PROJECT_CREATED: gettext_noop("made the project {name}"),
    V.PROJECT_CHANGED: gettext_noop("changed the project {name}"),
    V.PROJECT_ARCHIVED: gettext_noop("archived the project {name}"),
    V.PROJECT_RESTORED: gettext_noop("restored the project {name}"),
    V.FILTER_SAVED: gettext_noop("saved the filter {name} for the team"),
    V.FILTER_CHANGED: gettext_noop("changed the filter {name}"),
    V.FILTER_DELETED: gettext_noop("deleted the filter {name}"),
    V.COLLECTION_CREATED: gettext_noop("made the collection {name}"),
    V.COLLECTION_CHANGED: gettext_noop("changed the collection {name}"),
    V.COLLECTION_FILLED: gettext_noop("added to the collection {name}"),
    V.COLLECTION_THINNED: gettext_noop("took out of the collection {name}"),
    V.COLLECTION_DELETED: gettext_noop("deleted the collection {name}"),
    V.LINK_CREATED: gettext_noop("made the share link {name}"),
    V.LINK_CHANGED: gettext_noop("changed the share link {name}"),
    V.LINK_REVOKED: gettext_noop("switched off the share link {name}"),
    V.LINK_RENEWED: gettext_noop("gave the share link {name} a new address"),
    V.LINK_VISITS_ENDED: gettext_noop("ended all visits of the share link {name}"),
    V.LINK_EXTENDED: gettext_noop("extended the share link {name}"),
    V.STACK_CHANGED: gettext_noop("changed the stack of versions {name}"),
    V.STACK_DISSOLVED: gettext_noop("dissolved the stack of versions {name}"),
    V.COMMENT_REMOVED: gettext_noop("removed what a guest wrote in {name}"),
    V.SUBJECT_CREATED: gettext_noop("made the subject {name}"),
    V.SUBJECT_CHANGED: gettext_noop("changed the subject {name}"),
    V.SUBJECT_ARCHIVED: gettext_noop("archived the subject {name}"),
    V.SUBJECT_RESTORED: gettext_noop("restored the subject {name}"),
    V.SUBJECT_REGISTERED: gettext_noop("had the subject {name} registered with {provider}"),
    V.CONSENT_SET: gettext_noop("changed the consent for {name}"),
    V.CONSENT_REMOVED: gettext_noop("removed the consent for {name}"),
    V.SUBJECTS_IMPORTED: gettext_noop("began to import subjects from {provider}"),
    V.TASK_CANCELLED: gettext_noop("cancelled task {number} in {name}"),
    V.TASK_SENT_AGAIN: gettext_noop("sent task {number} in {name} again"),
    V.KEY_ADDED: gettext_noop("added the key {name} for {provider}"),
    V.KEY_REPLACED: gettext_noop("replaced the key {name} for {provider}"),
    V.KEY_REMOVED: gettext_noop("removed the key {name} for {provider}"),
    V.KEY_DEFAULT: gettext_noop("made {name} the key for {provider}"),
    V.KEY_LENT: gettext_noop("lent the key {name} for {provider} to the team"),
    V.KEY_LOAN_CHANGED: gettext_noop("changed how much of the key {name} for {provider} is lent"),
    V.KEY_LOAN_ENDED: gettext_noop("ended the loan of the key {name} for {provider}"),
    V.REVIEW_ASKED: gettext_noop("asked for a review of result {number} in {name}"),
    V.REVIEW_APPROVED: gettext_noop("approved result {number} in {name}"),
    V.REVIEW_CHANGES: gettext_noop("asked for changes to result {number} in {name}"),
    V.REVIEW_WITHDRAWN: gettext_noop("withdrew the review of result {number} in {name}"),
    V.ACCOUNT_CREATED: gettext_noop("made the account"),
    V.LOGGED_IN: gettext_noop("logged in from a new device"),
    V.PASSWORD_CHANGED: gettext_noop("changed the password"),
    V.EMAIL_CHANGED: gettext_noop("changed the e-mail addresses"),
    V.FACTOR_CHANGED: gettext_noop("changed the second factor"),
    V.ACCOUNT_EXPORTED: gettext_noop("downloaded the own data"),
    V.ACCOUNT_DELETED: gettext_noop("deleted the account"),
    V.SUSPENDED: gettext_noop("suspended {name}"),
    V.REINSTATED: gettext_noop("lifted the suspension of {name}"),
    V.RESET_LINK_MADE: gettext_noop("made a link for {name} to set a password"),
    V.TASK_CHECKED: gettext_noop("had task {number} in {name} looked for again"),
    V.SIGNUP_SWITCHED: gettext_noop("opened or closed sign-up"),
    V.ANNOUNCED: gettext_noop("told everybody: {name}"),
    V.ANNOUNCEMENT_ENDED: gettext_noop("ended the message: {name}"),
}


# --- What needs more than a name: one function a noun ---------------------------------------------


def team_act(event: AuditEvent) -> SafeString | None:
    before, after = pair_of(event, "name")
    if event.verb == V.TEAM_CHANGED and before:
        text = _("renamed the team from {before} to {after}")
        return format_html(text, before=past(before), after=strong(after))
    return None


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
    return None


def invitation_act(event: AuditEvent) -> SafeString | None:
    _before, role = pair_of(event, "role")
    if event.verb == V.INVITED and role:
        role = strong(role_name(role))
        return format_html(_("invited {name} as {role}"), name=target_of(event), role=role)
    return None


def project_act(event: AuditEvent) -> SafeString | None:
    before, after = pair_of(event, "name")
    if event.verb == V.PROJECT_CHANGED and before:
        text = _("renamed the project {before} to {after}")
        return format_html(text, before=past(before), after=strong(after))
    return None


def subject_act(event: AuditEvent) -> SafeString | None:
    before, after = pair_of(event, "name")
    if event.verb == V.SUBJECT_CHANGED and before:
        text = _("renamed the subject {before} to {after}")
        return format_html(text, before=past(f"@{before}"), after=strong(f"@{after}"))
    return None


def version_act(event: AuditEvent) -> SafeString:
    version = strong(f"v{event.changes.get('version', '?')}")
    text = _("added {version} in {name}")
    if event.verb == V.VERSION_REMOVED:
        text = _("took {version} out of its stack in {name}")
    return format_html(text, version=version, name=target_of(event))


def batch_act(event: AuditEvent) -> SafeString | None:
    count = count_of(event)
    text = ngettext("started {count} task in {name}", "started {count} tasks in {name}", count)
    return format_html(text, count=strong(number_format(count)), name=target_of(event))


def task_act(event: AuditEvent) -> SafeString | None:
    if event.verb != V.TASK_DECIDED:
        return None
    if not event.target_id:
        return held_act(event)
    text = _("stopped waiting for task {number} in {name}")
    if event.changes.get("decision") == "failed":
        text = _("decided that task {number} in {name} failed")
    return format_html(text, number=strong(event.target_id), name=target_of(event))


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
        case V.OUTPUT_DELETED:
            text = ngettext(
                "deleted {count} result for good", "deleted {count} results for good", count
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


def review_act(event: AuditEvent) -> SafeString | None:
    count, guest = count_of(event), event.changes.get("guest")
    facts = {"number": strong(event.target_id), "name": target_of(event)}
    if event.verb == V.REVIEW_ASKED and not event.target_id:
        text = ngettext(
            "asked for a review of {count} result", "asked for a review of {count} results", count
        )
        return format_html(text, count=strong(number_format(count)))
    if guest and event.verb == V.REVIEW_APPROVED:
        return format_html(
            _("{guest}, by link: approved result {number} in {name}"), guest=strong(guest), **facts
        )
    if guest and event.verb == V.REVIEW_CHANGES:
        text = _("{guest}, by link: asked for changes to result {number} in {name}")
        return format_html(text, guest=strong(guest), **facts)
    if event.verb == V.REVIEW_MOVED:
        after = strong(event.changes.get("to", ""))
        text = _("moved the approval of result {number} in {name} to result {after}")
        return format_html(text, after=after, **facts)
    if event.verb == V.REVIEWER_FREED:
        text = _("no longer waits for {reviewer} about result {number} in {name}")
        return format_html(text, reviewer=strong(event.changes.get("reviewer", "")), **facts)
    return None


def account_act(event: AuditEvent) -> SafeString | None:
    how = event.changes.get("how")
    before, after = pair_of(event, "address")
    address = strong(after or before)
    if event.verb == V.EMAIL_CHANGED and how in EMAIL_TEXTS:
        return format_html(str(EMAIL_TEXTS[how]), address=address)
    if event.verb == V.FACTOR_CHANGED and how in FACTOR_TEXTS:
        return escaped(FACTOR_TEXTS[how])
    if event.verb == V.PASSWORD_CHANGED and how == "reset":
        return escaped(_("reset the password by letter"))
    if event.verb == V.SESSIONS_ENDED:
        count = count_of(event)
        text = ngettext("logged out {count} device", "logged out {count} devices", count)
        return format_html(text, count=strong(number_format(count)))
    return None


FACTOR_TEXTS = {
    "totp added": gettext_lazy("set up an app for the second step"),
    "totp removed": gettext_lazy("removed the app of the second step"),
    "webauthn added": gettext_lazy("added a passkey"),
    "webauthn removed": gettext_lazy("removed a passkey"),
    "codes": gettext_lazy("made new recovery codes"),
}
EMAIL_TEXTS = {
    "added": gettext_lazy("added the e-mail address {address}"),
    "removed": gettext_lazy("removed the e-mail address {address}"),
    "confirmed": gettext_lazy("confirmed the e-mail address {address}"),
    "main": gettext_lazy("made {address} the main e-mail address"),
    "operator": gettext_lazy("set {address} as the e-mail address of another person"),
}


GROUPS: dict[str, Callable[[AuditEvent], SafeString | None]] = {
    "team": team_act,
    "member": member_act,
    "invitation": invitation_act,
    "project": project_act,
    "subject": subject_act,
    "version": version_act,
    "batch": batch_act,
    "task": task_act,
    "output": output_act,
    "review": review_act,
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
    "file": gettext_lazy("File"),
    "until": gettext_lazy("Valid until"),
    "note": gettext_lazy("Note"),
    "role": gettext_lazy("Role"),
    "count": gettext_lazy("Count"),
    "mode": gettext_lazy("Mode"),
    "model": gettext_lazy("Model"),
    "provider": gettext_lazy("Provider"),
    "picture": gettext_lazy("Image"),
    "second factor": gettext_lazy("Second factor"),
    "time zone": gettext_lazy("Time zone"),
    "project": gettext_lazy("Project for new work"),
    "source mark": gettext_lazy("Says that a model made it"),
    "AIGC label": gettext_lazy("Chinese AIGC label"),
    "maker named": gettext_lazy("Names who made it"),
    "settings in ZIP": gettext_lazy("Settings in a ZIP"),
    **{field_name(*setting): label for setting, label in SETTINGS.items()},
    "heir": gettext_lazy("Heir"),
    "outputs": gettext_lazy("Results"),
    "subjects": gettext_lazy("Subjects"),
    "projects": gettext_lazy("Projects"),
    "batches": gettext_lazy("Batches"),
    "cancelled": gettext_lazy("Tasks cancelled"),
    "uses": gettext_lazy("Uses"),
    "reason": gettext_lazy("Reason"),
    "address": gettext_lazy("E-mail address"),
    "ask again": gettext_lazy("Ask again about a new version"),
    "weekly credits": gettext_lazy("Credits a week"),
    "lender": gettext_lazy("Key of"),
    "title": gettext_lazy("Title"),
    "starts": gettext_lazy("Starts"),
    "ends": gettext_lazy("Ends"),
    "content": gettext_lazy("Content"),
    "downloads": gettext_lazy("Download"),
    "approved only": gettext_lazy("Only what was approved can be downloaded"),
    "prompts": gettext_lazy("Prompts and settings"),
    "names": gettext_lazy("Names of your team"),
    "versions": gettext_lazy("See older versions"),
    "comments": gettext_lazy("Comment"),
    "answers": gettext_lazy("Approve or ask for changes"),
    "watermark": gettext_lazy("Watermark"),
    "most visits": gettext_lazy("Visits at most"),
    "told of visits": gettext_lazy("Tell me on the first visit"),
    "told of downloads": gettext_lazy("Tell me on downloads"),
    "told of comments": gettext_lazy("Tell me on comments"),
    "password": gettext_lazy("Password"),
    "links": gettext_lazy("Share links"),
    "links switched off": gettext_lazy("Share links switched off"),
    "link days": gettext_lazy("A link ends after at most"),
    "links for ever": gettext_lazy("Links may stay open for ever"),
    "link password": gettext_lazy("Every link needs a password"),
    "link originals": gettext_lazy("Links may give originals for download"),
    "shortened": gettext_lazy("Links shortened"),
    "without originals": gettext_lazy("Links that give originals no more"),
    "reviewers": gettext_lazy("Reviewers"),
    "reviewer": gettext_lazy("Reviewer"),
    "guest": gettext_lazy("Guest"),
    "closed": gettext_lazy("Came to"),
    "to": gettext_lazy("To"),
}
SILENT = {"decision", "how", "version"}  # the sentence says it


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
    if name in ("files", "note"):  # ids say nothing to people, and a note is not kept here
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
        "role": role_name, "provider": provider_name, "mode": mode_label, "kind": kind_name,
    }  # fmt: skip
    return labels[name](value) if name in labels else value


def kind_name(value: Any) -> Any:
    """Of a subject, or of the consent for one."""
    kinds = dict(SubjectKind.choices) | dict(ConsentKind.choices)
    return kinds.get(value, value)


def provider_name(value: Any) -> Any:
    return ProviderName(value).label if value in ProviderName.values else value
