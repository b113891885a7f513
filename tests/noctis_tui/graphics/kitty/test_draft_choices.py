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

    def choose(exact, source, share):
        choices.append(DraftChoice(1.0, 4 + len(choices)))
        return choices[-1]

    monkeypatch.setattr(draft_choices, "choose_draft", choose)
    return choices


def test_a_choice_holds_for_some_pictures(sought):
    choices = DraftChoices({2: 0.1, 3: 0.05})
    for number in range(HOLDS):
        assert choices.of(b"%d" % number, PIXELS, PIXELS, 2) == sought[0]
        choices.encoded(1000 + number, 2)
    assert choices.of(b"one more", PIXELS, PIXELS, 2) == sought[1]


def test_a_picture_keeps_its_choice(sought):
    choices = DraftChoices({2: 0.1, 3: 0.05})
    before = [choices.of(b"%d" % number, PIXELS, PIXELS, 2) for number in range(3 * HOLDS)]
    assert len(sought) == 3
    assert [choices.of(b"%d" % number, PIXELS, PIXELS, 2) for number in range(3 * HOLDS)] == before


@pytest.mark.parametrize("size_bytes", [700, 1300])
def test_another_is_sought_when_a_draft_is_unlike_the_first(sought, size_bytes):
    choices = DraftChoices({2: 0.1, 3: 0.05})
    choices.of(b"a", PIXELS, PIXELS, 2)
    choices.encoded(1000, 2)
    choices.of(b"b", PIXELS, PIXELS, 2)
    choices.encoded(size_bytes, 2)
    assert choices.of(b"c", PIXELS, PIXELS, 2) == sought[1]


def test_another_is_sought_for_another_size(sought):
    choices = DraftChoices({2: 0.1, 3: 0.05})
    choices.of(b"a", PIXELS, PIXELS, 2)
    choices.of(b"b", PIXELS[:20], PIXELS, 2)
    choices.of(b"c", PIXELS[:20], PIXELS[:20], 2)
    assert len(sought) == 3


def test_each_level_has_its_own(sought):
    choices = DraftChoices({2: 0.1, 3: 0.05})
    finer, coarser = (choices.of(b"%d" % level, PIXELS, PIXELS, level) for level in (2, 3))
    assert finer != coarser
    assert choices.of(b"other", PIXELS, PIXELS, 2) == finer
