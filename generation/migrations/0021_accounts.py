"""Ownership of addresses, and counts for limits.

Accounts of before were asked for no proof. They go on logging in (`logs_in_unproven`), but own no
address until it is proven: among them may be one that a stranger registered. The operator vouched
for staff. Who has proven a second address, but never the main one, has the proven one as the main
one from now on: the other may be somebody else's.
"""

import secrets

from django.db import migrations, models

NOWHERE = "@no-address.invalid"


def keep_old_accounts(apps, _editor):
    User = apps.get_model("generation", "User")
    EmailAddress = apps.get_model("account", "EmailAddress")
    User.objects.update(logs_in_unproven=True)
    proven = set(EmailAddress.objects.filter(verified=True).values_list("user", flat=True))
    for user in User.objects.filter(is_staff=True).exclude(pk__in=proven):
        email = user.email.lower()
        if not EmailAddress.objects.filter(email=email, verified=True).exists():
            EmailAddress.objects.filter(user=user).update(primary=False)
            EmailAddress.objects.update_or_create(
                user=user, email=email, defaults={"verified": True, "primary": True}
            )
    for user in User.objects.filter(pk__in=proven):
        rows = EmailAddress.objects.filter(user=user)
        if rows.filter(verified=True, email=user.email.lower()).exists():
            continue
        row = rows.filter(verified=True).order_by("-primary", "pk").first()
        # Who has it as the main address without a proof could not log in with it before either.
        for other in User.objects.filter(email=row.email).exclude(pk=user.pk):
            User.objects.filter(pk=other.pk).update(email=f"{secrets.token_hex(12)}{NOWHERE}")
        rows.update(primary=False)
        rows.filter(pk=row.pk).update(primary=True)
        User.objects.filter(pk=user.pk).update(email=row.email)
        if not user.email.endswith(NOWHERE):
            EmailAddress.objects.get_or_create(user=user, email=user.email.lower())


class Migration(migrations.Migration):

    dependencies = [
        ("account", "0009_emailaddress_unique_primary_email"),
        ("generation", "0020_presence"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="logs_in_unproven",
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name="LimitCount",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("count", models.PositiveIntegerField(default=0)),
                ("ends_at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.RunPython(keep_old_accounts, migrations.RunPython.noop),
    ]
