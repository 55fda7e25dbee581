"""Searching in every language, by one parser and one index, on either database."""

import pytest
from django.db import connection

from generation.catalogue.folding import holds
from generation.forms.search import LONGEST_SEARCH, clean_query, holding, read_search, searched
from generation.forms.search_operators import read_operators
from generation.models import Batch, Collection, Output, Project, Subject
from generation.models.search import keep_index
from tests.factories import make_output, make_subject, make_task, make_user, team_of

pytestmark = pytest.mark.django_db
FOUND = [  # a prompt, and what finds it
    ("黄昏海边的灯塔", ["灯塔", "黄昏海边", "塔", "海边的灯", "的灯塔"]),
    ("灯塔 neon, 夜", ["灯塔 neon", "neon 灯塔", "夜", "灯塔neon"]),
    ("A lighthouse, take4242", ["lighthouse", "LIGHT", "take4242", "take42", "lighthouse take"]),
    ("Москва ночью", ["москва", "МОСКВА", "ноч"]),
    ("CAFÉ at GRÖSSE 7", ["cafe", "café", "größe", "grosse", "cafe\u0301", "7"]),
    ("e\u0301clair au chocolat", ["éclair", "ECLAIR", "eclair choc"]),
    ("@Zoë in ｆｕｌｌ width", ["zoe", "@zoë", "full"]),
    ("भारत की सुबह", ["भारत", "सुबह"]),
    ("สวัสดีครับ", ["สวัสดี", "ครับ"]),
    ("서울의 밤", ["서울", "서울의", "밤"]),
    ("שָׁלוֹם", ["שלום"]),
    ("a red-haired fox", ['"red haired"', "red-haired", '"haired fox"', "fox -dog"]),
    ("1e10 x 0.5 /path/to_file.png", ["1e10", "0", "path", "file", "to_file"]),
]
LOST = [
    ("黄昏海边的灯塔", ["塔灯", "灯海", "灯塔 neon"]),
    ("A lighthouse", ["house", "lighthouses", "-lighthouse", '"house light"', "light -lighthouse"]),
    ("a red-haired fox", ['"haired red"', '"red fox"', '"red haire"']),
    ("м", ["䏌"]),
]


def prompts(rows):
    return [one.task.prompt for one in rows]


@pytest.mark.parametrize(("prompt", "query"), [(p, q) for p, all_ in FOUND for q in all_])
def test_a_prompt_is_found(user, prompt, query):
    output = make_output(user, make_task(user, prompt=prompt))
    make_output(user, make_task(user, prompt="Something else"))
    team = output.team_id
    assert prompts(searched(Output.objects.all(), query, team)) == [prompt]
    assert list(searched(Batch.objects.all(), query, team)) == [output.task.batch]
    assert holds([prompt], read_search(query))


@pytest.mark.parametrize(("prompt", "query"), [(p, q) for p, all_ in LOST for q in all_])
def test_another_prompt_is_not_found(user, prompt, query):
    output = make_output(user, make_task(user, prompt=prompt))
    assert prompts(searched(Output.objects.all(), query, output.team_id)) == []
    assert not holds([prompt], read_search(query))


@pytest.mark.parametrize("query", ["", "  ", "-", '"', '""', "...", "@", "-''"])
def test_what_asks_for_nothing_shows_all(user, query):
    output = make_output(user)
    assert list(searched(Output.objects.all(), query, output.team_id)) == [output]


@pytest.mark.parametrize(
    "query", ["' OR 1=1 --", 'a" OR "b', "a:* | b", "NEAR(a b)", "a AND b", "\\"]
)
def test_signs_of_the_index_are_only_text(user, query):
    output = make_output(user, make_task(user, prompt="nothing of that"))
    assert len(searched(Output.objects.all(), query, output.team_id)) <= 1


