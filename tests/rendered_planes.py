"""`noctis render --plane ...` run in this process, and the references that its answers are held against."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from noctis_tui.cli import noctis

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


class RenderedPlane(NamedTuple):
    """What `--raw` wrote: the values, and the JSON beside them."""

    values: NDArray[np.float32]
    sidecar: dict[str, Any]

    @property
    def directions(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Where columns and rows grow, LPS."""
        return np.array(self.sidecar["row_direction"]), np.array(self.sidecar["column_direction"])

    def points_mm(self) -> NDArray[np.float64]:
        """Return where every sample lies by the sidecar alone, [rows, columns, 3]."""
        right, down = self.directions
        rows, columns = np.indices(self.values.shape)
        return (
            np.array(self.sidecar["origin_mm"])
            + columns[..., None] * right * self.sidecar["column_spacing_mm"]
            + rows[..., None] * down * self.sidecar["row_spacing_mm"]
        )


def render(folder: Path, target: Path, *options: object) -> RenderedPlane:
    """Run the command; `folder` takes what it writes."""
    raw = folder / "plane.npy"
    line = ["--archive", str(folder / "none"), "render", str(target), *map(str, options), "--raw", str(raw)]
    noctis.main(args=line, standalone_mode=False)
    return RenderedPlane(np.load(raw), json.loads(raw.with_suffix(".json").read_text()))


def resampled(files: list[Path], plane: RenderedPlane, padding: float | None = None) -> NDArray[np.float32]:
    """Return what SimpleITK makes of the same files at the same points: float32, linear, NaN outside.

    Beside modality values that are padding there is NaN, too.
    """
    import SimpleITK as sitk  # noqa: N813 - its own custom

    image = sitk.Cast(sitk.ReadImage([str(path) for path in files]), sitk.sitkFloat32)
    if padding is not None:
        image = sitk.Mask(image, sitk.Cast(image != padding, sitk.sitkUInt8), float("nan"))
    right, down = plane.directions
    rows, columns = plane.values.shape
    resample = sitk.ResampleImageFilter()
    resample.SetInterpolator(sitk.sitkLinear)
    resample.SetDefaultPixelValue(float("nan"))
    resample.SetSize((columns, rows, 1))
    resample.SetOutputSpacing((plane.sidecar["column_spacing_mm"], plane.sidecar["row_spacing_mm"], 1.0))
    resample.SetOutputOrigin(plane.sidecar["origin_mm"])
    resample.SetOutputDirection(np.stack([right, down, np.cross(right, down)], axis=1).ravel().tolist())
    return sitk.GetArrayFromImage(resample.Execute(image))[0]
