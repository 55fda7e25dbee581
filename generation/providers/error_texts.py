"""Error codes of providers, as sentences for a person with the next step."""

from generation.catalogue.message import Message
from generation.catalogue.types import gettext_noop

CHANGE_PROMPT = gettext_noop("Reword the prompt and send it again.")
CHANGE_INPUT = gettext_noop("Change the prompt or the references and send it again.")
CHANGE_SETTING = gettext_noop("Change it and send it again.")
OTHER_IMAGE = gettext_noop("Use another image and send it again.")
TOP_UP = gettext_noop("Add credits at the provider and send it again.")
CHECK_KEY = gettext_noop("Check the key in your settings.")
LATER = gettext_noop("Try again in a few minutes.")
ASK_PROVIDER = gettext_noop("Try again later, or ask the provider about it.")
ANYTHING = gettext_noop("Change the prompt or the settings, or try again later.")

# {code: (sentence, advice)}. Vidu's codes first, then the numbers that Vtrix uses.
SENTENCES: dict[str, tuple[str, str]] = {
    "BadRequest": (
        gettext_noop("The provider could not make sense of this request."),
        gettext_noop("Check the settings and send it again."),
    ),
    "Refused": (gettext_noop("The provider refused this request."), ANYTHING),
    "FieldLacking": (gettext_noop("A setting that the provider needs is missing."), CHANGE_SETTING),
    "FieldUnwanted": (gettext_noop("The provider does not take one of these settings here."),
                      gettext_noop("Clear it and send it again.")),
    "FieldItemCountOutOfRange": (
        gettext_noop("The number of references does not fit this model."),
        gettext_noop("Add or remove references and send it again."),
    ),
    "FieldInvalid": (
        gettext_noop("The provider does not accept the value of one setting."),
        CHANGE_SETTING,
    ),
    "PageSizeOutOfRange": (
        gettext_noop("The provider does not accept the size, format or ratio of a reference."),
        OTHER_IMAGE,
    ),
    "ImageDownloadFailure": (
        gettext_noop("The provider could not load a reference from its address."),
        gettext_noop("Upload the image itself, or use an address that anyone can open."),
    ),
    "ImageFormatInvalid": (
        gettext_noop("The provider could not read a reference in this format."),
        gettext_noop("Save it as PNG, JPEG or WebP and send it again."),
    ),
    "ImageCheckBodyJointsFailed": (
        gettext_noop("The provider found no whole body in a reference."),
        gettext_noop("Use an image that shows the person in full, with nothing in front."),
    ),
    "ImageCheckFaceFailed": (
        gettext_noop("The provider found no clear face in a reference."),
        gettext_noop("Use an image in which the face can be seen well."),
    ),
    "ImageObjectsUndetected": (
        gettext_noop("The provider found nothing to work with in a reference."),
        OTHER_IMAGE,
    ),
    "TaskPromptPolicyViolation": (
        gettext_noop("The prompt goes against the provider's content rules."),
        CHANGE_PROMPT,
    ),
    "AuditSubmitIllegal": (
        gettext_noop("The prompt or a reference goes against the provider's content rules."),
        CHANGE_INPUT,
    ),
    "CreationPolicyViolation": (
        gettext_noop("The provider withheld the result, as it goes against its content rules."),
        CHANGE_INPUT,
    ),
    "CreditInsufficient": (gettext_noop("The account has no credits left for this."), TOP_UP),
    "ModelUnavailable": (
        gettext_noop("The account cannot use this model now."),
        gettext_noop("Choose another model and send it again."),
    ),
    "OperationInProcess": (
        gettext_noop("The provider is still busy with the same request."),
        LATER,
    ),
    "UserCancelled": (
        gettext_noop("The task was cancelled at the provider."),
        gettext_noop("Send it again if you still want it."),
    ),
    "Unauthorized": (gettext_noop("The provider rejected the key."), CHECK_KEY),
    "Forbidden": (gettext_noop("The provider does not allow this key to do that."), CHECK_KEY),
    "TaskNotFound": (gettext_noop("The provider does not know this task."), ASK_PROVIDER),
    "CreationNotFound": (gettext_noop("The provider no longer has this result."), ASK_PROVIDER),
    "NotFound": (gettext_noop("The provider has nothing at this address."), ASK_PROVIDER),
    "Conflict": (gettext_noop("The provider already has something of this name."), CHANGE_SETTING),
    "TooLarge": (
        gettext_noop("The request is too large for the provider."),
        gettext_noop("Use fewer or smaller images."),
    ),
    "QuotaExceeded": (gettext_noop("The account has no free place for another task now."), LATER),
    "TooManyRequests": (gettext_noop("The provider asks for fewer requests."), LATER),
    "SystemThrottling": (gettext_noop("The provider is very busy."), LATER),
    "Canceled": (gettext_noop("The provider broke the request off."), LATER),
    "InternalServiceFailure": (gettext_noop("Something went wrong at the provider."), LATER),
    "008023001": (
        gettext_noop("The provider wants at least one reference."),
        gettext_noop("Add an image and send it again."),
    ),
    "008023002": (
        gettext_noop("The provider does not accept this number of references."),
        gettext_noop("Add or remove references and send it again."),
    ),
    "008023003": (
        gettext_noop("The provider got no prompt."),
        gettext_noop("Write a prompt and send it again."),
    ),
    "008023095": (gettext_noop("The generation failed at the provider."), LATER),
    "008023096": (gettext_noop("The provider could not read its own result."), LATER),
    "008023097": (gettext_noop("The provider got an error from the model's maker."), LATER),
    "008023098": (gettext_noop("The provider lost sight of the task."), LATER),
    "008023099": (gettext_noop("The provider could not start the task."), LATER),
}  # fmt: skip

