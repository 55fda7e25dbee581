"""Every address of the studio."""

from django.conf import settings as studio_settings
from django.urls import include, path

from generation.admin.site import site as operator_site
from generation.views.account import (
    announcements,
    closing,
    emails,
    export,
    factors,
    first_account,
    key_loans,
    keys,
    notices,
    sessions,
    settings,
)
from generation.views.collections import arrange, items, pages
from generation.views.create import library_picker, picks, prompts
from generation.views.create import page as create_page
from generation.views.feed import own_work, poll_view
from generation.views.files import crop, media, uploads
from generation.views.help import models as models_help
from generation.views.library import (
    captions,
    check,
    compare,
    delete_for_good,
    download,
    ratings,
    saved_filters,
    trash,
    viewer,
    zip_download,
)
from generation.views.library import grid as library_grid
from generation.views.library import live as library_live
from generation.views.projects import projects
from generation.views.review import comments, versions
from generation.views.review import export as review_export
from generation.views.review import requests as review_requests
from generation.views.share import answers as guest_answers
from generation.views.share import comments as guest_comments
from generation.views.share import enter as guest_door
from generation.views.share import item as guest_items
from generation.views.share import media as guest_media
from generation.views.share import page as guest_page
from generation.views.share import zip as guest_zips
from generation.views.share_links import acts as link_acts
from generation.views.share_links import pages as link_pages
from generation.views.site import site
from generation.views.subjects import consent as subject_consent
from generation.views.subjects import detail as subject_detail
from generation.views.subjects import editor as subject_editor
from generation.views.subjects import imports as subject_imports
from generation.views.subjects import list as subject_list
from generation.views.subjects import live as subject_live
from generation.views.subjects import registrations
from generation.views.tasks import callbacks, held, tasks
from generation.views.teams import (
    audit_log,
    choice,
    invitations,
    join,
    leaving,
    lent_keys,
    members,
    owners,
)
from generation.views.teams import delivery as team_delivery
from generation.views.teams import settings as team_settings
from generation.views.teams import sharing as team_sharing

