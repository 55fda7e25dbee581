"""The engine against the real simulator, step by step, as the cluster would call it."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from generation.catalogue import rules
from generation.engine import reconcile, store, submit, sweep
from generation.engine.start import Start, start
from generation.models import Status, Task
from tests.engine.rounds import ask_once
from tests.engine.sentences import faults
from tests.factories import make_key, project_of, team_of

PLACES = {
    "demo": "/demo",
    "vidu": "/vidu",
    "vidu-cn": "/vidu-cn",
    "kkiai": "/kkiai",
    "vtrix": "/vtrix",
}


@pytest.fixture
def simulator(one_simulator, settings):
    """The simulator, empty, quick and without faults, standing in for every provider."""
    one_simulator.reset()
    one_simulator.settings(pace=0.01)
    settings.PROVIDER_URLS = {name: one_simulator.url + path for name, path in PLACES.items()}
    settings.RECONCILE_GRACE = settings.RECONCILE_GAP = 0
    return one_simulator


@pytest.fixture(autouse=True)
def _every_sentence_has_its_chinese(request):
    """Whatever a test made the engine write can be read by a Chinese reader."""
    marked = request.node.get_closest_marker("django_db")
    has_rows = marked or {"db", "transactional_db"} & set(request.fixturenames)
    if has_rows:
        request.getfixturevalue("db")
    yield
    if has_rows:
        assert list(faults()) == []


class Engine:
    """Every step of a task's life, called by hand."""

    def __init__(self, user) -> None:
        self.user = user

    def start(self, prompt="A lighthouse at dusk", provider="demo", images=(), **values) -> Task:
        model = "viduq2_reference2image" if provider == "vtrix" else "viduq2"
        wanted = {"prompt": prompt, **values}
        return self.begin((provider, "image", model), {"images": images}, **wanted)

    def begin(self, offer, inputs=None, subjects=(), key=None, **values) -> Task:
        """A task of any offer, named by (provider, mode, model)."""
        offer = rules.offer(*offer)
        inputs = {role: list(given) for role, given in (inputs or {}).items()}
        facts = {role: [one.facts for one in given] for role, given in inputs.items()}
        facts["subjects"] = [one.facts for one in subjects]
        if key is None and offer.provider != "demo":
            key = make_key(self.user, offer.provider)
        order = Start(
            self.user, team_of(self.user), project_of(self.user), str(time.monotonic_ns()), offer,
            key, rules.check(offer, values, facts), inputs, list(subjects),
        )  # fmt: skip
        return start(order).tasks.get()

    def submit(self, task: Task) -> Task:
        Task.objects.filter(pk=task.pk).update(not_before=None)
        submit.submit(task.pk)
        return self.fresh(task)

    def poll(self, task: Task, until=(Status.STORING, Status.FAILED, Status.CANCELLED)) -> Task:
        """Rounds of one look each, until the provider has finished."""
        ends = time.monotonic() + 60
        while time.monotonic() < ends:
            self.look(task)
            task = self.fresh(task)
            if task.status in until:
                return task
        raise AssertionError(f"{task} did not get there")

    def look(self, task: Task) -> Task:
        Task.objects.filter(pk=task.pk).update(next_poll_at=timezone.now() - timedelta(seconds=1))
        ask_once()
        return self.fresh(task)

    def store(self, task: Task) -> Task:
        store.store_results(task.pk)
        return self.fresh(task)

    def finish(self, task: Task) -> Task:
        return self.store(self.poll(self.submit(task)))

    def reconcile(self, task: Task) -> Task:
        reconcile.reconcile(task.pk)
        return self.fresh(task)

    def sweep(self) -> None:
        sweep.sweep()

    def fresh(self, task: Task) -> Task:
        return Task.objects.select_related("key", "team", "user").get(pk=task.pk)


@pytest.fixture
def engine(user, simulator) -> Engine:
    return Engine(user)