def test_only_what_the_team_has_is_found(user):
    own, other = make_output(user), make_output(make_user())
    assert list(searched(Output.objects.all(), "lighthouse", own.team_id)) == [own]
    assert list(searched(Output.objects.all(), "lighthouse -dog", other.team_id)) == [other]
    assert list(searched(Output.objects.all(), "-dog", other.team_id)) == [other]


def test_the_name_of_a_project_finds_what_is_in_it_also_when_it_changes(user):
    output = make_output(user)
    Project.objects.filter(pk=output.project_id).update(name="Été Campaign")
    team = output.team_id
    for query in ("ete", "campaign", "camp lighthouse"):
        assert list(searched(Output.objects.all(), query, team)) == [output]
    Project.objects.filter(pk=output.project_id).update(name="Winter")
    assert not searched(Output.objects.all(), "campaign", team)


def test_a_subject_is_found_by_all_its_words_and_the_index_follows(user):
    subject = make_subject(user, "Zoë", description="Wears a ПАЛЬТО", style="film noir")
    team = team_of(user).pk
    for query in ("@zoe", "пальто", "noir"):
        assert list(searched(Subject.objects.all(), query, team)) == [subject]
    subject.name = "Mira"
    subject.save(update_fields=["name"])
    assert not searched(Subject.objects.all(), "zoe", team)
    assert list(searched(Subject.objects.all(), "mira", team)) == [subject]


def test_what_is_deleted_is_found_no_more(user):
    output = make_output(user)
    Output.objects.filter(pk=output.pk).delete()
    assert not searched(Output.objects.all(), "lighthouse", output.team_id)


def test_few_rows_are_read_without_an_index(user):
    row = Collection.objects.create(team=team_of(user), name="Осень", created_by=user)
    assert list(holding(Collection.objects.all(), "осень", "name", "note")) == [row]
    assert not holding(Collection.objects.all(), "зима", "name", "note")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="triggers that a new table loses")
def test_an_index_that_lost_its_triggers_is_mended(user):
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER generation_output_search_added")
    output = make_output(user)
    assert not searched(Output.objects.all(), "lighthouse", output.team_id)
    keep_index(connection)
    assert list(searched(Output.objects.all(), "lighthouse", output.team_id)) == [output]


PEOPLE, MODELS = [(1, "Ana Ruiz"), (2, "Zoë Herz")], {"viduq2": "Vidu Q2", "viduq3-pro": "Vidu Q3"}


@pytest.mark.parametrize(
    ("text", "rest", "fields"),
    [
        ("lamp by:ana", "lamp", {"people": (1,)}),
        ("BY:zoe model:q3 tower", "tower", {"people": (2,), "models": ("viduq3-pro",)}),
        ("rating:>=4 is:approved", "", {"stars": "4", "review": "approved"}),
        ("is:favourite rating:5", "", {"favourite": True, "stars": "5"}),
        ("fog before:2026-11-01", "fog", {"until": "2026-10-31"}),
        ("after:2026-11 before:2026", "", {"since": "2026-11-01", "until": "2025-12-31"}),
        ("before:2000-01-01", "", {"until": "1999-12-31"}),
        ("before:2026-13-01 after:soon", "before:2026-13-01 after:soon", {}),
        ("rating:9 is:odd by:nobody model:", "rating:9 is:odd by:nobody model:", {}),
        ("note by: ana standby:ana", "note by: ana standby:ana", {}),
    ],
)
def test_operators_become_filters_and_others_stay_text(text, rest, fields):
    assert read_operators(text, PEOPLE, MODELS) == (rest, fields)


def test_a_word_may_stand_in_any_of_the_columns(user):
    make_subject(user, "Mira", description="a red coat", style="anime")
    columns = ("name", "description", "style")
    assert holding(Subject.objects.all(), "mira coat anime", *columns).exists()
    assert not holding(Subject.objects.all(), "mira hat", *columns).exists()


def test_what_is_typed_is_short_and_printable():
    assert clean_query("  a\0b \n c\u202ed ") == "a b c d"
    assert len(clean_query("x" * 5_000)) == LONGEST_SEARCH