FIELDS = {
    "ImageDownloadFailure": "images",
    "ImageFormatInvalid": "images",
    "ImageCheckBodyJointsFailed": "images",
    "ImageCheckFaceFailed": "images",
    "ImageObjectsUndetected": "images",
    "PageSizeOutOfRange": "images",
    "FieldItemCountOutOfRange": "images",
    "TooLarge": "images",
    "TaskPromptPolicyViolation": "prompt",
    "008023001": "images",
    "008023002": "images",
    "008023003": "prompt",
}

# The sentence leaves open which setting or why: the provider's own message belongs to it.
VAGUE = frozenset(
    (
        "BadRequest", "Refused", "FieldLacking", "FieldUnwanted", "FieldItemCountOutOfRange",
        "FieldInvalid", "PageSizeOutOfRange", "ImageDownloadFailure", "ModelUnavailable",
        "Forbidden", "Conflict", "NotFound", "TooLarge", "InternalServiceFailure", "008023095",
        "008023097", "008023099",
    )
)  # fmt: skip
# Vtrix's numbers for failures behind it: who meets one on a create knows nothing for certain.
PROVIDER_SIDE = ("008023095", "008023096", "008023097", "008023098", "008023099")
MOST_MESSAGE = 300


def known_code(code: str) -> str:
    """The code as the table has it: numbers lose their leading zeros on some pages."""
    return code.zfill(9) if code.zfill(9) in SENTENCES else code


def field_of(code: str) -> str:
    """The canonical parameter that a code speaks of. What a late message names may be anything."""
    return FIELDS.get(known_code(code), "")


def explain(code: str, message: str) -> tuple[Message, Message]:
    """A sentence for a person and the next step, for a failure as the provider reports it.

    The provider's own message follows where it says more; it is never translated.
    """
    code = known_code(code)
    if code not in SENTENCES:
        sentence = gettext_noop("The provider gave up on this task.")
        return with_message(Message(sentence), message), Message(ANYTHING)
    sentence, advice = SENTENCES[code]
    return with_message(Message(sentence), message if code in VAGUE else ""), Message(advice)


def with_message(sentence: Message, message: str) -> Message:
    message = " ".join(message.split())
    if not message:
        return sentence
    if len(message) > MOST_MESSAGE:
        message = f"{message[: MOST_MESSAGE - 1]}…"
    both = gettext_noop("%(sentence)s It says: “%(message)s”")
    return Message(both, sentence=sentence, message=message)
