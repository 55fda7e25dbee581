"""Who may read and write what, at every address of the studio."""

from dataclasses import dataclass

from tests.security.verbs import VERBS
from tests.security.world import Address, addresses

ACTORS = (
    "anon", "stranger", "viewer", "member", "admin", "owner", "maker", "removed", "inactive",
    "visitor",  # has no account, and was let in by a share link of the team
)  # fmt: skip
EVERYBODY = frozenset(ACTORS)
NOBODY: frozenset[str] = frozenset()
PEOPLE = EVERYBODY - {"anon", "inactive", "visitor"}
GUESTS = frozenset({"visitor"})
WORKING = PEOPLE - {"removed"}  # stranger: in a team of their own, which they own
CREATORS = WORKING - {"viewer"}
OWNERS = frozenset({"owner", "stranger"})
MANAGERS = frozenset({"owner", "admin"})
INVITERS = MANAGERS | {"stranger"}
TEAM = frozenset({"owner", "admin", "maker", "member", "viewer"})
MANAGERS_AND_MAKER = frozenset({"owner", "admin", "maker"})
MAKER = frozenset({"maker"})
CREATING = TEAM - {"viewer"}


@dataclass(frozen=True)
class Rule:
    """Who may read and who may write; None: there is no such method here.

    `hidden`: a part of a page, which answers 404 instead of leading to the log-in. `outcomes`: what
    counts as being let in.
    """

    read: frozenset[str] | None = None
    write: frozenset[str] | None = None
    hidden: bool = False
    outcomes: frozenset[str] = frozenset({"ok"})


