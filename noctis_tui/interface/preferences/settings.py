"""The settings that the preferences screen shows: what they are called, what they may be, when they hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from noctis_tui.interface.keymap_profiles import profiles
from noctis_tui.interface.themes import THEMES
from noctis_tui.preferences import Preferences

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Value = str | bool | int | float

AT_ONCE, NEXT_STUDY, NEXT_START = "at once", "from the next study on", "from the next start"


def _plain(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _yes_no() -> Sequence[Value]:
    return (True, False)


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of the screen.

    Attributes
    ----------
    path
        The key in `config.toml`, behind the tables that it is in.
    takes_effect
        When a change holds.
    choices
        What it may be, in the order in which the keys go through.
    """

    path: tuple[str, ...]
    group: str
    title: str
    about: str
    takes_effect: str
    choices: Callable[[], Sequence[Value]] = field(default=_yes_no)
    words: Callable[[Value], str] = field(default=_plain)

    @property
    def key(self) -> str:
        """The setting as one writes it: `notifications.toasts`."""
        return ".".join(self.path)

    def value(self, preferences: Preferences) -> Value:
        """Return what it is."""
        value: Any = preferences
        for name in self.path:
            value = getattr(value, name)
        assert isinstance(value, str | int | float)
        return value

    @property
    def default(self) -> Value:
        """What it is when the file does not say it."""
        return self.value(Preferences())

    def turned(self, preferences: Preferences, steps: int) -> Value:
        """Return the value some steps on in the round; one of a person's own lies between its neighbours."""
        present = self.value(preferences)
        choices = list(self.choices())
        if present not in choices:
            choices = sorted([*choices, present]) if not isinstance(present, str) else [*choices, present]
        return choices[(choices.index(present) + steps) % len(choices)]


SETTINGS: Final = (
    Setting(
        ("theme",),
        "Look",
        "Colours",
        "noctis is made for a dark room, noctis-contrast for tired eyes and poor screens, noctis-light "
        "for the day. Pictures stay on black in each.",
        AT_ONCE,
        lambda: [theme.name for theme in THEMES],
    ),
    Setting(
        ("graphics",),
        "Look",
        "Pictures",
        "How pictures reach the terminal: auto asks it; sixel and kitty are the protocols; blocks are "
        "coloured half characters, which every terminal shows.",
        NEXT_START,
        lambda: ("auto", "sixel", "kitty", "blocks"),
    ),
    Setting(
        ("moving_picture",),
        "Look",
        "Moving pictures",
        "What kitty is sent while pictures move: small takes a tenth of the bytes, with fewer greys or "
        "pixels; exact takes all where the line is fast. At rest every picture is exact.",
        NEXT_START,
        lambda: ("small", "exact"),
    ),
    Setting(
        ("keymap",),
        "Keys",
        "Keys as in",
        "The keys of another program where a terminal can tell them apart. What it has no keys for keeps "
        "those of noctis, and [keys] in the file changes single ones.",
        AT_ONCE,
        profiles,
    ),
    Setting(
        ("overlay",),
        "Reading",
        "Text over pictures",
        "How much is written over the pictures of a study when it is opened: all, minimal or none.",
        NEXT_STUDY,
        lambda: ("all", "minimal", "none"),
    ),
    Setting(
        ("cine_frames_per_second",),
        "Reading",
        "Cine speed",
        "How fast images play that have no speed of their own. A clip plays as its file says.",
        AT_ONCE,
        lambda: (1.0, 2.0, 5.0, 8.0, 10.0, 12.0, 15.0, 20.0, 24.0, 25.0, 30.0, 50.0, 60.0),
        lambda value: f"{value:g} images a second",
    ),
    Setting(
        ("frame_memory_mib",),
        "Reading",
        "Memory for images",
        "How much decoded images may hold while a study is read. 512 MiB are 1,000 slices of a CT.",
        NEXT_STUDY,
        lambda: (64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384),
        lambda value: f"{value:,} MiB",
    ),
    Setting(
        ("volume_memory_mib",),
        "Reading",
        "Memory for a volume",
        "A larger volume is kept in a file on the disk, which is slower. 1,200 slices of a CT take 600 MiB.",
        NEXT_STUDY,
        lambda: (64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768),
        lambda value: f"{value:,} MiB",
    ),
    Setting(
        ("notifications", "toasts"),
        "Arrivals",
        "Say it in a corner",
        "Whether the interface says that studies have arrived.",
        AT_ONCE,
    ),
    Setting(
        ("notifications", "terminal"),
        "Arrivals",
        "Tell the desktop",
        "How the terminal is asked to show a notification; auto takes what it is known to understand.",
        AT_ONCE,
        lambda: ("off", "auto", "osc9", "osc777", "osc99"),
    ),
    Setting(
        ("notifications", "patient_data"),
        "Arrivals",
        "Names to the desktop",
        "Whether that notification names patient and study: a desktop may keep it and show it to others.",
        AT_ONCE,
    ),
)
