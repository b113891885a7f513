"""Where a picture's widget stands on the terminal's screen, below other widgets and below dialogs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.geometry import Region

from noctis_tui.graphics.site import CellBox, Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual import events
    from textual.screen import Screen
    from textual.widget import Widget

    from noctis_tui.graphics.terminal.protocol_choice import Protocol


def site_of(view: Widget, protocol: Protocol, cell_px: tuple[int, int]) -> Site | None:
    """Where the view is on the screen; None while it is not to be seen.

    A view on a screen below dialogs is to be seen around them, as long as their screens let it shine through.

    Parameters
    ----------
    view
        The widget.
    protocol
        A sixel picture keeps off the last row: one that reaches it scrolls the screen. What covers a picture
        in cells is the compositor's business.
    cell_px
        Width and height of a cell.
    """
    if not view.is_mounted or not view.is_attached or not view.display or not view.size:
        return None
    upper = _screens_above(view)
    if upper is None:
        return None
    screen, region = view.app.size, view.region
    last = screen.height - (protocol == "sixel")
    seen = region.intersection(view.screen.find_widget(view).clip)
    seen = seen.intersection(Region(0, 0, screen.width, last))
    if not seen:
        return None
    origin = region.offset
    covers = [] if protocol == "blocks" else _covers(view, upper)
    covered = frozenset(
        box_of(painted.translate(-origin)) for cover in covers if (painted := cover.intersection(seen))
    )
    return Site(box_of(region), box_of(seen.translate(-origin)), covered, cell_px)


def box_of(region: Region) -> CellBox:
    """Return a region as a box of cells."""
    return CellBox(region.x, region.y, region.width, region.height)


def _screens_above(view: Widget) -> list[Screen[Any]] | None:
    """Screens above the view's, None when one of them hides it."""
    stack = view.app.screen_stack
    if view.screen not in stack:
        return None
    upper = stack[stack.index(view.screen) + 1 :]
    if not upper:
        return upper
    is_background = view.screen in view.app._background_screens  # noqa: SLF001 - no public way
    shines = all(screen.is_modal and screen.styles.background.a < 1 for screen in upper)
    return upper if is_background and shines else None


def _covers(view: Widget, upper: list[Screen[Any]]) -> list[Region]:
    return [*_above(view), *(cover for dialog in upper for cover in _painted(dialog))]


def _above(view: Widget) -> Iterator[Region]:
    """What other widgets of the same screen paint over the view, topmost first."""
    for widget, painted in _visible(view.screen):
        if widget is view:
            return
        yield painted


def _painted(dialog: Screen[Any]) -> Iterator[Region]:
    """What a dialog paints: all but its screen, through which the screens below are seen."""
    return (painted for widget, painted in _visible(dialog) if widget is not dialog)


def _visible(screen: Screen[Any]) -> Iterator[tuple[Widget, Region]]:
    for widget, (region, clip) in screen._compositor.visible_widgets.items():  # noqa: SLF001 - no public way
        if painted := region.intersection(clip):
            yield widget, painted


def pixel_at(
    event: events.MouseEvent, region: Region, cell_px: tuple[int, int]
) -> tuple[float, float] | None:
    """Where in a region the mouse is: x, y in pixels, a cell's middle where only cells are told."""
    x, y = event.pointer_screen_x - region.x, event.pointer_screen_y - region.y
    if x == int(x) and y == int(y):
        x, y = x + 0.5, y + 0.5
    if not (0 <= x < region.width and 0 <= y < region.height):
        return None
    return x * cell_px[0], y * cell_px[1]
