"""The audit log takes rows and lets none be changed; only old ones may be deleted, by the purge."""

from django.db import migrations

REFUSAL = "the audit log is only added to"
# Each statement by the word that the trigger stands before; an OR REPLACE deletes no row as
# SQLite sees it, so an id that is there is refused, too.
SQLITE = {
    "audit_no_update": "BEFORE UPDATE ON generation_auditevent",
    "audit_no_delete": "BEFORE DELETE ON generation_auditevent "
    "WHEN OLD.at IS NULL OR OLD.at > datetime('now', '-30 days')",
    "audit_no_replace": "BEFORE INSERT ON generation_auditevent "
    "WHEN EXISTS (SELECT 1 FROM generation_auditevent WHERE id = NEW.id)",
}
POSTGRESQL = f"""
CREATE FUNCTION audit_is_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.at < now() - interval '30 days' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON generation_auditevent
    FOR EACH ROW EXECUTE FUNCTION audit_is_added_to();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON generation_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_added_to();
"""
POSTGRESQL_BACK = """
DROP TRIGGER audit_no_change ON generation_auditevent;
DROP TRIGGER audit_no_truncate ON generation_auditevent;
DROP FUNCTION audit_is_added_to();
"""


def guard(_apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute(POSTGRESQL, params=None)
        return
    for name, when in SQLITE.items():
        editor.execute(
            f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END", params=None
        )


def unguard(_apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute(POSTGRESQL_BACK, params=None)
        return
    for name in SQLITE:
        editor.execute(f"DROP TRIGGER {name}", params=None)


class Migration(migrations.Migration):

    dependencies = [
        ("generation", "0017_team_offers"),
    ]

    operations = [
        migrations.RunPython(guard, unguard),
    ]
