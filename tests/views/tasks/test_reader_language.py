"""What the cluster wrote in a row, as an English and as a Chinese reader see it."""

import html

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from generation.catalogue.message import Message
from generation.engine.keys import verdict_of_error
from generation.models import KeyState, Registration
from generation.models.keys import provider_message
from generation.providers.error_texts import explain, with_message
from generation.providers.errors import KeyRejected
from tests.factories import make_key, make_subject, make_task

LANGUAGES = ("en", "zh-hans")
SENTENCE, ADVICE = explain("TaskPromptPolicyViolation", "")
WORDS = {
    "en": ("The prompt goes against the provider's content rules.", "Reword the prompt"),
    "zh-hans": ("提示词违反了服务商的内容规范。", "请修改提示词后重新提交。"),
}


def read(client: Client, address: str, language: str, **headers: str) -> str:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return html.unescape(client.get(address, headers=headers).content.decode())


def in_both(
    client: Client, address: str, words: dict[str, tuple[str, ...]], **headers: str
) -> None:
    for language, other in (LANGUAGES, LANGUAGES[::-1]):
        page = read(client, address, language, **headers)
        for wanted, unwanted in zip(words[language], words[other], strict=True):
            assert wanted in page
            assert unwanted not in page
        assert '"with":' not in page


def test_a_failed_card_its_page_and_its_log(client, user):
    task = make_task(user, status="running", sent_at=timezone.now())
    task.move("failed", SENTENCE, error=SENTENCE, advice=ADVICE, finished_at=timezone.now())
    in_both(client, "/create/image/", WORDS)
    in_both(client, f"/tasks/{task.pk}/", WORDS)
    type(task).objects.filter(pk=task.pk).update(error="", advice="")
    in_both(client, f"/tasks/{task.pk}/", {key: words[:1] for key, words in WORDS.items()})


def test_the_providers_own_words_stay_as_they_are(client, user):
    error = with_message(SENTENCE, "bad <b>fox</b>")
    make_task(user, status="failed", error=error, finished_at=timezone.now())
    for language in LANGUAGES:
        page = read(client, "/create/image/", language)
        assert WORDS[language][0] in page
        assert "“bad <b>fox</b>”" in page


def test_why_a_task_waits(client, user):
    waits = Message("Registering %(names)s with the provider first.", names="@Mira")
    make_task(user, waiting_for=waits)
    shown = {
        "en": ("Registering @Mira with the provider first.",),
        "zh-hans": ("正在先向服务商注册 @Mira。",),
    }
    in_both(client, "/create/image/", shown)


def test_a_refused_registration(client, user):
    subject = make_subject(user, "Mira")
    Registration.objects.create(
        subject=subject, state="failed", provider="demo", error=SENTENCE, advice=ADVICE
    )
    address = f"/subjects/{subject.pk}/registrations/"
    in_both(client, address, WORDS, **{"HX-Request": "true"})


@pytest.mark.parametrize("old", [False, True])
def test_the_note_of_a_key(client, user, old):
    key = make_key(user)
    verdict = verdict_of_error(KeyRejected("no"), provider_message("vidu"))
    key.record_test(KeyState.REJECTED, str(verdict.note) if old else verdict.note)
    english = "Vidu rejected this key. Check that it was copied whole."
    if old:
        assert all(english in read(client, "/settings/keys/", one) for one in LANGUAGES)
    else:
        chinese = "Vidu 拒绝了这个密钥，请检查是否复制完整。"
        in_both(client, "/settings/keys/", {"en": (english,), "zh-hans": (chinese,)})
