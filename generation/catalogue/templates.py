"""Templates that Vidu publishes: what each makes of which images.

Vidu's own list of them is a gallery without a stored page. The names are those that its pages and
two clients of its API have in common, the numbers of images those of the partner page.
"""

from dataclasses import dataclass

from generation.catalogue.types import gettext_noop

READ_ON = "2026-11-30"
PARTNER = "fal.ai/models/fal-ai/vidu/template-to-video/api"
OFFICIAL = "platform.vidu.com/docs/template, platform.vidu.cn/docs/template"
VTRIX = "doc.vtrix.ai/docs/api/vidu/vidu-template"

CHANGE, PEOPLE, FEAST, FASHION, FUN, CAMERA = (
    "change",
    "people",
    "feast",
    "fashion",
    "fun",
    "camera",
)
GROUPS = {
    CHANGE: gettext_noop("Transformation"),
    PEOPLE: gettext_noop("Together"),
    FEAST: gettext_noop("Occasions"),
    FASHION: gettext_noop("Fashion"),
    FUN: gettext_noop("Effects"),
    CAMERA: gettext_noop("Camera"),
}
ONE = gettext_noop("One portrait")
PAIR = gettext_noop("One image with two people")
ANY = gettext_noop("One image")
PET = gettext_noop("One image of a pet")
FAMILY = gettext_noop("One image of a family")


@dataclass(frozen=True)
class Template:
    """One effect by its name at Vidu. `needs` says which images, `least` and `most` how many."""

    name: str
    label: str
    group: str
    needs: str = ANY
    source: str = PARTNER
    least: int = 1
    most: int = 1
    read_on: str = READ_ON


ALL = (
    Template("muscling", gettext_noop("Muscles"), CHANGE, ONE),
    Template("exotic_princess", gettext_noop("Princess of a country"), CHANGE, ONE, OFFICIAL),
    Template("beast_companion", gettext_noop("Walk with a beast"), CHANGE, ONE, OFFICIAL),
    Template("cartoon_doll", gettext_noop("Cartoon doll"), CHANGE, ONE),
    Template("pet2human", gettext_noop("Pet to person"), CHANGE, PET),
    Template("fairy_me", gettext_noop("Fairy"), CHANGE, ONE),
    Template("grow_wings", gettext_noop("Grow wings"), CHANGE, ONE),
    Template("mecha_x", gettext_noop("Robot suit"), CHANGE, ONE),
    Template("gender_swap", gettext_noop("Gender swap"), CHANGE, ONE),
    Template("hugging", gettext_noop("Hug"), PEOPLE, PAIR, OFFICIAL),
    Template("love_pose", gettext_noop("Heart pose"), PEOPLE, FAMILY),
    Template("dreamy_wedding", gettext_noop("Dream wedding"), PEOPLE, PAIR),
    Template("romantic_lift", gettext_noop("Carried in the arms"), PEOPLE, PAIR),
    Template("sweet_proposal", gettext_noop("Proposal"), PEOPLE, PAIR),
    Template("cupid_arrow", gettext_noop("Cupid's arrow"), PEOPLE, PAIR),
    Template("couple_arrival", gettext_noop("Partner arrives"), PEOPLE, ONE),
    Template("pet_lovers", gettext_noop("Pets in love"), PEOPLE, PET),
    Template("sakura_season", gettext_noop("Cherry blossom"), FEAST, ONE),
    Template("happy_birthday", gettext_noop("Birthday"), FEAST, ONE),
    Template("graduation", gettext_noop("Graduation"), FEAST, ONE),
    Template("christmas", gettext_noop("Christmas"), FEAST, ONE),
    Template("lunar_newyear", gettext_noop("Lunar New Year"), FEAST, ONE),
    Template(
        "dynasty_dress", gettext_noop("Dynasty dress"), FEAST,
        gettext_noop("One or two portraits"), most=2,
    ),
    Template(
        "wish_sender", gettext_noop("Wishes for the new year"), FEAST,
        gettext_noop("Three images"), least=3, most=3,
    ),
    Template("youth_rewind", gettext_noop("Back to childhood"), FEAST, ONE),
    Template("golden_epoch", gettext_noop("Golden age"), FASHION, ONE),
    Template("fashion_stride", gettext_noop("Catwalk"), FASHION, ONE),
    Template("star_carpet", gettext_noop("Red carpet, starlight"), FASHION, ONE),
    Template("flame_carpet", gettext_noop("Red carpet, flames"), FASHION, ONE),
    Template("frost_carpet", gettext_noop("Red carpet, snow"), FASHION, ONE),
    Template("oscar_gala", gettext_noop("Award night"), FASHION, ONE),
    Template("outfit_show", gettext_noop("Show of an outfit"), FASHION, ONE),
    Template("slice_therapy", gettext_noop("Slice it"), FUN),
    Template("balloon_flyaway", gettext_noop("Balloon flies away"), FUN, ONE),
    Template("head_to_balloon", gettext_noop("Head to balloon"), FUN, ONE, VTRIX),
    Template("covered_liquid_metal", gettext_noop("Liquid metal"), FUN, ANY, VTRIX),
    Template("flying", gettext_noop("Take off"), FUN, ONE),
    Template("paperman", gettext_noop("Paper figure"), FUN, ONE),
    Template("pinch", gettext_noop("Pinch"), FUN),
    Template("bloom_magic", gettext_noop("Everything blooms"), FUN),
    Template("live_memory", gettext_noop("Old photo comes alive"), FUN),
    Template("hair_swap", gettext_noop("New hair"), FUN, ONE),
    Template("subject_3", gettext_noop("Subject Three dance"), FUN, ONE, OFFICIAL),
    Template("pubg_winner_hit", gettext_noop("Winner's dance"), FUN, ONE, OFFICIAL),
    Template("orbit", gettext_noop("Orbit"), CAMERA),
    Template("spin360", gettext_noop("Full turn"), CAMERA),
    Template("zoom_in", gettext_noop("Zoom in"), CAMERA),
    Template("walk_forward", gettext_noop("Walk forward"), CAMERA, ONE),
    Template("hitchcock_zoom", gettext_noop("Dolly zoom"), CAMERA),
    Template("earth_zoom_in", gettext_noop("From space to here"), CAMERA),
    Template("earth_zoom_out", gettext_noop("From here to space"), CAMERA),
)  # fmt: skip
TEMPLATES = {template.name: template for template in ALL}
WITHOUT_PROMPT = ("subject_3", "pubg_winner_hit")
