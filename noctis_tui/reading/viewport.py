"""How a frame is looked at: a frozen state and the pure transitions between its values.

Nothing here knows a screen or a pixel array. Zoom is a multiple of the scale that fits the picture into its
pane, and the centre is a fraction of the image, so that a state outlives resizing and frames of other sizes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from archive.pixels.suv_type import SuvType

if TYPE_CHECKING:
    from archive.pixels.voi_lut import Window
    from noctis_tui.imaging.enhancing.enhancement import Enhancement

ZOOM_LIMITS = (0.1, 64.0)
ZOOM_STEP = 1.25


class OverlayLevel(StrEnum):
    """How much is written over the picture."""

    ALL = "all"
    MINIMAL = "minimal"
    NONE = "none"


_NEXT_LEVEL = {
    OverlayLevel.ALL: OverlayLevel.MINIMAL,
    OverlayLevel.MINIMAL: OverlayLevel.NONE,
    OverlayLevel.NONE: OverlayLevel.ALL,
}


@dataclass(frozen=True, slots=True)
class ViewState:
    """How one pane shows one frame.

    Attributes
    ----------
    window
        The reader's own window; None shows the file's.
    window_name
        Name of the preset that `window` came from, else empty.
    voi_index
        Which of the file's own windows and VOI LUTs is shown while `window` is None.
    automatic_window
        Shown instead where a file has no window of its own: one for the whole series, so that scrolling does
        not change the greys.
    zoom
        Multiple of the scale at which the whole image fits.
    center
        The image point in the middle of the pane, as fractions of (columns, rows).
    quarter_turns, mirrored
        The image is mirrored left-right first, then turned clockwise: with both, every one of the eight
        ways to lay a rectangle down.
    hung
        `quarter_turns` and `mirrored` as the picture was hung: where `reset` goes back to.
    probe
        The image pixel (column, row) under the keyboard probe, else None.
    histogram
        Whether the distribution of the frame's values is drawn over it, with the window in it.
    enhancement
        What is done to the display values before they are shown, None for nothing; values stay what they are.
    suv_type
        Which standardized uptake value of a PET is told beside Bq/ml, None for none.
    shutter_lifted, planes_off
        Whether what the file's shutter hides is shown, and its overlay planes are not; a reader may lift
        either.
    """

    window: Window | None = None
    window_name: str = ""
    voi_index: int = 0
    automatic_window: Window | None = None
    zoom: float = 1.0
    center: tuple[float, float] = (0.5, 0.5)
    quarter_turns: int = 0
    mirrored: bool = False
    hung: tuple[int, bool] = (0, False)
    inverted: bool = False
    overlay: OverlayLevel = OverlayLevel.ALL
    probe: tuple[int, int] | None = None
    enhancement: Enhancement | None = None
    histogram: bool = False
    suv_type: SuvType | None = SuvType.BODY_WEIGHT
    shutter_lifted: bool = False
    planes_off: bool = False

    def with_window(self, window: Window, name: str = "") -> ViewState:
        """Look through this window."""
        return replace(self, window=window, window_name=name)

    def with_own_window(self, voi_index: int = 0) -> ViewState:
        """Look through the file's own window again."""
        return replace(self, window=None, window_name="", voi_index=voi_index)

    def zoomed_by(self, factor: float) -> ViewState:
        """Magnify about the middle of the pane."""
        low, high = ZOOM_LIMITS
        return replace(self, zoom=min(max(self.zoom * factor, low), high))

    def fitted(self) -> ViewState:
        """Show the whole image as large as the pane allows."""
        return replace(self, zoom=1.0, center=(0.5, 0.5))

    def centered_at(self, column_fraction: float, row_fraction: float) -> ViewState:
        """Move so that this image point is in the middle; it never leaves the image."""
        return replace(self, center=(_within_unit(column_fraction), _within_unit(row_fraction)))

    def rotated(self, quarter_turns: int) -> ViewState:
        """Turn what is on the screen clockwise."""
        return replace(self, quarter_turns=(self.quarter_turns + quarter_turns) % 4)

    def flipped_horizontally(self) -> ViewState:
        """Exchange left and right of what is on the screen."""
        return replace(self, quarter_turns=-self.quarter_turns % 4, mirrored=not self.mirrored)

    def flipped_vertically(self) -> ViewState:
        """Exchange top and bottom of what is on the screen."""
        return replace(self, quarter_turns=(2 - self.quarter_turns) % 4, mirrored=not self.mirrored)

    def with_inversion_toggled(self) -> ViewState:
        """Exchange black and white."""
        return replace(self, inverted=not self.inverted)

    def with_next_overlay(self) -> ViewState:
        """Go from all to minimal, to none, and round again."""
        return replace(self, overlay=_NEXT_LEVEL[self.overlay])

    def with_overlay(self, overlay: OverlayLevel) -> ViewState:
        """Write so much over the picture."""
        return replace(self, overlay=overlay)

    def with_probe(self, probe: tuple[int, int] | None) -> ViewState:
        """Put the probe on an image pixel, or take it away."""
        return replace(self, probe=probe)

    def with_enhancement(self, enhancement: Enhancement | None) -> ViewState:
        """Enhance what is shown, or show it as it is."""
        return replace(self, enhancement=enhancement)

    def with_histogram(self, histogram: bool) -> ViewState:
        """Draw the histogram, or take it away."""
        return replace(self, histogram=histogram)

    def with_suv_type(self, suv_type: SuvType | None) -> ViewState:
        """Tell another standardized uptake value, or none."""
        return replace(self, suv_type=suv_type)

    def with_shutter_toggled(self) -> ViewState:
        """Show what the shutter hides, or hide it again."""
        return replace(self, shutter_lifted=not self.shutter_lifted)

    def with_planes_toggled(self) -> ViewState:
        """Take the file's overlay planes away, or lay them over the image again."""
        return replace(self, planes_off=not self.planes_off)

    def reset(self) -> ViewState:
        """Show the image as it first appeared; what is written over it stays as the reader chose."""
        return ViewState(
            overlay=self.overlay,
            automatic_window=self.automatic_window,
            histogram=self.histogram,
            suv_type=self.suv_type,
        ).hung_as(*self.hung)

    def hung_as(self, quarter_turns: int, mirrored: bool) -> ViewState:
        """Lay the picture down like this from now on."""
        return replace(self, quarter_turns=quarter_turns, mirrored=mirrored, hung=(quarter_turns, mirrored))


def _within_unit(value: float) -> float:
    return min(max(value, 0.0), 1.0)
