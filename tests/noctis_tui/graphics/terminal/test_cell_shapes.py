import unicodedata

import pytest

from noctis_tui.graphics.terminal.cell_shapes import CHARACTERS, GRIDS

ORDER = {"sextants": "BLOCK SEXTANT-", "octants": "BLOCK OCTANT-"}


@pytest.mark.parametrize("shapes", list(GRIDS))
def test_every_mask_has_a_character_of_its_own(shapes):
    across, down = GRIDS[shapes]
    assert len(set(CHARACTERS[shapes])) == len(CHARACTERS[shapes]) == 1 << across * down


@pytest.mark.parametrize("shapes", ["sextants", "octants"])
def test_masks_and_names_agree(shapes):
    named = 0
    for mask, character in enumerate(CHARACTERS[shapes]):
        name = unicodedata.name(character, "")
        if name.startswith(ORDER[shapes]):
            named += 1
            digits = name.removeprefix(ORDER[shapes])
            assert mask == sum(1 << int(digit) - 1 for digit in digits)
    assert named or shapes == "octants"  # of Unicode 16, which Python knows from 3.14 on


def test_octants_that_unicode_names_otherwise_mean_the_same_as_quadrants():
    quadrants = CHARACTERS["quadrants"]
    for mask, character in enumerate(quadrants):
        doubled = sum(0b101 << (bit + 2 * (bit >= 2)) for bit in range(4) if mask >> bit & 1)
        assert CHARACTERS["octants"][doubled] == character


def test_the_run_of_octants_is_used_up():
    assert {chr(code) for code in range(0x1CD00, 0x1CDE6)} <= set(CHARACTERS["octants"])
    assert {chr(code) for code in range(0x1FB00, 0x1FB3C)} <= set(CHARACTERS["sextants"])
    assert CHARACTERS["octants"][0b11111110] == "\U0001cde5"  # BLOCK OCTANT-2345678
    assert CHARACTERS["octants"][0b100] == "\U0001cd00"  # BLOCK OCTANT-3
