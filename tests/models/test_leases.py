from datetime import timedelta

from django.utils import timezone

from generation.models import Beat, Lease


def test_one_holder_at_a_time(db):
    assert Lease.take("poll", "a", 30)
    assert not Lease.take("poll", "b", 30)
    assert Lease.take("poll", "a", 30)


def test_a_lease_ends_by_release_or_by_time(db):
    Lease.take("poll", "a", 30)
    Lease.release("poll", "b")
    assert not Lease.is_free("poll")
    Lease.release("poll", "a")
    assert Lease.is_free("poll")
    Lease.take("poll", "a", -1)
    assert Lease.take("poll", "b", 30)


def test_a_beat_is_the_last_one(db):
    Beat.objects.create(name="cluster", at=timezone.now() - timedelta(hours=1))
    Beat.strike("cluster")
    assert timezone.now() - Beat.last("cluster") < timedelta(minutes=1)
