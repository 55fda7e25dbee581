"""When each member was last there."""

from django.db import models

from generation.models.teams import Membership


class Presence(models.Model):
    """Apart from the membership: it is written while people only look."""

    membership = models.OneToOneField(
        Membership, on_delete=models.CASCADE, related_name="presence", primary_key=True
    )
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"presence of membership {self.membership_id}"
