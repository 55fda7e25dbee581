"""Ideas for a prompt that suits an image, asked of the provider."""

from collections.abc import Sequence
from dataclasses import dataclass

from generation.catalogue.message import Message
from generation.catalogue.message import Message as _
from generation.engine.build_request import input_file
from generation.engine.provider_clients import call_provider, connect
from generation.models import ApiKey, Media
from generation.models.messages import sentence_of
from generation.providers.errors import ProviderError
from generation.providers.registry import PROVIDERS

SECONDS = 10.0


class NoSuggestions(Exception):
    """There are none; the sentence says why and what to do."""

    def __init__(self, sentence: Message) -> None:
        super().__init__(sentence)
        self.sentence = sentence_of(sentence)


@dataclass(frozen=True)
class Suggestion:
    """One idea; `template` names the effect where it is one."""

    prompt: str
    kind: str = ""
    template: str = ""


def can_suggest(provider: str) -> bool:
    return PROVIDERS[provider].can_suggest


def suggest(
    provider: str, key: ApiKey | None, media: Media, count: int = 5
) -> Sequence[Suggestion]:
    """Up to `count` ideas of the provider for one image."""
    if not can_suggest(provider):
        raise NoSuggestions(_("This provider has no suggestions. Choose a model of Vidu."))
    try:
        client, image = connect(provider, key), input_file(media)
        found = call_provider(client, lambda one: one.suggest(image, count), SECONDS)
    except TimeoutError:
        raise NoSuggestions(_("The provider took too long. Try again.")) from None
    except ProviderError as error:
        raise NoSuggestions(error.sentence) from None
    if not found:
        raise NoSuggestions(_("The provider had no idea for this image. Write your own prompt."))
    return [Suggestion(one.prompt[:2_000], one.kind, one.template) for one in found[:count]]
