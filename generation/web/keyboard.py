"""One table of keyboard shortcuts: it feeds the script, the help and the tests."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse_lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from generation.catalogue.modes import ALL
from generation.catalogue.types import Mode


@dataclass(frozen=True)
class Shortcut:
    """`keys` as the browser names them, a sequence parted by spaces, `Mod` for Ctrl or Cmd.

    The script follows `href` (into the dialog if `dialog`) or focuses `focus`. With neither, the
    module of that page listens for the key itself, and the table only tells people of it.
    """

    id: str
    scope: str
    keys: str
    label: Any
    href: Any = ""
    focus: str = ""
    dialog: bool = False
    in_field: bool = False

    @property
    def shown(self) -> list[list[str]]:
        """Chords of key names for a person: [["Ctrl", "Enter"]]."""
        return [[shown_key(key) for key in keys_of(chord)] for chord in self.keys.split()]

    @property
    def single(self) -> bool:
        """No modifier: such keys can be switched off (WCAG 2.1.4)."""
        return not self.in_field and all(len(keys_of(chord)) == 1 for chord in self.keys.split())

    def for_script(self) -> dict[str, Any]:
        return {
            "keys": self.keys,
            "href": str(self.href),
            "focus": self.focus,
            "dialog": self.dialog,
            "field": self.in_field,
        }


NAMES = {
    "Mod": "Ctrl", "ArrowLeft": "←", "ArrowRight": "→", "ArrowUp": "↑", "ArrowDown": "↓",
    "Delete": "Del", "Escape": "Esc",
}  # fmt: skip
SCOPES = {
    "global": _("Everywhere"),
    "composer": _("Composer"),
    "grid": _("Library"),
    "viewer": _("Viewer"),
    "compare": _("Compare"),
}
MODES_BY_KEY = ALL[:6]


def labelled(mode: Mode) -> Any:
    """A mode with what it makes, because an image can be a mode of both."""
    makes = {"image": _("Images"), "video": _("Videos"), "audio": _("Audio")}[mode.makes]
    return format_lazy("{makes}: {mode}", makes=makes, mode=_(mode.label))


HELP = reverse_lazy("settings-shortcuts")
SHORTCUTS = (
    Shortcut("search", "global", "/", _("Search"), focus="input[type=search]"),
    Shortcut("help", "global", "?", _("Show this list"), HELP, dialog=True),
    Shortcut("go-create", "global", "g c", _("Go to Create"), reverse_lazy("create-home")),
    Shortcut("go-library", "global", "g l", _("Go to Library"), reverse_lazy("library")),
    Shortcut("go-subjects", "global", "g s", _("Go to Subjects"), reverse_lazy("subjects")),
    Shortcut("go-projects", "global", "g p", _("Go to Projects"), reverse_lazy("projects")),
    Shortcut("prompt", "composer", "Mod+k", _("Go to the prompt"), "", "#id_prompt", in_field=True),
    Shortcut("recall", "composer", "ArrowUp", _("Earlier prompts, if it is empty"), in_field=True),
    Shortcut("generate", "composer", "Mod+Enter", _("Generate"), in_field=True),
    Shortcut("leave-field", "composer", "Escape", _("Leave the field"), in_field=True),
    *(
        Shortcut(
            f"mode-{number}", "composer", f"Alt+{number}", labelled(mode),
            reverse_lazy("create", args=[mode.name]), in_field=True,
        )
        for number, mode in enumerate(MODES_BY_KEY, 1)
    ),
    Shortcut("move", "grid", "ArrowLeft ArrowRight ArrowUp ArrowDown", _("Go to another image")),
    Shortcut("open", "grid", "Enter", _("Open")),
    Shortcut("select", "grid", "x", _("Select")),
    Shortcut("select-range", "grid", "Shift+ArrowRight", _("Select a range")),
    Shortcut("select-all", "grid", "Mod+a", _("Select all that are loaded")),
    Shortcut("play", "grid", "Space", _("Play a video or an audio file")),
    Shortcut("rate", "grid", "1 2 3 4 5", _("Rate with stars; 0 takes them back")),
    Shortcut("favourite", "grid", "f", _("Favourite")),
    Shortcut("reject", "grid", "q", _("Reject")),
    Shortcut("reuse", "grid", "r", _("Reuse settings")),
    Shortcut("use", "grid", "v", _("To video, or extend a video")),
    Shortcut("download", "grid", "d", _("Download")),
    Shortcut("trash", "grid", "Delete", _("Move to trash")),
    Shortcut("clear", "grid", "Escape", _("Clear the selection")),
    Shortcut("turn", "viewer", "ArrowLeft ArrowRight", _("Previous and next")),
    Shortcut("zoom", "viewer", "+ -", _("Zoom in or out; arrows move what is larger")),
    Shortcut("zoom-fit", "viewer", "Shift+0", _("Fit into the window")),
    Shortcut("zoom-real", "viewer", "Shift+1", _("Real size, 100 %")),
    Shortcut("pause", "viewer", "Space", _("Play or pause")),
    Shortcut("shuttle", "viewer", "j k l", _("A second back, play or pause, a second on")),
    Shortcut("step", "viewer", ", .", _("One frame back or on")),
    Shortcut("to-comment", "viewer", "[ ]", _("Go to the comment before or after")),
    Shortcut("comment", "viewer", "c", _("Write a comment")),
    Shortcut("post-comment", "viewer", "Mod+Enter", _("Post what is written"), in_field=True),
    Shortcut("range", "viewer", "i o", _("Start or end of a range")),
    Shortcut("draw", "viewer", "p a b e", _("Pen, arrow, box, ellipse")),
    Shortcut("mute", "viewer", "m", _("Mute")),
    Shortcut("full-screen", "viewer", "Shift+f", _("Full screen")),
    Shortcut("rate-shown", "viewer", "1 2 3 4 5", _("Rate with stars; 0 takes them back")),
    Shortcut("favourite-shown", "viewer", "f", _("Favourite")),
    Shortcut("reject-shown", "viewer", "q", _("Reject")),
    Shortcut("use-shown", "viewer", "v", _("To video, or extend a video")),
    Shortcut("reuse-shown", "viewer", "r", _("Reuse settings")),
    Shortcut("download-shown", "viewer", "d", _("Download")),
    Shortcut("trash-shown", "viewer", "Delete", _("Move to trash")),
    Shortcut("close", "viewer", "Escape", _("Close")),
    Shortcut("choose", "compare", "1 2 3 4", _("Choose one, which is heard then")),
    Shortcut("rate-chosen", "compare", "Shift+1", _("Rate it, with 1 to 5 stars")),
    Shortcut("reject-chosen", "compare", "q", _("Reject")),
    Shortcut("winner", "compare", "Enter", _("Make it the winner")),
    Shortcut("step-all", "compare", "ArrowLeft ArrowRight", _("One frame back or on")),
    Shortcut("pause-all", "compare", "Space", _("Play or pause")),
)  # fmt: skip


def keys_of(chord: str) -> list[str]:
    return [chord] if chord == "+" else chord.split("+")


def shown_key(key: str) -> str:
    return NAMES.get(key) or (key.upper() if len(key) == 1 else key)


def shortcut_table(single_keys: bool = True) -> list[dict[str, Any]]:
    """What the script acts on."""
    acted = (row for row in SHORTCUTS if row.href or row.focus)
    return [row.for_script() for row in acted if single_keys or not row.single]


def by_scope() -> list[tuple[Any, list[Shortcut]]]:
    """The table as the help shows it."""
    groups = ((name, [r for r in SHORTCUTS if r.scope == key]) for key, name in SCOPES.items())
    return [(name, rows) for name, rows in groups if rows]
