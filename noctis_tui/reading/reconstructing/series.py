"""From a request to the images that are to be written, with what they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from noctis_tui.reading.reconstructing.curves import CurvedImages
from noctis_tui.reading.reconstructing.planes import plane_stack
from noctis_tui.reading.reconstructing.request import Kind
from noctis_tui.reading.reconstructing.turning import turned_images
from noctis_tui.reading.reconstruction_output.images import Contrast, OutputSeries

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from archive.progress import CancelToken
    from noctis_tui.imaging.volume import Volume
    from noctis_tui.reading.reconstructing.request import Reconstruction
    from noctis_tui.reading.reconstruction_output.images import OutputImage

_CONTRASTS: Final = {
    Kind.MPR: Contrast.MPR,
    Kind.MIP: Contrast.MIP,
    Kind.MINIP: Contrast.MINIP,
    Kind.MEAN: Contrast.MEAN,
    Kind.CURVED: Contrast.CPR,
}
_NAMES: Final = {Kind.MPR: "MPR", Kind.MIP: "MIP", Kind.MINIP: "MinIP", Kind.MEAN: "Mean", Kind.CURVED: "CPR"}


def output_series(
    volume: Volume,
    asked: Reconstruction,
    files: Mapping[str, Path],
    token: CancelToken | None = None,
) -> OutputSeries:
    """Return the images that are asked for; they are made as they are gone through.

    Raises
    ------
    BadInput
        They cannot be: the range is empty, there would be too many, the points make no curve.
    """
    images, count, contrast = _images(volume, asked, token)
    title = title_of(asked)
    derivation = f"{title}: {count} of a volume of {volume.shape[0]} slices"
    return OutputSeries(images, count, contrast, title, f"{derivation}{_how(asked)}", volume, files)


def title_of(asked: Reconstruction) -> str:
    """Return what a person calls a reconstruction.

    >>> from noctis_tui.reading.reconstructing.request import Reconstruction
    >>> title_of(Reconstruction(Kind.MIP, plane="coronal", slab_mm=20))
    'MIP coronal 20 mm'
    """
    if asked.kind is Kind.CURVED:
        what = asked.curve_view.value
    elif asked.rotate is not None:
        what = "turning"
    else:
        what = asked.plane or "oblique"
    slab = f"{asked.slab_mm:g} mm" if asked.slab_mm else ""
    return " ".join(filter(None, (_NAMES[asked.kind], what, slab)))


def _images(
    volume: Volume, asked: Reconstruction, token: CancelToken | None
) -> tuple[Iterator[OutputImage], int, Contrast]:
    contrast = _CONTRASTS[asked.kind]
    if asked.kind is Kind.CURVED:
        curved = CurvedImages(volume, asked)
        return curved.images(token), curved.count, Contrast.MPR if curved.is_placed else contrast
    if asked.rotate is not None:
        return turned_images(volume, asked, token), asked.rotate, contrast
    stack = plane_stack(volume, asked)
    return stack.images(volume, token), stack.count, contrast


def _how(asked: Reconstruction) -> str:
    said = []
    if asked.every_mm:
        said.append(f"every {asked.every_mm:g} mm")
    if asked.spacing_mm:
        said.append(f"samples of {asked.spacing_mm:g} mm")
    if asked.kind is Kind.CURVED:
        said.append(f"along {len(asked.points_mm)} points")
        if asked.begin_degrees:
            said.append(f"turned by {asked.begin_degrees:g} degrees")
        if asked.slab_mm:
            said.append(f"{asked.slab_projection} of the slab")
    return "".join(f", {each}" for each in said) + "."