urlpatterns = [
    path("", site.home, name="home"),
    path("email/", emails.email_page, name="account_email"),
    path("", include("allauth.account.urls")),
    path("login/second-step/", factors.second_step, name="mfa_authenticate"),
    path("login/passkey/", factors.login_by_passkey, name="mfa_login_webauthn"),
    path("reauthenticate/code/", factors.confirm_code, name="mfa_reauthenticate"),
    path("reauthenticate/passkey/", factors.confirm_passkey, name="mfa_reauthenticate_webauthn"),
    path("welcome/<str:token>/", first_account.first_account, name="first-account"),
    path("create/", create_page.create_home, name="create-home"),
    path("create/cost/", create_page.cost, name="create-cost"),
    path("create/suggest/", prompts.suggestions, name="create-suggest"),
    path("create/voices/", picks.voices, name="create-voices"),
    path("create/templates/", picks.templates, name="create-templates"),
    path("create/<slug:mode>/", create_page.create_mode, name="create"),
    path("create/<slug:mode>/fields/", create_page.fields, name="create-fields"),
    path("create/<slug:mode>/pick/", library_picker.pick, name="create-pick"),
    path("create/<slug:mode>/take/<int:output_id>/", library_picker.taken, name="create-take"),
    path("live/", poll_view.poll_feed, name="live"),
    path("live/work/", own_work.own_work, name="live-work"),
    path("uploads/", uploads.add_upload, name="uploads"),
    path("uploads/<int:media_id>/remove/", uploads.remove_upload, name="upload-remove"),
    path("uploads/<int:media_id>/crop/", crop.crop_upload, name="upload-crop"),
    path("uploads/<int:media_id>/smaller/", uploads.smaller, name="upload-smaller"),
    path("media/<int:media_id>/<slug:variant>/", media.serve_media, name="media"),
    path("inputs/<str:token>/<str:name>", media.serve_input, name="input"),
    path("tasks/<int:task_id>/", tasks.task, name="task"),
    path("tasks/<int:task_id>/cancel/", tasks.cancel, name="task-cancel"),
    path("tasks/<int:task_id>/retry/", tasks.retry, name="task-retry"),
    path("tasks/<int:task_id>/download-again/", tasks.download_again, name="task-download-again"),
    path("tasks/<int:task_id>/find-results/", tasks.find_results, name="task-find-results"),
    path("tasks/<int:task_id>/check-again/", tasks.check_again, name="task-check-again"),
    path("tasks/<int:task_id>/give-up/", tasks.give_up, name="task-give-up"),
    path("tasks/<int:task_id>/stop-waiting/", tasks.stop_waiting, name="task-stop-waiting"),
    path("tasks/<int:task_id>/send-again/", tasks.send_again, name="task-send-again"),
    path("tasks/held/send/", held.send_held, name="tasks-held-send"),
    path("tasks/held/cancel/", held.cancel_held, name="tasks-held-cancel"),
    path("library/", library_grid.library, name="library"),
    path("library/live/", library_live.library_live, name="library-live"),
    path("library/trash/", library_grid.trash_many, name="library-trash"),
    path("compare/", compare.compare_outputs, name="compare"),
    path("compare/winner/", compare.choose_winner, name="compare-winner"),
    path("library/versions/", versions.stack_many, name="library-versions"),
    path("a/<int:output_id>/version/", versions.new_version, name="output-version"),
    path("stacks/<int:stack_id>/", versions.stack_page, name="stack"),
    path("stacks/<int:stack_id>/dissolve/", versions.dissolve_stack, name="stack-dissolve"),
    path("versions/<int:version_id>/out/", versions.take_out_version, name="version-out"),
    path("versions/<int:version_id>/still-open/", versions.still_open, name="version-still-open"),
    path("versions/<int:version_id>/note/", versions.note_version, name="version-note"),
    path("library/rate/", ratings.rate_many, name="library-rate"),
    path("library/download/", zip_download.download_many, name="library-download"),
    path("a/<int:output_id>/", viewer.output, name="output"),
    path("a/<int:output_id>/download/", download.download_output, name="output-download"),
    path("a/<int:output_id>/captions/", captions.captions, name="output-captions"),
    path("a/<int:output_id>/frame/", viewer.save_video_still, name="output-frame"),
    path("a/<int:output_id>/rate/", ratings.rate_output, name="output-rate"),
    path("a/<int:output_id>/comments/", comments.output_comments, name="output-comments"),
    path("comments/<uuid:comment_id>/edit/", comments.edit_comment, name="comment-edit"),
    path("comments/<uuid:comment_id>/delete/", comments.delete_comment, name="comment-delete"),
    path("comments/<uuid:comment_id>/resolve/", comments.resolve_comment, name="comment-resolve"),
    path("a/<int:output_id>/trash/", viewer.trash, name="output-trash"),
    path("a/<int:output_id>/restore/", viewer.restore, name="output-restore"),
    path("a/<int:output_id>/review/", review_requests.box_of_review, name="review-box"),
    path("a/<int:output_id>/review/answer/", review_requests.answer_review, name="review-answer"),
    path(
        "a/<int:output_id>/review/withdraw/",
        review_requests.withdraw_review,
        name="review-withdraw",
    ),
    path(
        "a/<int:output_id>/comments.<slug:form>",
        review_export.export_output,
        name="output-comments-export",
    ),
    path(
        "collections/<int:collection_id>/comments.<slug:form>",
        review_export.export_collection,
        name="collection-comments-export",
    ),
    path(
        "stacks/<int:stack_id>/comments.<slug:form>",
        review_export.export_stack,
        name="stack-comments-export",
    ),
    path("review/ask/", review_requests.ask_for_review, name="review-ask"),
    path("trash/", trash.trash_page, name="trash"),
    path("trash/delete/", delete_for_good.delete_for_good, name="trash-delete"),
    path("check/", check.check_file, name="check-file"),
    path("subjects/", subject_list.subject_list, name="subjects"),
    path("subjects/new/", subject_editor.new, name="subject-new"),
    path("subjects/live/", subject_live.subjects_live, name="subjects-live"),
    path("subjects/search/", subject_list.search, name="subject-search"),
    path("subjects/import/", subject_imports.import_library, name="subject-import"),
    path("subjects/import/state/", subject_imports.state, name="subject-import-state"),
    path("subjects/<int:subject_id>/", subject_detail.subject_page, name="subject"),
    path("subjects/<int:subject_id>/edit/", subject_editor.edit_subject, name="subject-edit"),
    path(
        "subjects/<int:subject_id>/consent/", subject_consent.edit_consent, name="subject-consent"
    ),
    path(
        "subjects/<int:subject_id>/consent/file/",
        subject_consent.consent_file,
        name="subject-consent-file",
    ),
    path(
        "subjects/<int:subject_id>/archive/", subject_detail.archive_subject, name="subject-archive"
    ),
    path(
        "subjects/<int:subject_id>/register/",
        registrations.register_subject,
        name="subject-register",
    ),
    path(
        "subjects/<int:subject_id>/registrations/",
        registrations.registrations,
        name="subject-registrations",
    ),
    path("library/saved/", saved_filters.saved_filters, name="saved-filters"),
    path("library/saved/new/", saved_filters.save_filter, name="saved-filter-new"),
    path("library/saved/<int:filter_id>/", saved_filters.change_filter, name="saved-filter-edit"),
    path(
        "library/saved/<int:filter_id>/delete/",
        saved_filters.delete_filter,
        name="saved-filter-delete",
    ),
    path("collections/", pages.collections, name="collections"),
    path("collections/new/", pages.new_collection, name="collection-new"),
    path("collections/collect/", items.collect, name="collection-collect"),
    path("collections/<int:collection_id>/", pages.collection, name="collection"),
    path("collections/<int:collection_id>/edit/", pages.edit_collection, name="collection-edit"),
    path("collections/<int:collection_id>/arrange/", arrange.arrange, name="collection-arrange"),
    path("collections/<int:collection_id>/out/", items.take_out, name="collection-out"),
    path("collections/<int:collection_id>/cover/", items.choose_cover, name="collection-cover"),
    path(
        "collections/<int:collection_id>/delete/", pages.delete_collection, name="collection-delete"
    ),
    path("projects/", projects.projects, name="projects"),
    path("projects/new/", projects.new_project, name="project-new"),
    path("projects/<slug:slug>/", projects.project, name="project"),
    path("projects/<slug:slug>/settings/", projects.project_settings, name="project-settings"),
    path("projects/<slug:slug>/archive/", projects.archive_project, name="project-archive"),
    path("share/", link_pages.link_list, name="links"),
    path("share/new/", link_pages.new_link, name="link-new"),
    path("share/revoke/", link_acts.revoke_many, name="links-revoke"),
    path("share/<int:link_id>/", link_pages.link_page, name="link"),
    path("share/<int:link_id>/edit/", link_pages.edit_link, name="link-edit"),
    path("share/<int:link_id>/revoke/", link_acts.revoke_link, name="link-revoke"),
    path("share/<int:link_id>/address/", link_acts.renew_address, name="link-address"),
    path("share/<int:link_id>/visits/", link_acts.end_visits, name="link-visits"),
    path("share/<int:link_id>/extend/", link_acts.extend_link, name="link-extend"),
    path("settings/", settings.settings_home, name="settings"),
    path("settings/profile/", settings.profile, name="settings-profile"),
    path("settings/appearance/", settings.appearance, name="settings-appearance"),
    path("settings/security/", sessions.security, name="settings-security"),
    path("settings/security/end/", sessions.end, name="sessions-end"),
    path("settings/security/data/", export.download, name="account-export"),
    path("settings/security/delete/", closing.close, name="account-close"),
    path("settings/security/app/", factors.set_up_app, name="mfa_activate_totp"),
    path("settings/security/app/remove/", factors.remove_app, name="mfa_deactivate_totp"),
    path("settings/security/codes/", factors.codes, name="mfa_view_recovery_codes"),
    path("settings/security/codes/new/", factors.new_codes, name="mfa_generate_recovery_codes"),
    path(
        "settings/security/codes/recovery-codes.txt",
        factors.download_codes,
        name="mfa_download_recovery_codes",
    ),
    path("settings/security/codes/done/", factors.put_codes_away, name="mfa_codes_done"),
    path("settings/security/passkeys/add/", factors.add_passkey, name="mfa_add_webauthn"),
    path(
        "settings/security/passkeys/<int:passkey_id>/rename/",
        factors.rename_passkey,
        name="mfa_edit_webauthn",
    ),
    path(
        "settings/security/passkeys/<int:passkey_id>/remove/",
        factors.remove_passkey,
        name="mfa_remove_webauthn",
    ),
    path("settings/notices/", notices.notice_settings, name="settings-notices"),
    path("notices/", notices.notices, name="notices"),
    path("notices/bell/", notices.bell, name="notices-bell"),
    path("notices/read/", notices.read_notices, name="notices-read"),
    path("notices/<int:notice_id>/open/", notices.open_notice, name="notice-open"),
    path("settings/shortcuts/", settings.shortcuts_page, name="settings-shortcuts"),
    path("message/dismiss/", announcements.dismiss, name="announcement-dismiss"),
    path("settings/keys/", keys.keys, name="keys"),
    path("settings/keys/add/", keys.add_key, name="key-add"),
    path("settings/keys/<uuid:key_id>/test/", keys.test_key, name="key-test"),
    path("settings/keys/<uuid:key_id>/replace/", keys.replace_key, name="key-replace"),
    path("settings/keys/<uuid:key_id>/remove/", keys.remove_key, name="key-remove"),
    path("settings/keys/<uuid:key_id>/default/", keys.default_key, name="key-default"),
    path("settings/keys/<uuid:key_id>/lend/", key_loans.lend_key, name="key-lend"),
    path("settings/keys/loans/<int:loan_id>/", key_loans.key_loan, name="key-loan"),
    path("settings/keys/loans/<int:loan_id>/end/", key_loans.end_key_loan, name="key-loan-end"),
    path("team/switch/", choice.switch_team, name="team-switch"),
    path("team/new/", choice.new_team, name="team-new"),
    path("team/ended/", choice.team_ended, name="team-ended"),
    path("team/members/", members.member_list, name="team-members"),
    path("team/members/<int:membership_id>/role/", members.change_role, name="member-role"),
    path("team/invitations/", invitations.invitation_list, name="team-invitations"),
    path(
        "team/invitations/<int:invitation_id>/renew/",
        invitations.renew_invitation,
        name="invitation-renew",
    ),
    path(
        "team/invitations/<int:invitation_id>/again/",
        invitations.invite_again,
        name="invitation-again",
    ),
    path(
        "team/invitations/<int:invitation_id>/revoke/",
        invitations.revoke_invitation,
        name="invitation-revoke",
    ),
    path("invite/<str:invitation_token>/", join.open_invitation, name="invite"),
    path("team/members/<int:membership_id>/remove/", leaving.remove, name="member-remove"),
    path("team/transfer/", owners.transfer, name="team-transfer"),
    path("team/transfer/answer/", owners.answer_offer, name="team-transfer-answer"),
    path("team/delete/", owners.delete, name="team-delete"),
    path("team/keep/", owners.keep, name="team-keep"),
    path("team/keys/", lent_keys.lent_keys, name="team-keys"),
    path("team/keys/<int:loan_id>/end/", lent_keys.end_lent_key, name="team-key-end"),
    path("team/roles/", members.roles, name="team-roles"),
    path("team/audit/", audit_log.audit_log, name="team-audit"),
    path("team/audit/export.<slug:form>", audit_log.export_audit_log, name="team-audit-export"),
    path("team/settings/", team_settings.team_settings, name="team-settings"),
    path("team/settings/delivery/", team_delivery.team_delivery, name="team-delivery"),
    path("team/settings/sharing/", team_sharing.team_sharing, name="team-sharing"),
    path("team/settings/avatar/", team_settings.team_avatar, name="team-avatar"),
    path("s/<str:share_token>/", guest_page.share_page, name="share"),
    path("s/<str:share_token>/open/", guest_door.open_link, name="share-open"),
    path("s/<str:share_token>/extend/", guest_door.extend_link, name="share-longer"),
    path("s/<str:share_token>/name/", guest_door.name_guest, name="share-name"),
    path("s/<str:share_token>/forget/", guest_door.forget_guest, name="share-forget"),
    path("s/<str:share_token>/<int:number>/", guest_items.share_item, name="share-item"),
    path(
        "s/<str:share_token>/<int:number>/answer/", guest_answers.answer_piece, name="share-answer"
    ),
    path(
        "s/<str:share_token>/<int:number>/comments/",
        guest_comments.post_comment,
        name="share-comments",
    ),
    path(
        "s/<str:share_token>/<int:number>/comments/<uuid:guest_comment_id>/",
        guest_comments.change_comment,
        name="share-comment",
    ),
    path(
        "s/<str:share_token>/m/<int:number>/<slug:variant>/",
        guest_media.share_media,
        name="share-media",
    ),
    path("s/<str:share_token>/zip/", guest_zips.ask_for_zip, name="share-zip"),
    path("s/<str:share_token>/zip/<str:ticket>/", guest_zips.send_zip, name="share-zip-file"),
    path("help/models/", models_help.models_help, name="models-help"),
    path("callbacks/<int:task_id>/<str:token>/", callbacks.receive_callback, name="callback"),
    path(studio_settings.ADMIN_PATH, operator_site.urls),
    path("healthz", site.healthz, name="healthz"),
    path("readyz", site.readyz, name="readyz"),
    path("metrics", site.prometheus_metrics, name="metrics"),
]
