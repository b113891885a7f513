"""What is written over a picture: four corners, orientation letters, the scale, the probe.

The corners hold what radiologists look for there: the patient top left, study and series top right, which
image and how it is shown bottom left, how it was acquired bottom right. Small panes keep the first lines of
each, very small ones only the bottom left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from archive.dicom.text import visible
from archive.pixels.voi_lut import Window
from noctis_tui.graphics.picture import OUTLINE_INDEX, Label
from noctis_tui.imaging.patient_space import location_text, turned
from noctis_tui.reading.enhanced_frames import can_be_enhanced
from noctis_tui.reading.histogram_panel import draw_histogram, histogram_labels, panel_box
from noctis_tui.reading.scale_bar import draw_scale_bar, scale_bar
from noctis_tui.reading.viewport import OverlayLevel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from archive.pixels.voi_lut import VoiLut
    from noctis_tui.graphics.picture import Anchor
    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.placement import Placement
    from noctis_tui.reading.scale_bar import ScaleBar
    from noctis_tui.reading.viewport import ViewState

TEXT_INDEX, ACTIVE_INDEX = 1, 2
_SHORTEST_LINE = 8
_BESIDE_BAR_LINES = 7.2
"""Width of `H 62.5 · T 2.5 mm`, in heights of a line: it stands where the bar does."""
_WHOLE = 100
"""Numbers from here on are written without decimals, and so are levels of windows as wide."""
_ROOM_FOR_CORNERS = 3
"""Panes that hold fewer lines a corner say only which image it is and how it is shown."""

WRITTEN_OVER = frozenset({"US", "ES", "OPT", "IVUS"})
"""Modalities whose machines write text into the image itself: the line above the pane names the patient."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a frame stands among the frames that are scrolled through; counted from 1, 0 means alone."""

    number: int = 0
    count: int = 0
    spacing_between_slices_mm: float | None = None


ALONE = Whereabouts()


