"""kkiai: Vidu's paths and bodies behind another kind of key."""

from generation.providers.ent_v2 import EntV2


class Kkiai(EntV2):
    """Create and poll are all that is documented."""

    name = "kkiai"
    scheme = "Bearer"
