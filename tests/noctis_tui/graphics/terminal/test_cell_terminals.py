import pytest
from hypothesis import given
from hypothesis import strategies as st

from noctis_tui.graphics.terminal.cell_terminals import Cells, cells_of, fine_cell_px

X = {"TERM": "xterm-256color"}


@pytest.mark.parametrize(
    ("name", "shapes"),
    [
        ("kitty(0.41.1)", "octants"),
        ("kitty(0.26.5)", "sextants"),
        ("foot(1.21.0)", "octants"),
        ("foot(1.13.1)", "sextants"),
        ("ghostty 1.2.3", "octants"),
        ("ghostty 1.0.1", "sextants"),
        ("WezTerm 20240203-110809-5046fc22", "sextants"),
        ("VTE(7600)", "sextants"),
        ("VTE(7801)", "octants"),
        ("XTerm(379)", "quadrants"),
        ("Konsole 22.12.3", "quadrants"),
        ("mlterm(3.9.2)", "quadrants"),
        ("", "quadrants"),
    ],
)
def test_shapes_follow_the_terminal_s_name(name, shapes):
    assert cells_of(name, X, true_color=True).shapes == shapes


def test_the_wish_comes_first_and_a_multiplexer_hides_the_terminal():
    assert cells_of("XTerm(379)", {**X, "NOCTIS_CELLS": "octants"}, true_color=True).shapes == "octants"
    assert cells_of("kitty(0.41.1)", {**X, "NOCTIS_CELLS": "halves"}, true_color=True).shapes == "halves"
    assert cells_of("kitty(0.41.1)", {**X, "NOCTIS_CELLS": "nonsense"}, true_color=True).shapes == "octants"
    assert cells_of("kitty(0.41.1)", {**X, "TMUX": "/tmp/s,1,0"}, true_color=True).shapes == "quadrants"


@pytest.mark.parametrize(
    ("environment", "cells"),
    [
        ({"TERM": "linux"}, Cells("halves", "8")),
        ({"TERM": "vt100"}, Cells("quadrants", "none")),
        (X, Cells("quadrants", "256", bars=True)),
        ({"TERM": "xterm"}, Cells("quadrants", "16")),
        ({}, Cells("quadrants", "256", bars=True)),
    ],
)
def test_colours_follow_the_environment_where_there_are_few(environment, cells):
    assert cells_of("", environment, true_color=False) == cells


def test_24_bit_colours_are_told():
    assert cells_of("XTerm(379)", X, true_color=True) == Cells("quadrants", "true", bars=True)


@given(st.integers(1, 60), st.integers(1, 120))
def test_pictures_have_the_proportions_of_the_cell(width, height):
    px = fine_cell_px((width, height))
    assert px[0] % 2 == 0
    if 1 <= height / width <= 4:
        assert px[1] / px[0] == pytest.approx(height / width, rel=0.07)
    assert fine_cell_px(None) == fine_cell_px((9, 18)) == (4, 8)
