"""Published voices: French, German, Italian, Russian, Ukrainian, Dutch, Turkish and Arabic."""

from generation.catalogue.types import gettext_noop
from generation.catalogue.voices.types import (
    CHARACTER,
    EVERYDAY,
    FEMALE,
    FIRM,
    LIVELY,
    MALE,
    NARRATION,
    UNSTATED,
    WARM,
    VoiceRow,
)

FRENCH: tuple[VoiceRow, ...] = (
    ("French_Male_Speech_New", gettext_noop("Level-Headed Man"), MALE, FIRM),
    ("French_Female_News Anchor", gettext_noop("Patient Female Presenter"), FEMALE, NARRATION),
    ("French_CasualMan", gettext_noop("Casual Man"), MALE, EVERYDAY),
    ("French_MovieLeadFemale", gettext_noop("Movie Lead Female"), FEMALE, EVERYDAY),
    ("French_FemaleAnchor", gettext_noop("Female Anchor"), FEMALE, NARRATION),
    ("French_MaleNarrator", gettext_noop("Male Narrator"), MALE, NARRATION),
)
GERMAN: tuple[VoiceRow, ...] = (
    ("German_FriendlyMan", gettext_noop("Friendly Man"), MALE, WARM),
    ("German_SweetLady", gettext_noop("Sweet Lady"), FEMALE, WARM),
    ("German_PlayfulMan", gettext_noop("Playful Man"), MALE, LIVELY),
)
ITALIAN: tuple[VoiceRow, ...] = (
    ("Italian_BraveHeroine", gettext_noop("Brave Heroine"), FEMALE, CHARACTER),
    ("Italian_Narrator", gettext_noop("Narrator"), UNSTATED, NARRATION),
    ("Italian_WanderingSorcerer", gettext_noop("Wandering Sorcerer"), UNSTATED, CHARACTER),
    ("Italian_DiligentLeader", gettext_noop("Diligent Leader"), UNSTATED, FIRM),
)
RUSSIAN: tuple[VoiceRow, ...] = (
    ("Russian_HandsomeChildhoodFriend", gettext_noop("Handsome Childhood Friend"), MALE, EVERYDAY),
    ("Russian_BrightHeroine", gettext_noop("Bright Queen"), FEMALE, CHARACTER),
    ("Russian_AmbitiousWoman", gettext_noop("Ambitious Woman"), FEMALE, FIRM),
    ("Russian_ReliableMan", gettext_noop("Reliable Man"), MALE, FIRM),
    ("Russian_CrazyQueen", gettext_noop("Crazy Girl"), FEMALE, LIVELY),
    ("Russian_PessimisticGirl", gettext_noop("Pessimistic Girl"), FEMALE, EVERYDAY),
    ("Russian_AttractiveGuy", gettext_noop("Attractive Guy"), MALE, EVERYDAY),
    ("Russian_Bad-temperedBoy", gettext_noop("Bad-tempered Boy"), MALE, EVERYDAY),
)
UKRAINIAN: tuple[VoiceRow, ...] = (
    ("Ukrainian_CalmWoman", gettext_noop("Calm Woman"), FEMALE, WARM),
    ("Ukrainian_WiseScholar", gettext_noop("Wise Scholar"), UNSTATED, WARM),
)
DUTCH: tuple[VoiceRow, ...] = (
    ("Dutch_kindhearted_girl", gettext_noop("Kind-hearted Girl"), FEMALE, WARM),
    ("Dutch_bossy_leader", gettext_noop("Bossy Leader"), UNSTATED, FIRM),
)
TURKISH: tuple[VoiceRow, ...] = (
    ("Turkish_CalmWoman", gettext_noop("Calm Woman"), FEMALE, WARM),
    ("Turkish_Trustworthyman", gettext_noop("Trustworthy Man"), MALE, FIRM),
)
ARABIC: tuple[VoiceRow, ...] = (
    ("Arabic_CalmWoman", gettext_noop("Calm Woman"), FEMALE, WARM),
    ("Arabic_FriendlyGuy", gettext_noop("Friendly Guy"), MALE, WARM),
)
