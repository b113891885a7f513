"""How the screen of the planes is laid out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.containers import Container

LAYOUT = """
MprScreen { layout: vertical; background: #000000; color: #c6ccd2; }
MprScreen > .viewer-line { height: 1; width: 1fr; background: $surface; }
MprScreen > #mpr-panes { height: 1fr; width: 1fr; layout: grid; grid-size: 2 2; grid-gutter: 0 1; }
MprScreen > #mpr-card { height: 1fr; padding: 1 2; display: none; background: #000000; color: #c6ccd2; }
MprScreen > #too-small { height: 1fr; display: none; padding: 1 2; }
MprScreen.-refused > #mpr-card { display: block; }
MprScreen.-refused > #mpr-panes { display: none; }
MprScreen.-too-small > #too-small { display: block; }
MprScreen.-too-small > #mpr-panes, MprScreen.-too-small > #mpr-card { display: none; }
"""


def lay_panes(container: Container, size: tuple[int, int], *, is_alone: bool) -> None:
    """Show one pane, or four of one size, so that one scale fits them all.

    `size` is the terminal's, in cells. What cannot be halved is left free: between the panes, or below them.
    """
    styles, (width, height) = container.styles, size
    styles.grid_size_rows = styles.grid_size_columns = 1 if is_alone else 2
    styles.grid_gutter_vertical = 2 - width % 2
    styles.padding = (0, 0, 0 if is_alone else height % 2, 0)
