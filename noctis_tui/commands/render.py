"""`noctis render`: a frame or a plane through a volume as the viewer shows it, or its values, into files."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from noctis_tui.commands.picture_target import picture_options
from noctis_tui.commands.plane_options import PlaneOptions, plane_options

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray

    from archive.commands.site import Site
    from archive.pixels.attributes import FrameAttributes
    from noctis_tui.commands.volume_target import CutPlane
    from noctis_tui.imaging.enhancing.enhancement import Enhancement
    from noctis_tui.reading.loaded_frame import LoadedFrame

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("render")
@picture_options
@plane_options
@click.option("--out", type=_FILE, help="Write the picture as PNG.")
@click.option("--raw", type=_FILE, help="Write modality values as NPY, and their geometry beside it as JSON.")
@click.pass_obj
def render_command(
    site: Site,
    target: str,
    frame_number: int | None,
    window: tuple[float, float] | None,
    preset: str | None,
    enhance: Enhancement | None,
    size: tuple[int, int] | None,
    out: Path | None,
    raw: Path | None,
    cut: PlaneOptions,
) -> None:
    """Write an image, or a plane through a volume, as the viewer would show it.

    TARGET is a file, a folder, a UID, or the unique beginning of one. Of a series, --frame counts its images
    in reading order; of one file it is the file's own frame number, and what is made of its frames follows
    behind: a mosaic's slices, a slide's overview. Without --size each sample is one pixel, and no text is
    drawn; the file's own shutter and overlay planes are.

    With --plane or --normal the series becomes a volume, and a plane is cut out of it. --plane axial, coronal
    or sagittal follows the volume's own voxels; without --spacing and --size its samples are these voxels.
    Points and directions are LPS mm; --size is columns x rows, around the centre. Outside the volume is NaN.

    Example: noctis render ct/ --frame 20 --preset lung --out lung.png

    Example: noctis render ct/ --plane coronal --position 120 --spacing 0.8 --slab 10 --out coronal.png
    """
    from noctis_tui.commands.picture_target import load_target, view_of
    from noctis_tui.commands.volume_target import load_plane
    from noctis_tui.reading.headless import bare_picture, written_picture
    from noctis_tui.reading.overlay import ALONE

    if out is None and raw is None:
        raise click.UsageError("Say where to: --out F.png, --raw F.npy or both.")
    request = cut.request(size, frame_number)
    plane = load_plane(site, target, request, cut) if request is not None else None
    if plane is not None:
        frame, whereabouts, sidecar = plane.frame, ALONE, plane_geometry(plane)
    else:
        shown = load_target(site.archive, target, frame_number)
        frame, whereabouts, sidecar = shown.frame, shown.whereabouts, geometry(shown.frame.attributes)
    view = view_of(window, preset, site.config, frame).with_enhancement(enhance)
    if plane is not None:
        view = plane.looked_at(view)
    if raw is not None:
        _write_raw(frame, sidecar, raw)
    if out is not None:
        drawn = written_picture(frame, view, size, whereabouts) if size else None
        _write_png(bare_picture(frame, view) if drawn is None else drawn, out)


@contextmanager
def _written(path: Path) -> Iterator[None]:
    """Say in one sentence what the disk refuses."""
    from archive.dicom.text import visible
    from archive.errors import BadInput

    try:
        yield
    except OSError as error:
        reason = error.strerror or "the disk refused"
        raise BadInput(f"{visible(str(path), 120)} cannot be written: {reason}.") from error


def _write_png(display: NDArray[np.uint8], path: Path) -> None:
    from PIL import Image

    with _written(path):
        Image.fromarray(display).save(path, "PNG")


def _write_raw(loaded: LoadedFrame, sidecar: dict[str, Any], path: Path) -> None:
    import json

    import numpy as np

    from archive.pixels.modality_lut import modality_values

    stored = loaded.stored_values
    values = stored if loaded.is_color else modality_values(stored, loaded.attributes)
    with _written(path):
        with path.open("wb") as file:
            np.save(file, np.ascontiguousarray(values), allow_pickle=False)
        path.with_suffix(".json").write_text(json.dumps(sidecar, indent=1, allow_nan=False) + "\n")


def geometry(frame: FrameAttributes) -> dict[str, Any]:
    """Return what the values of a frame are and where they lie (LPS mm); None where the file does not say.

    A stored frame is no slab: its `slab_thickness_mm` is 0.
    """
    orientation, spacing = frame.image_orientation_patient, frame.pixel_spacing
    return {
        "units": frame.units,
        "rescale_type": frame.rescale_type,
        "origin_mm": frame.image_position_patient,
        "row_direction": orientation[:3] if orientation else None,
        "column_direction": orientation[3:] if orientation else None,
        "row_spacing_mm": spacing[0] if spacing else None,
        "column_spacing_mm": spacing[1] if spacing else None,
        "slab_thickness_mm": 0.0,
        "frame_of_reference_uid": frame.frame_of_reference_uid or None,
        "source_sop_instance_uids": [frame.sop_instance_uid] if frame.sop_instance_uid else [],
    }


def plane_geometry(plane: CutPlane) -> dict[str, Any]:
    """Return `geometry` of a plane through a volume: its slab, and the instances it was made of."""
    return geometry(plane.frame.attributes) | {
        "slab_thickness_mm": plane.image.slab_thickness_mm,
        "source_sop_instance_uids": list(plane.image.source_sop_instance_uids),
    }
