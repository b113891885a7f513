"""A heading never runs into the corners of a small pane."""

from __future__ import annotations

from noctis_tui.graphics.picture import Label
from noctis_tui.reading.heading_places import placed_headings
from noctis_tui.reading.marks import Heading

CORNERS = (Label("Hollis, Miriam\nN-10482", "top-left"), Label("Se 1\n2024-05-17\nTime", "top-right"))


def test_a_heading_stands_between_the_corners_of_a_wide_pane() -> None:
    (label,) = placed_headings([Heading("Key image", 2)], CORNERS, (400, 300), 10)
    assert (label.text, label.anchor, label.at_px, label.color_index) == ("Key image", "top", None, 2)


def test_headings_stand_below_the_corners_of_a_narrow_pane() -> None:
    first, second = placed_headings([Heading("Key image", 2), Heading("State", 1)], CORNERS, (160, 300), 10)
    assert (first.at_px, second.at_px) == ((58, 35), (68, 45))
