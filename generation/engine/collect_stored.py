"""Results that come into a collection by themselves, as was chosen before they were made."""

from generation.models import Batch, Collection, Output
from generation.models.collections import Full


def collect_stored(batch: Batch, output: Output) -> None:
    """Put a result that was just stored at the end of its batch's collection. Call it in the
    transaction that stores it, so that it comes once and is never lost; a collection that is gone
    or full by now keeps no result from being stored. A copy with a watermark stays out."""
    if batch.collection_id is None or output.marked:
        return
    row = Collection.objects.filter(pk=batch.collection_id, team=batch.team_id).first()
    if row is None:
        return
    try:
        row.add([output], batch.user)
    except Collection.DoesNotExist:  # deleted between both statements
        return
    except Full:
        Batch.objects.filter(pk=batch.pk).update(collection_full=True)
