"""Where a widget's picture stands on the screen, by what Textual's compositor says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Region

from noctis_tui.graphics.site import CellBox, Site

if TYPE_CHECKING:
    from textual.widget import Widget

    from noctis_tui.graphics.protocol_choice import Protocol


def site_of(widget: Widget, protocol: Protocol, cell_px: tuple[int, int]) -> Site | None:
    """Where a widget is on the screen; None while it is not to be seen."""
    app = widget.app
    if not widget.is_mounted or not widget.display or app.screen is not widget.screen or not widget.size:
        return None
    region = widget.region
    seen = region.intersection(widget.screen.find_widget(widget).clip)
    if protocol == "sixel":
        # A picture that reaches the last row would scroll the screen.
        seen = seen.intersection(Region(0, 0, app.size.width, app.size.height - 1))
    if not seen:
        return None
    origin = region.offset
    above = [] if protocol == "blocks" else _above(widget, seen)
    covered = frozenset(_box(painted.translate(-origin)) for painted in above)
    return Site(_box(region), _box(seen.translate(-origin)), covered, cell_px)


def _above(widget: Widget, seen: Region) -> list[Region]:
    """What other widgets paint over it, topmost first."""
    above = []
    for other, (region, clip) in widget.screen._compositor.visible_widgets.items():  # noqa: SLF001 - no public way
        if other is widget:
            break
        if painted := region.intersection(clip).intersection(seen):
            above.append(painted)
    return above


def _box(region: Region) -> CellBox:
    return CellBox(region.x, region.y, region.width, region.height)
