"""TARGET and the options `--frame`, `--window`, `--preset`, `--enhance`, `--size`: what is shown, and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from archive.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from archive.pixels.presets import Preset
    from noctis_tui.imaging.enhancing.enhancement import Enhancement
    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.overlay import Whereabouts
    from noctis_tui.reading.viewport import ViewState

_Function = TypeVar("_Function", bound="Callable[..., Any]")


LARGEST_SIDE_PX = 16384


def _size(_ctx: click.Context, _param: click.Parameter, text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    sides = text.lower().split("x")
    if len(sides) == 2 and all(side.isdecimal() and 1 <= int(side) <= LARGEST_SIDE_PX for side in sides):
        return int(sides[0]), int(sides[1])
    raise click.BadParameter(f"{text} is not a size such as 800x600 (1 to {LARGEST_SIDE_PX} pixels).")


def _enhancement(_ctx: click.Context, _param: click.Parameter, text: str | None) -> Enhancement | None:
    if text is None:
        return None
    from noctis_tui.imaging.enhancing.enhancement import LEAST, MOST, Enhancement, EnhancementKind, first_of

    name, _, percent = text.partition(":")
    try:
        kind = EnhancementKind(name.lower())
    except ValueError:
        raise click.BadParameter(f"{name} is none of {', '.join(EnhancementKind)}.") from None
    if not percent:
        return first_of(kind)
    if percent.isascii() and percent.isdecimal() and LEAST <= int(percent[:9]) <= MOST:
        return Enhancement(kind, int(percent))
    raise click.BadParameter(f"{percent} is no strength: {LEAST} to {MOST} percent.")


def picture_options(command: _Function) -> _Function:
    """Add TARGET and the options that say what a picture of it looks like."""
    for decorate in (
        click.option("--size", callback=_size, metavar="WxH", help="Width and height in pixels."),
        click.option(
            "--enhance",
            callback=_enhancement,
            metavar="NAME[:PERCENT]",
            help="sharpen, denoise, edges, clahe or equalize.",
        ),
        click.option("--preset", metavar="NAME", help="A window by its name, such as lung."),
        click.option(
            "--window", nargs=2, type=float, metavar="CENTRE WIDTH", help="In modality values (HU)."
        ),
        click.option("--frame", "frame_number", type=click.IntRange(min=1), metavar="N", help="From 1."),
        click.argument("target"),
    ):
        command = decorate(command)
    return command


@dataclass(frozen=True, slots=True)
class TargetFrame:
    """The frame that a command was asked for.

    Attributes
    ----------
    frame
        Its pixels and attributes.
    number, count
        Where it stands in what TARGET names, from 1.
    spacing_between_slices_mm
        Of the series, None when unknown.
    path
        The file it was read from.
    """

    frame: LoadedFrame
    number: int
    count: int
    spacing_between_slices_mm: float | None
    path: Path

    @property
    def whereabouts(self) -> Whereabouts:
        """Where it stands, for the text over the picture."""
        from noctis_tui.reading.overlay import Whereabouts

        return Whereabouts(self.number, self.count, self.spacing_between_slices_mm)


def load_target(archive: Path, target: str, frame_number: int | None) -> TargetFrame:
    """Read the frame that TARGET and `--frame` name.

    Parameters
    ----------
    archive
        The archive's folder, used when the target is not a file.
    target
        A file, a folder, a UID, or a prefix that only one study, series or instance begins with.
    frame_number
        From 1, in the order of reading; of one file its own frame number, behind whose last a mosaic's slices
        or a slide's overview follow. None for the first.

    Raises
    ------
    NoctisError
        Nothing answers to the target, there is no such frame, or its pixels do not decode.
    """
    from noctis_tui.commands.target_frames import frames_of_target
    from noctis_tui.reading.frame_reading import read_frame

    stack = frames_of_target(target, archive)
    number = frame_number or 1
    if number > len(stack):
        raise BadInput(f"There is no frame {number}: {len(stack)} is the last.")
    ref = stack.frames[number - 1]
    if len({frame.path for frame in stack.frames}) == 1:
        ref = next((frame for frame in stack.frames if frame.frame_index == number - 1), ref)
    frame = read_frame(ref.path, ref.frame_index)
    return TargetFrame(frame, number, len(stack), stack.spacing_between_slices_mm, ref.path)


def view_of(
    window: tuple[float, float] | None, preset: str | None, config: Path, frame: LoadedFrame | None = None
) -> ViewState:
    """Return the view that `--window` or `--preset` asks for; the file's own window without them.

    With the frame, a window that was asked for is applied by the VOI LUT function that the file names, and
    the presets that follow from its values are known too.

    Raises
    ------
    BadInput
        Both were given, the window has no width, nothing has that name, or the preferences do not read.
    """
    from math import isfinite

    from archive.pixels.voi_lut import Window
    from noctis_tui.reading.viewport import ViewState

    if window and preset:
        raise BadInput("Give --window or --preset, not both.")
    if preset is not None:
        found = preset_named(preset, config, frame)
        return ViewState().with_window(found.window, found.name)
    if window is None:
        return ViewState()
    if not (isfinite(window[0]) and isfinite(window[1]) and window[1] > 0):
        raise BadInput("A window has a center, and a width greater than 0.")
    own = frame.attributes.windows if frame is not None else ()
    return ViewState().with_window(Window(*window, own[0].function if own else "LINEAR"))


def preset_named(name: str, config: Path, frame: LoadedFrame | None = None) -> Preset:
    """Return the preset of that name in any case: a person's own, one for this frame, or any built-in one.

    Raises
    ------
    BadInput
        There is none (the sentence offers the nearest, or all), or the preferences do not read.
    """
    from difflib import get_close_matches

    from archive.dicom.text import visible
    from noctis_tui.preferences import read_preferences
    from noctis_tui.reading.window_presets import known_presets

    own = read_preferences(config).preset
    known = known_presets(own, frame, frame.image.body_part_examined if frame is not None else "")
    wanted = name.strip().casefold()
    if wanted in known:
        return known[wanted]
    begun = [key for key in known if wanted and key.startswith(wanted)]
    near = begun or get_close_matches(wanted, known, 1, 0.4)
    names = ", ".join(preset.name for preset in known.values())
    hint = f"did you mean {known[near[0]].name}?" if near else f"there are {names}."
    raise BadInput(f"There is no preset {visible(name, 40)}: {visible(hint, 600)}")
