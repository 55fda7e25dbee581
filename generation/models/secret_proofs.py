"""What tells whether the secrets of a machine are those that the database is used with."""

from django.db import models


class SecretProof(models.Model):
    """Made with a secret of the installation; only the same secret opens or repeats it."""

    name = models.CharField(max_length=20, primary_key=True)
    proof = models.BinaryField()
    made_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.name
