"""A studio that was away, or is a copy, sends nothing by itself what was queued before."""

import shutil
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from generation.engine import callbacks, due, held_tasks, hold, installation, sweep
from generation.engine import submit as sending
from generation.engine.queue import Job
from generation.models import Heartbeat, Installation, Status, Task
from tests.engine.absence import (
    HOUR,
    be_away,
    be_copied,
    decide,
    fresh,
    held,
    queued,
    send_all,
    start,
)
from tests.engine.test_look import accept, let_pass, listings, look
from tests.engine.test_together import at_once
from tests.factories import make_key


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def key(user, simulator, settings):
    settings.RECONCILE_GAP = 60  # `let_pass` lets it pass
    return make_key(user, "vidu")


# --- When it holds ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("passed", "sent"),
    [({"minutes": 2}, 3), ({"minutes": 11}, 0), ({"minutes": -2}, 3), ({"days": -365}, 0)],
    ids=["a restart", "away", "a clock a little wrong", "a clock set back"],
)
def test_what_was_queued_is_sent_by_itself_only_after_a_short_absence(key, simulator, passed, sent):
    queued(key, 3)
    be_away(**passed)
    start()
    send_all()
    assert (len(simulator.ledger()), held()) == (sent, 3 - sent)


def test_the_first_start_holds_nothing(key, simulator):
    queued(key)
    start()
    send_all()
    assert len(simulator.ledger()) == 1


def test_a_database_of_an_older_version_is_as_old_as_its_last_heartbeat(key, simulator):
    queued(key)
    Heartbeat.objects.create(name="cluster:here", at=timezone.now() - timedelta(days=40))
    start()
    send_all()
    assert (len(simulator.ledger()), held()) == (0, 1)


def test_a_copy_is_known_at_once_and_holds_also_what_was_about_to_be_sent(key, simulator):
    now = timezone.now()
    (waits,) = queued(key, not_before=now - HOUR)
    (about_to,) = queued(key, status=Status.SUBMITTING, claim="c", deadline=now + HOUR)
    (out,) = queued(key, status=Status.SUBMITTING, claim="d", deadline=now, sent_at=now)
    be_copied()
    start()
    sweep.recover()
    send_all()
    assert simulator.ledger() == []
    assert {fresh(one).is_held for one in (waits, about_to)} == {True}
    assert fresh(out).status == Status.UNCERTAIN  # looked for, never sent again


def test_who_has_claimed_before_the_absence_does_not_send_after_it(key, simulator, monkeypatch):
    """A machine that slept while it prepared."""
    (task,) = queued(key)
    installation.note_alive()
    prepare = sending.prepare

    def slowly(one):
        Installation.objects.update(last_alive=timezone.now() - HOUR)
        return prepare(one)

    monkeypatch.setattr(sending, "prepare", slowly)
    sending.submit(task.pk)
    assert simulator.ledger() == []
    start()
    assert fresh(task).is_held


def test_a_claim_fails_however_the_process_began(key, simulator):
    """The database was away at the start, so nobody looked back before the workers began."""
    (task,) = queued(key)
    be_copied()
    sending.submit(task.pk)
    assert simulator.ledger() == []
    assert fresh(task).is_held


def test_a_backup_that_was_put_in_its_place_is_known(key, simulator):
    queued(key)
    installation.note_alive()
    backup = Installation.objects.values().get()
    installation.note_alive()
    Installation.objects.update(**backup)
    start()
    send_all()
    assert (simulator.ledger(), held()) == ([], 1)


def test_a_second_node_and_a_second_start_change_nothing(key):
    (task,) = queued(key)
    be_away(minutes=30)
    start()
    first = fresh(task)
    held_tasks.free(task.team_id, [task.pk])
    start()
    assert first.is_held
    assert not fresh(task).is_held


def test_a_start_that_dies_holds_all_or_nothing(key, monkeypatch):
    queued(key, 2)
    be_away(minutes=30)

    def die(_now):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(hold, "hold_registrations", die)
        with pytest.raises(KeyboardInterrupt):
            installation.note_alive()
    assert held() == 0
    start()
    assert held() == 2


