"""The colours: text is readable on every ground that it stands on, by the ratios of WCAG 2.2."""

import re
from pathlib import Path

import pytest

from noctis_tui.interface import themes
from noctis_tui.interface.themes import GROUNDS, NOCTIS_CONTRAST, TEXT, THEMES

INTERFACE = Path(themes.__file__).parent


def _luminance(color):
    channels = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _ratio(some, other):
    darker, lighter = sorted((_luminance(some), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _color(theme, name):
    return theme.variables.get(name) or getattr(theme, name)


def test_the_ratio_is_wcag_s():
    assert _ratio("#000000", "#ffffff") == pytest.approx(21)
    assert _ratio("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("ground", GROUNDS)
def test_text_is_readable_on_every_ground(theme, ground):
    least = 7 if theme is NOCTIS_CONTRAST else 4.5
    for text in TEXT:
        assert _ratio(_color(theme, text), _color(theme, ground)) >= least, text


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_what_is_faint_is_readable_without_a_cursor(theme):
    for ground in ("background", "surface", "panel"):
        assert _ratio(_color(theme, "faint"), _color(theme, ground)) >= 4.5


def test_every_theme_names_the_same_colours():
    assert len({frozenset(theme.variables) for theme in THEMES}) == 1


def test_what_stands_on_black_in_every_theme_has_a_colour_of_its_own():
    files = [*INTERFACE.rglob("*.py"), *INTERFACE.rglob("*.tcss")]
    rules = [rule for file in files for rule in re.findall(r"\{([^{}]*)\}", file.read_text(encoding="utf-8"))]
    black = [rule for rule in rules if re.search(r"background:\s*(#000000|black);", rule)]
    assert black
    for rule in black:
        assert re.search(r"(^|[;\s])color:\s*#", rule), rule
