"""A choice holds for pictures that are alike, and for good for one that was sent."""

import numpy as np
import pytest

from noctis_tui.graphics.encoding.drafts import DraftChoice
from noctis_tui.graphics.kitty import draft_choices
from noctis_tui.graphics.kitty.draft_choices import HOLDS, DraftChoices

PIXELS = np.zeros((40, 40), np.uint8)


@pytest.fixture
def sought(monkeypatch):
    """How often a choice was sought; each is another one."""
    choices = []

    def choose(exact, source):
        choices.append(DraftChoice(1.0, 4 + len(choices)))
        return choices[-1]

    monkeypatch.setattr(draft_choices, "choose_draft", choose)
    return choices


def test_a_choice_holds_for_some_pictures(sought):
    choices = DraftChoices()
    for number in range(HOLDS):
        assert choices.of(b"%d" % number, PIXELS, PIXELS) == sought[0]
        choices.encoded(1000 + number)
    assert choices.of(b"one more", PIXELS, PIXELS) == sought[1]


def test_a_picture_keeps_its_choice(sought):
    choices = DraftChoices()
    before = [choices.of(b"%d" % number, PIXELS, PIXELS) for number in range(3 * HOLDS)]
    assert len(sought) == 3
    assert [choices.of(b"%d" % number, PIXELS, PIXELS) for number in range(3 * HOLDS)] == before


@pytest.mark.parametrize("size_bytes", [700, 1300])
def test_another_is_sought_when_a_draft_is_unlike_the_first(sought, size_bytes):
    choices = DraftChoices()
    choices.of(b"a", PIXELS, PIXELS)
    choices.encoded(1000)
    choices.of(b"b", PIXELS, PIXELS)
    choices.encoded(size_bytes)
    assert choices.of(b"c", PIXELS, PIXELS) == sought[1]


def test_another_is_sought_for_another_size(sought):
    choices = DraftChoices()
    choices.of(b"a", PIXELS, PIXELS)
    choices.of(b"b", PIXELS[:20], PIXELS)
    choices.of(b"c", PIXELS[:20], PIXELS[:20])
    assert len(sought) == 3