@pytest.mark.django_db(transaction=True)
def test_nodes_that_start_at_once_hold_once(key):
    queued(key, 2)
    be_away(minutes=30)
    assert at_once(installation.note_alive, count=3) == []
    notes = [task.events.count() for task in Task.objects.all()]
    assert (held(), notes) == (2, [1, 1])


def restore_file(tmp_path, monkeypatch):
    """Yields before and after a backup was put at the same path."""
    file = tmp_path / "studio.sqlite3"
    file.write_text("rows")
    monkeypatch.setitem(connection.settings_dict, "NAME", str(file))
    yield
    shutil.copy(file, tmp_path / "copy")
    (tmp_path / "copy").replace(file)
    yield


def restore_tables(*_unused):
    """The same for a dump that was restored into the same database."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE generation_installation RENAME TO former")
        cursor.execute("CREATE TABLE generation_installation (LIKE former INCLUDING ALL)")
    yield


def test_a_restored_database_lies_at_another_place(db, tmp_path, monkeypatch):
    kinds = {"sqlite": restore_file, "postgresql": restore_tables}
    steps = kinds[connection.vendor](tmp_path, monkeypatch)
    next(steps)
    before = installation.database_place()
    assert installation.database_place() == before
    next(steps)
    assert installation.database_place() != before


# --- What is held -------------------------------------------------------------------------------


def test_what_is_held_wakes_no_sender(key):
    queued(key, not_before=timezone.now() - HOUR)
    be_copied()
    start()
    let_pass()
    assert Job.SEND not in due.due_times(timezone.now())


def test_what_the_original_has_sent_is_found_and_never_sent(key, simulator):
    sent, waits = queued(key, 2)
    accept(sent)
    Task.objects.update(created_at=timezone.now() - timedelta(days=3))  # sent much later
    be_copied()
    start()
    look()
    assert (fresh(sent).status, fresh(sent).held_since) == (Status.RUNNING, None)
    assert fresh(sent).sent_at is not None
    assert fresh(waits).is_held
    assert decide(key.user) == 1
    let_pass()
    look()
    send_all()
    markers = sorted(row["payload"] for row in simulator.ledger())
    assert markers == sorted([sent.marker, waits.marker])


def test_one_listing_serves_held_and_uncertain_tasks(key, simulator):
    now = timezone.now()
    (lost,) = queued(key, status=Status.UNCERTAIN, sent_at=now, next_look_at=now)
    (waits,) = queued(key)
    accept(lost, waits)
    be_copied()
    start()
    look()
    assert {fresh(one).status for one in (lost, waits)} == {Status.RUNNING}
    assert listings(simulator) == 1


def test_as_long_as_nobody_decides_it_is_looked_for_again(key, simulator):
    (task,) = queued(key)
    be_copied()
    start()
    look()
    accept(task)  # the original goes on
    let_pass()
    look()
    assert fresh(task).status == Status.RUNNING


def test_what_was_sent_since_the_last_look_is_found_after_the_decision(key, simulator):
    (task,) = queued(key)
    be_copied()
    start()
    look()
    accept(task)
    assert decide(key.user) == 1
    let_pass()
    look()
    send_all()
    assert len(simulator.ledger()) == 1


def test_a_list_that_cannot_be_read_keeps_nobody_from_sending_for_ever(key, simulator):
    (task,) = queued(key)
    be_copied()
    start()
    assert decide(key.user) == 1
    simulator.faults({"kind": "status", "status": 500, "match": {"method": "GET"}})
    for _ in range(held_tasks.LOOKS_NEEDED):
        assert fresh(task).is_held
        let_pass()
        look()
    send_all()
    assert len(simulator.ledger()) == 1


def test_where_nothing_is_listed_it_is_sent_at_once(user, engine, simulator):
    task = engine.start(provider="vtrix")
    be_copied()
    start()
    look()
    assert decide(user) == 1
    send_all()
    assert (len(simulator.ledger()), engine.fresh(task).status) == (1, Status.RUNNING)


def test_a_callback_of_what_the_original_sent_adopts_it(key, simulator):
    (task,) = queued(key)
    simulator.settings(list_payload=False)
    (made,) = accept(task)
    be_copied()
    start()
    callbacks.receive(fresh(task), "n", f'{{"id": "{made}"}}'.encode())
    look()
    assert (fresh(task).status, fresh(task).remote_id) == (Status.RUNNING, made)