TABLE = {
    "home": Rule(PEOPLE),
    "first-account": Rule(NOBODY, NOBODY, hidden=True),
    "healthz": Rule(EVERYBODY),
    "readyz": Rule(EVERYBODY, outcomes=frozenset({"ok", "503"})),
    "metrics": Rule(NOBODY, hidden=True),  # a token lets in, where one is set
    "callback": Rule(None, EVERYBODY),
    "input": Rule(NOBODY, hidden=True),  # a signed link lets in, nothing else does
    "create-home": Rule(WORKING),
    "create-cost": Rule(CREATORS, CREATORS),
    "create-suggest": Rule(None, CREATORS),
    "create": Rule(WORKING, CREATORS),
    "create-fields": Rule(CREATORS, CREATORS),
    "create-pick": Rule(CREATORS),
    "create-voices": Rule(CREATORS),
    "create-templates": Rule(CREATORS),
    "create-take": Rule(TEAM - {"viewer"}),
    "live": Rule(WORKING),
    "live-work": Rule(WORKING),
    "uploads": Rule(None, CREATORS),
    "upload-remove": Rule(None, MAKER),
    "upload-crop": Rule(TEAM - {"viewer"}, TEAM - {"viewer"}),
    "upload-smaller": Rule(None, TEAM - {"viewer"}),
    "media": Rule(TEAM, hidden=True),
    "task": Rule(TEAM),
    "task-cancel": Rule(None, MANAGERS_AND_MAKER),
    "task-retry": Rule(None, MANAGERS_AND_MAKER),
    "task-download-again": Rule(None, MANAGERS_AND_MAKER),
    "task-find-results": Rule(None, MANAGERS_AND_MAKER),
    "task-check-again": Rule(None, MANAGERS_AND_MAKER),
    "task-give-up": Rule(None, MANAGERS_AND_MAKER),
    "task-stop-waiting": Rule(None, MANAGERS_AND_MAKER),
    "task-send-again": Rule(MANAGERS_AND_MAKER, MANAGERS_AND_MAKER),
    "tasks-held-send": Rule(None, CREATORS),
    "tasks-held-cancel": Rule(None, CREATORS),
    "library": Rule(WORKING),
    "library-live": Rule(WORKING),
    "library-trash": Rule(None, MANAGERS_AND_MAKER),
    "trash-delete": Rule(None, MANAGERS_AND_MAKER),
    "compare": Rule(WORKING, WORKING),
    "compare-winner": Rule(None, TEAM),
    "library-versions": Rule(None, MANAGERS_AND_MAKER),
    "output-version": Rule(MANAGERS_AND_MAKER, MANAGERS_AND_MAKER),
    "stack": Rule(TEAM, MANAGERS_AND_MAKER),
    "stack-dissolve": Rule(MANAGERS_AND_MAKER, MANAGERS_AND_MAKER),
    "version-out": Rule(None, MANAGERS_AND_MAKER),
    "version-note": Rule(None, MANAGERS_AND_MAKER),
    "version-still-open": Rule(None, TEAM),
    "library-rate": Rule(None, TEAM),
    "library-download": Rule(None, TEAM),
    "output": Rule(TEAM),
    "output-download": Rule(TEAM),
    "output-captions": Rule(TEAM),
    "output-frame": Rule(None, TEAM - {"viewer"}),
    "output-rate": Rule(None, TEAM),
    "output-comments": Rule(TEAM, TEAM),
    "comment-edit": Rule(None, MAKER),
    "comment-delete": Rule(None, MAKER),
    "comment-resolve": Rule(None, TEAM),
    "output-trash": Rule(None, MANAGERS_AND_MAKER),
    "output-restore": Rule(None, MANAGERS_AND_MAKER),
    "review-box": Rule(TEAM),
    "review-answer": Rule(None, TEAM),  # all of them were asked
    "review-withdraw": Rule(None, MANAGERS_AND_MAKER),
    "review-ask": Rule(CREATORS, MANAGERS_AND_MAKER),
    "output-comments-export": Rule(TEAM),
    "collection-comments-export": Rule(TEAM),
    "stack-comments-export": Rule(TEAM),
    "trash": Rule(WORKING),
    "check-file": Rule(WORKING, WORKING),
    "subjects": Rule(WORKING),
    "subject-new": Rule(CREATORS, CREATORS),
    "subjects-live": Rule(WORKING),
    "subject-search": Rule(WORKING),
    "subject-import": Rule(None, NOBODY),  # the keys of this world fit no address
    "subject-import-state": Rule(CREATORS),
    "subject": Rule(TEAM),
    "subject-edit": Rule(CREATING, CREATING),
    "subject-consent": Rule(CREATING, CREATING),
    "subject-consent-file": Rule(CREATING),
    "subject-archive": Rule(None, CREATING),
    "subject-register": Rule(None, CREATING),
    "subject-registrations": Rule(CREATING),
    "saved-filters": Rule(WORKING),
    "saved-filter-new": Rule(WORKING, WORKING),
    "saved-filter-edit": Rule(MANAGERS_AND_MAKER, MANAGERS_AND_MAKER),
    "saved-filter-delete": Rule(None, MANAGERS_AND_MAKER),
    "collections": Rule(WORKING),
    "collection-new": Rule(CREATORS, CREATORS),
    "collection-collect": Rule(None, CREATING),
    "collection": Rule(TEAM),
    "collection-edit": Rule(MANAGERS_AND_MAKER, MANAGERS_AND_MAKER),
    "collection-arrange": Rule(MANAGERS_AND_MAKER, MANAGERS_AND_MAKER),
    "collection-out": Rule(None, MANAGERS_AND_MAKER),
    "collection-cover": Rule(None, MANAGERS_AND_MAKER),
    "collection-delete": Rule(MANAGERS_AND_MAKER, MANAGERS_AND_MAKER),
    "projects": Rule(WORKING),
    "project-new": Rule(CREATORS, CREATORS),
    "project": Rule(TEAM),
    "project-settings": Rule(MANAGERS_AND_MAKER, MANAGERS_AND_MAKER),
    "project-archive": Rule(None, MANAGERS_AND_MAKER),
    "links": Rule(CREATORS),
    "link-new": Rule(CREATING, CREATING),
    "links-revoke": Rule(None, MANAGERS_AND_MAKER),
    "link": Rule(MANAGERS_AND_MAKER),
    "link-edit": Rule(MANAGERS_AND_MAKER, MANAGERS_AND_MAKER),
    "link-revoke": Rule(MANAGERS_AND_MAKER, MANAGERS_AND_MAKER),
    "link-address": Rule(MANAGERS_AND_MAKER, MANAGERS_AND_MAKER),
    "link-visits": Rule(None, MANAGERS_AND_MAKER),
    "link-extend": Rule(None, MANAGERS_AND_MAKER),
    "settings": Rule(PEOPLE),
    "settings-profile": Rule(PEOPLE, PEOPLE),
    "settings-appearance": Rule(PEOPLE, PEOPLE),
    "settings-security": Rule(PEOPLE),
    "sessions-end": Rule(None, PEOPLE),
    "account-export": Rule(None, PEOPLE),
    "account-close": Rule(PEOPLE, PEOPLE, outcomes=frozenset({"ok", "login"})),
    "settings-shortcuts": Rule(PEOPLE, PEOPLE),
    "settings-notices": Rule(PEOPLE, PEOPLE),
    "notices": Rule(WORKING),
    "notices-bell": Rule(WORKING),
    "notices-read": Rule(None, WORKING),
    "notice-open": Rule(None, MAKER),  # nobody sees those of another
    "keys": Rule(PEOPLE),
    "key-add": Rule(PEOPLE, PEOPLE),
    "key-test": Rule(None, MAKER),
    "key-replace": Rule(MAKER, MAKER),
    "key-remove": Rule(MAKER, MAKER),
    "key-default": Rule(None, MAKER),
    "key-lend": Rule(MAKER, MAKER),
    "key-loan": Rule(MAKER, MAKER),
    "key-loan-end": Rule(None, MAKER),
    "announcement-dismiss": Rule(None, PEOPLE),
    "models-help": Rule(WORKING),
    "team-switch": Rule(None, TEAM),
    "team-new": Rule(PEOPLE, PEOPLE),
    "team-ended": Rule(PEOPLE),
    "team-members": Rule(WORKING),
    "member-role": Rule(None, MANAGERS),
    "team-invitations": Rule(INVITERS, INVITERS),
    "invitation-renew": Rule(None, MANAGERS),
    "invitation-again": Rule(None, MANAGERS),
    "invitation-revoke": Rule(None, MANAGERS),
    "invite": Rule(EVERYBODY, EVERYBODY, outcomes=frozenset({"ok", "login"})),
    "team-keys": Rule(WORKING),
    "team-key-end": Rule(None, MANAGERS_AND_MAKER),
    "team-roles": Rule(WORKING),
    "member-remove": Rule(MANAGERS_AND_MAKER, MANAGERS_AND_MAKER),
    "team-transfer": Rule(OWNERS, OWNERS),
    "team-transfer-answer": Rule(None, WORKING),
    "team-delete": Rule(OWNERS, OWNERS),
    "team-keep": Rule(None, OWNERS),
    "team-audit": Rule(MANAGERS | {"stranger"}),
    "team-audit-export": Rule(MANAGERS | {"stranger"}),
    "team-settings": Rule(OWNERS, OWNERS),
    "team-delivery": Rule(None, OWNERS),
    "team-avatar": Rule(None, OWNERS),
    # The link asks for no password: whoever has it gets in, and members of its team all the same.
    "share": Rule(EVERYBODY),
    "share-item": Rule(EVERYBODY),
    "share-open": Rule(None, EVERYBODY),
    "share-name": Rule(EVERYBODY, EVERYBODY),
    "share-longer": Rule(None, MANAGERS_AND_MAKER, hidden=True),
    "share-forget": Rule(None, GUESTS, hidden=True),
    "share-answer": Rule(None, GUESTS, hidden=True),
    "share-comments": Rule(None, GUESTS, hidden=True),
    "share-comment": Rule(None, GUESTS, hidden=True),
    "share-media": Rule(TEAM | GUESTS, hidden=True),
    "share-zip": Rule(None, TEAM | GUESTS, hidden=True),
    "share-zip-file": Rule(NOBODY, hidden=True),  # a ticket of one's own lets in
    "team-sharing": Rule(None, OWNERS),
    # Who is logged in already is led on, and so is who has no second step waiting.
    "mfa_authenticate": Rule(PEOPLE, PEOPLE),
    "mfa_login_webauthn": Rule(PEOPLE, PEOPLE),
    "mfa_reauthenticate": Rule(PEOPLE, PEOPLE),
    "mfa_reauthenticate_webauthn": Rule(PEOPLE, PEOPLE),
    "mfa_activate_totp": Rule(PEOPLE, PEOPLE),
    "mfa_deactivate_totp": Rule(NOBODY, NOBODY),  # nobody in this world has an app
    "mfa_view_recovery_codes": Rule(PEOPLE),
    "mfa_generate_recovery_codes": Rule(MAKER, MAKER),
    "mfa_download_recovery_codes": Rule(NOBODY),  # those of this session alone, once made
    "mfa_codes_done": Rule(None, PEOPLE),
    "mfa_add_webauthn": Rule(PEOPLE, PEOPLE),
    "mfa_edit_webauthn": Rule(MAKER, MAKER),
    "mfa_remove_webauthn": Rule(MAKER, MAKER),
    "account_login": Rule(EVERYBODY, EVERYBODY),
    "account_logout": Rule(EVERYBODY, EVERYBODY, outcomes=frozenset({"ok", "login"})),
    "account_signup": Rule(EVERYBODY, EVERYBODY),
    "account_inactive": Rule(EVERYBODY),
    "account_reauthenticate": Rule(PEOPLE, PEOPLE),
    "account_email": Rule(PEOPLE, PEOPLE),
    "account_email_verification_sent": Rule(PEOPLE, PEOPLE),  # and who has been sent a code
    "account_confirm_login_code": Rule(PEOPLE, PEOPLE),
    "account_change_password": Rule(PEOPLE, PEOPLE),
    "account_set_password": Rule(PEOPLE, PEOPLE),
    "account_reset_password": Rule(EVERYBODY, EVERYBODY),
    "account_reset_password_done": Rule(EVERYBODY),
    "account_reset_password_from_key": Rule(EVERYBODY, EVERYBODY),
    "account_reset_password_from_key_done": Rule(EVERYBODY),
}
# For everybody here there is no such place, by whatever method: tests/admin has who gets in.
OPERATOR = "operator:"
TABLE |= {
    one.name: Rule(NOBODY, NOBODY if one.name in VERBS else None, hidden=True)
    for one in addresses()
    if one.name.startswith(OPERATOR)
}
UNSTEADY = {"readyz"}  # 503 while there is no cluster


def readable() -> list[Address]:
    """What answers a GET, as a page, a part of one, or a file."""
    found = [one for one in addresses() if TABLE[one.name].read is not None]
    return [one for one in found if one.name not in UNSTEADY]


def writable() -> list[Address]:
    """What a logged-in browser may post to and stay logged in."""
    others = ("callback", "account_logout")
    return [one for one in addresses() if TABLE[one.name].write and one.name not in others]
