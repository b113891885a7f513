"""The guard: whatever reaches a strip, nothing in it reaches the terminal as a control."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from textual.strip import Strip

from noctis_tui.interface.guard import HOSTILE, guard_terminal, made_visible

HOSTILE_TEXTS = (
    "\x1b]0;owned\x07",
    "\x1b]52;c;ZXZpbA==\x07",
    "\x9b31m",
    "a\nb\tc\r",
    "\u202egnp.exe",
    "\u2066x\u2069",
    "\ud800",
    "\x7f\x00",
    "\u200b\ufeff",
)


@pytest.fixture(autouse=True)
def _guarded():
    guard_terminal()


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_hostile_text_leaves_a_strip_as_visible_cells_of_the_same_width(text):
    strip = Strip([Segment("Doe "), Segment(text), Segment(" end")], 30)
    rendered = strip.render(Console())
    assert not HOSTILE.search(rendered)
    assert cell_len(rendered) == strip.cell_length


@given(st.text(alphabet=st.characters(), max_size=40))
def test_nothing_hostile_is_left_of_any_text(text):
    assert not HOSTILE.search(made_visible(text))


def test_plain_text_and_styles_pass_untouched():
    console = Console(force_terminal=True, color_system="truecolor")
    plain = Strip([Segment("Müller, Jörg 山田", None)])
    assert plain.render(console) == "Müller, Jörg 山田"