def labels_of(
    frame: LoadedFrame,
    view: ViewState,
    placement: Placement,
    whereabouts: Whereabouts,
    size_px: tuple[int, int],
    line_px: int,
    *,
    is_enhanced: bool = False,
) -> tuple[Label, ...]:
    """Return the text over a picture of `size_px` (width, height) whose lines are `line_px` high."""
    if view.overlay is OverlayLevel.NONE:
        return ()
    width_px, height_px = size_px
    room = max(height_px // (line_px * 4), 1)
    longest = max(width_px // max(line_px, 1), _SHORTEST_LINE)
    parts = enhancement_text(frame, view, is_enhanced=is_enhanced), taken_away_text(frame, view)
    changed = " · ".join(filter(None, parts))
    corners = _corners(frame, view, placement, whereabouts, changed)
    if view.overlay is OverlayLevel.MINIMAL or room < _ROOM_FOR_CORNERS:
        corners = {"bottom-left": corners["bottom-left"][: 3 if changed else 2]}
    labels = [_corner(anchor, lines[:room], longest) for anchor, lines in corners.items()]
    if frame.image.modality in WRITTEN_OVER:
        box = placement.screen_box()
        labels = [label for label in labels if not _lies_over(label, box, size_px, line_px)]
    return (
        *(label for label in labels if label.text),
        *_edges(frame, view, _bar(frame, placement, width_px, line_px)),
        *_histogram_labels(frame, view, size_px, line_px),
    )


def _histogram_labels(
    frame: LoadedFrame, view: ViewState, size_px: tuple[int, int], line_px: int
) -> tuple[Label, ...]:
    box = panel_box(frame, view, size_px, line_px)
    return histogram_labels(frame, box, line_px) if box is not None else ()


def _lies_over(
    label: Label, box: tuple[float, float, float, float], size_px: tuple[int, int], line_px: int
) -> bool:
    """Tell whether a corner hides what the machine wrote into its image; the bottom left may stay."""
    lines = label.text.split("\n")
    width, height = max(map(len, lines)) * line_px // 2, len(lines) * line_px
    left, top, right, bottom = box
    across = left < width if label.anchor.endswith("left") else right > size_px[0] - width
    down = top < height if label.anchor.startswith("top") else bottom > size_px[1] - height
    return across and down and label.anchor != "bottom-left"


def _corner(anchor: Anchor, lines: tuple[str, ...], longest: int) -> Label:
    shown = [visible(line, longest) for line in lines]
    return Label("\n".join(reversed(shown) if anchor.startswith("bottom") else shown), anchor, TEXT_INDEX)


def _corners(
    frame: LoadedFrame, view: ViewState, placement: Placement, whereabouts: Whereabouts, changed: str
) -> dict[Anchor, tuple[str, ...]]:
    caption = frame.caption
    return {
        "top-left": caption.patient,
        "top-right": (*caption.series[:1], *caption.study, *caption.series[1:]),
        "bottom-left": _lines(
            image_text(frame, whereabouts),
            voi_text(frame.voi(view), view.window_name or _automatic(frame, view)),
            changed,
            uptake_text(frame, view),
            slice_text(frame, whereabouts),
            f"Zoom {placement.scale * 100:.0f} %" + (" · inverted" if view.inverted else ""),
        ),
        "bottom-right": caption.acquisition,
    }


def _edges(frame: LoadedFrame, view: ViewState, bar: ScaleBar | None) -> tuple[Label, ...]:
    letters = turned(frame.edge_letters, view.quarter_turns, view.mirrored)
    sides: tuple[tuple[str, Anchor], ...] = (
        (letters.left, "left"),
        (letters.right, "right"),
        (letters.top, "top"),
        (letters.bottom, "bottom"),
        (_scale_text(frame, bar), "bottom"),
    )
    return tuple(Label(text, anchor, ACTIVE_INDEX) for text, anchor in sides if text)


def image_text(frame: LoadedFrame, whereabouts: Whereabouts) -> str:
    """Return which image this is: place in the stack, own number where that is another, and its volume."""
    number, volume = frame.caption.instance_number, _volume_text(frame)
    if not whereabouts.count:
        return " · ".join(filter(None, (f"Im {number}" if number else "", *volume)))
    place = f"Im {whereabouts.number}/{whereabouts.count}"
    alone = frame.image.number_of_frames > 1 or number in {"", str(whereabouts.number)}
    return " · ".join(filter(None, (place if alone else f"{place} (#{number})", *volume)))


def _volume_text(frame: LoadedFrame) -> tuple[str, ...]:
    """Return what tells a frame from others at the same place of its file: time, b-value, its part of it."""
    time, b_value = frame.attributes.temporal_position_index or 0, frame.attributes.diffusion_b_value
    stack_id = visible(frame.attributes.stack_id, 16)
    return (
        frame.part_name,
        f"stack {stack_id}" if stack_id not in {"", "1"} else "",
        f"time {time}" if time > 1 else "",
        f"b {b_value:.0f}" if b_value is not None and frame.image.number_of_frames > 1 else "",
    )


def _automatic(frame: LoadedFrame, view: ViewState) -> str:
    """Say so where the window comes from the values: another reader may see other greys."""
    return "" if view.window is not None or frame.has_own_voi else "auto"


def enhancement_text(frame: LoadedFrame, view: ViewState, *, is_enhanced: bool) -> str:
    """Return what was done to the picture beyond its window, or will be once nothing moves; mostly empty."""
    if view.enhancement is None:
        return ""
    if not can_be_enhanced(frame):
        return "not enhanced: too large"
    title = view.enhancement.title
    return f"enhanced: {title}" if is_enhanced else f"{title} when still"


def taken_away_text(frame: LoadedFrame, view: ViewState) -> str:
    """Say so where the reader sees what the file hides, or does not see what it draws; mostly empty."""
    lifted = "shutter lifted" if view.shutter_lifted and frame.shutter_visible is not None else ""
    planes = "overlay planes off" if view.planes_off and frame.overlay_plane is not None else ""
    return " · ".join(filter(None, (lifted, planes)))


def voi_text(voi: Window | VoiLut | None, name: str = "") -> str:
    """Return the window as people say it: width, then level; empty for colour."""
    if voi is None:
        return ""
    if not isinstance(voi, Window):
        return " ".join(filter(None, ("VOI LUT", visible(voi.explanation, 24))))
    about = name or visible(voi.explanation, 24)
    level = f"{voi.center:.0f}" if voi.width >= _WHOLE else _compact(voi.center)
    return f"W {_compact(voi.width)} L {level}" + (f" · {about}" if about else "")


def uptake_text(frame: LoadedFrame, view: ViewState) -> str:
    """Return the window of a PET in standardized uptake values, or that there are none; empty for others."""
    uptake, kind, voi = frame.attributes.standardized_uptake, view.suv_type, frame.voi(view)
    if uptake is None or kind is None:
        return ""
    factor = uptake.factor(kind)
    if factor is None or not isinstance(voi, Window):
        return f"no {kind}" if factor is None else ""
    low, high = ((voi.center + side * voi.width / 2) * factor for side in (-1, 1))
    return f"{kind} {low:.2g} to {high:.2g}"


def slice_text(frame: LoadedFrame, whereabouts: Whereabouts) -> str:
    """Return where the slice lies and how thick it is; the distance between slices where it differs."""
    thickness, spacing = frame.attributes.slice_thickness_mm, whereabouts.spacing_between_slices_mm
    place = location_text(frame.plane) if frame.plane is not None else ""
    thick = f"T {thickness:.3g} mm" if thickness else ""
    differs = spacing is not None and (not thickness or abs(spacing - thickness) > 0.01 * spacing)
    apart = f"every {spacing:.3g} mm" if differs and frame.plane is not None else ""
    return " · ".join(filter(None, (place, thick, apart)))


def _bar(frame: LoadedFrame, placement: Placement, width_px: int, line_px: int) -> ScaleBar | None:
    spacing = frame.attributes.pixel_spacing
    return scale_bar(placement, spacing, width_px, line_px * _BESIDE_BAR_LINES) if spacing else None


def _scale_text(frame: LoadedFrame, bar: ScaleBar | None) -> str:
    if bar is None:
        return ""
    # Imager Pixel Spacing is measured at the detector: the anatomy is smaller by an unknown factor.
    return f"{bar.text} at detector" if frame.attributes.spacing_calibration == "detector" else bar.text


def marks_of(
    frame: LoadedFrame, view: ViewState, placement: Placement, size_px: tuple[int, int], line_px: int
) -> NDArray[np.uint8] | None:
    """Return the scale and the probe as overlay indices [rows, columns]; None when there is nothing."""
    bar = None if view.overlay is OverlayLevel.NONE else _bar(frame, placement, size_px[0], line_px)
    histogram_box = panel_box(frame, view, size_px, line_px)
    if bar is None and view.probe is None and histogram_box is None:
        return None
    marks = np.zeros((size_px[1], size_px[0]), np.uint8)
    if bar is not None:
        below = 2 if turned(frame.edge_letters, view.quarter_turns, view.mirrored).bottom else 1
        baseline = size_px[1] - below * line_px - max(line_px // 2, 1)
        draw_scale_bar(marks, bar, baseline, max(line_px // 2, 1), ACTIVE_INDEX, OUTLINE_INDEX)
    if histogram_box is not None:
        draw_histogram(marks, histogram_box, frame, frame.voi(view), inverted=view.inverted)
    if view.probe is not None:
        _draw_probe(marks, placement, view.probe, max(line_px, 3))
    return marks


def _draw_probe(marks: NDArray[np.uint8], placement: Placement, probe: tuple[int, int], arm_px: int) -> None:
    x, y = (int(value) for value in placement.screen_point(probe[0] + 0.5, probe[1] + 0.5))
    gap = max(int(placement.scale / 2) + 1, arm_px // 4)
    for grown, color in ((1, OUTLINE_INDEX), (0, ACTIVE_INDEX)):
        for near, far in ((gap, gap + arm_px), (-gap - arm_px, -gap)):
            _fill(marks, y - grown, y + grown + 1, x + near - grown, x + far + grown, color)
            _fill(marks, y + near - grown, y + far + grown, x - grown, x + grown + 1, color)


def _fill(marks: NDArray[np.uint8], top: int, bottom: int, left: int, right: int, color: int) -> None:
    marks[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = color


def _compact(number: float) -> str:
    return f"{number:.0f}" if abs(number) >= _WHOLE else f"{number:.4g}"


def _lines(*lines: str) -> tuple[str, ...]:
    return tuple(line for line in lines if line)
