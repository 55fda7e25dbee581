from datetime import timedelta

from django.utils import timezone

from generation.models import Heartbeat, Lease


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


def test_a_heartbeat_is_the_last_one(db):
    Heartbeat.objects.create(name="cluster", at=timezone.now() - timedelta(hours=1))
    Heartbeat.touch("cluster")
    assert timezone.now() - Heartbeat.last("cluster") < timedelta(minutes=1)


def test_a_lease_from_before_the_clock_was_set_back_is_free(db):
    Lease.take("poll", "a", 30)
    Lease.objects.update(expires_at=timezone.now() + timedelta(hours=2))
    assert Lease.is_free("poll")
    assert Lease.take("poll", "b", 30)
    assert not Lease.take("poll", "c", 30)


def test_clocks_that_differ_a_little_steal_no_lease(db):
    Lease.take("poll", "a", 30)
    Lease.objects.update(expires_at=timezone.now() + timedelta(seconds=40))
    assert not Lease.take("poll", "b", 30)


def test_a_heartbeat_of_the_future_proves_nothing(db):
    Heartbeat.objects.create(name="cluster", at=timezone.now() + timedelta(hours=2))
    assert Heartbeat.last("cluster") is None
    Heartbeat.touch("cluster")
    assert Heartbeat.last("cluster") is not None
