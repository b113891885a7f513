"""Volumes with known truth: fields of values over patient space, sampled as `Volume`s or written as series.

A field is a function of LPS points in mm, [..., 3] -> [...]. The affine ones (`ramp`, `index_ramp`) are what
any trilinear reslice must reproduce exactly; spheres, rods and a helix have sizes that can be measured; a
checker shows every voxel that went astray. A `Grid` says where the samples lie. The files hold what scanners
write: IPP, IOP, PixelSpacing, whole numbers and a rescale.

    grid = Grid((24, 32, 40), spacing_mm=(3, 0.7, 0.9), orientation=CORONAL, first_mm=(-20, 5, 30))
    volume = sampled_volume(grid, ramp((2, -3, 5)))
    paths = write_series(tmp_path / "ct", grid, index_ramp(grid))
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from phantoms import AXIAL, CORONAL, SAGITTAL, image, write_image
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import EnhancedCTImageStorage, generate_uid

from noctis_tui.imaging.volume import Volume

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["AXIAL", "CORONAL", "SAGITTAL", "Grid", "turned"]

Field = Callable[["NDArray[np.float64]"], "NDArray[np.float64]"]


@dataclass(frozen=True)
class Grid:
    """Where samples lie: `shape` and `spacing_mm` are (slices, rows, columns).

    `drift_mm` moves each slice against the one before along the row and the column direction: the in-plane
    part of a tilted gantry's steps. Slice 0 is the one that the normal (row x column) points away from.
    """

    shape: tuple[int, int, int]
    spacing_mm: tuple[float, float, float] = (1.0, 1.0, 1.0)
    orientation: tuple[float, ...] = AXIAL
    first_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    drift_mm: tuple[float, float] = (0.0, 0.0)

    @property
    def index_to_patient(self) -> NDArray[np.float64]:
        """[4, 4]: (k, j, i, 1) -> LPS mm; sheared where there is a drift."""
        row, column = np.array(self.orientation[:3], float), np.array(self.orientation[3:], float)
        affine = np.eye(4)
        affine[:3, 0] = np.cross(row, column) * self.spacing_mm[0]
        affine[:3, 0] += row * self.drift_mm[0] + column * self.drift_mm[1]
        affine[:3, 1], affine[:3, 2] = column * self.spacing_mm[1], row * self.spacing_mm[2]
        affine[:3, 3] = self.first_mm
        return affine

    def point_mm(self, k: float, j: float, i: float) -> NDArray[np.float64]:
        """Return the LPS position of a voxel index."""
        return (self.index_to_patient @ (k, j, i, 1.0))[:3]

    def points_mm(self) -> NDArray[np.float64]:
        """Return the LPS positions of all voxels, [slices, rows, columns, 3]."""
        indices = np.stack(np.indices(self.shape), axis=-1)
        return indices @ self.index_to_patient[:3, :3].T + self.index_to_patient[:3, 3]

    @property
    def center_mm(self) -> NDArray[np.float64]:
        """The middle of all voxels."""
        return self.point_mm(*((count - 1) / 2 for count in self.shape))


def turned(
    orientation: tuple[float, ...], axis: tuple[float, float, float], degrees: float
) -> tuple[float, ...]:
    """Return an orientation turned about an axis (Rodrigues): an oblique one."""
    unit, angle = np.array(axis, float) / np.linalg.norm(axis), np.radians(degrees)
    return tuple(
        float(part)
        for direction in (np.array(orientation[:3], float), np.array(orientation[3:], float))
        for part in direction * np.cos(angle)
        + np.cross(unit, direction) * np.sin(angle)
        + unit * (unit @ direction) * (1 - np.cos(angle))
    )


# Fields ------------------------------------------------------------------------------------------------


def ramp(gradient: tuple[float, float, float], at_origin: float = 0.0) -> Field:
    """An affine function of mm."""
    return lambda points: points @ np.array(gradient, float) + at_origin


def index_ramp(grid: Grid, per_index: tuple[float, float, float] = (31, -7, 5), first: float = -200) -> Field:
    """An affine function of mm that is `first + per_index . (k, j, i)` at the voxels: whole numbers there."""
    patient_to_index = np.linalg.inv(grid.index_to_patient)[:3]
    gradient = np.array(per_index, float) @ patient_to_index
    return lambda points: points @ gradient[:3] + gradient[3] + first


def sphere(center_mm: Any, radius_mm: float, inside: float = 1000, outside: float = 0) -> Field:
    """A ball with a hard edge."""
    return lambda points: np.where(
        ((points - np.asarray(center_mm)) ** 2).sum(-1) <= radius_mm**2, inside, outside
    )


def rod(a_mm: Any, b_mm: Any, radius_mm: float, inside: float = 1000, outside: float = 0) -> Field:
    """A cylinder with round ends from one point to another."""
    start, along = np.asarray(a_mm, float), np.asarray(b_mm, float) - np.asarray(a_mm, float)

    def values(points: NDArray[np.float64]) -> NDArray[np.float64]:
        share = np.clip((points - start) @ along / (along @ along), 0, 1)
        away = points - start - share[..., None] * along
        return np.where((away**2).sum(-1) <= radius_mm**2, inside, outside)

    return values


def helix_point_mm(center_mm: Any, radius_mm: float, pitch_mm: float, turns: float) -> NDArray[np.float64]:
    """Return the point of a helix about the z axis after so many turns from its middle, LPS."""
    angle = 2 * np.pi * np.asarray(turns, float)
    at = np.stack(
        [np.cos(angle) * radius_mm, np.sin(angle) * radius_mm, turns * np.float64(pitch_mm)], axis=-1
    )
    return np.asarray(center_mm) + at


def helix(
    center_mm: Any,
    radius_mm: float,
    pitch_mm: float,
    turns: float,
    tube_mm: float,
    inside: float = 1000,
    outside: float = 0,
) -> Field:
    """A tube along a helix about the z axis, `turns` long in all; its arc is turns * hypot(2 pi r, pitch)."""
    places = helix_point_mm(
        center_mm, radius_mm, pitch_mm, np.linspace(-turns / 2, turns / 2, int(400 * turns))
    )

    def values(points: NDArray[np.float64]) -> NDArray[np.float64]:
        from scipy.spatial import cKDTree

        distance, _ = cKDTree(places).query(points.reshape(-1, 3))
        return np.where(distance.reshape(points.shape[:-1]) <= tube_mm, inside, outside)

    return values


def checker(grid: Grid, low: float = -100, high: float = 900) -> Field:
    """Alternates from voxel to voxel, and is offset in each slice: no two neighbours are alike."""
    patient_to_index = np.linalg.inv(grid.index_to_patient)

    def values(points: NDArray[np.float64]) -> NDArray[np.float64]:
        indices = np.rint(points @ patient_to_index[:3, :3].T + patient_to_index[:3, 3])
        return np.where(indices.sum(-1) % 2 == 0, low, high) + indices[..., 0]

    return values


# Samples and files ---------------------------------------------------------------------------------------


def sampled(grid: Grid, field: Field) -> NDArray[np.float64]:
    """Return the values at the voxels, [slices, rows, columns]."""
    return field(grid.points_mm())


def sampled_volume(grid: Grid, field: Field, dtype: Any = np.float32, **attributes: Any) -> Volume:
    """Return the volume that a perfect reader makes; a grid with a drift is none before it is sheared.

    `attributes` are `Volume`'s; with a rescale the stored values are what it turns into the field.
    """
    assert grid.drift_mm == (0.0, 0.0), "a Volume's axes are orthogonal"
    slope, intercept = attributes.get("rescale_slope", 1.0), attributes.get("rescale_intercept", 0.0)
    attributes.setdefault("frame_of_reference_uid", "1.2.3")
    stored = (sampled(grid, field) - intercept) / slope
    if np.dtype(dtype).kind != "f":
        stored = np.rint(stored)
    return Volume(np.ascontiguousarray(stored, dtype), grid.index_to_patient, **attributes)


def write_series(
    folder: Path,
    grid: Grid,
    field: Field,
    *,
    missing: tuple[int, ...] = (),
    rescale: Callable[[int], tuple[float, float]] = lambda _: (1.0, 0.0),
    reverse_numbers: bool = False,
    first_number: int = 1,
    **attributes: Any,
) -> list[Path]:
    """Write one int16 CT file a slice; the paths are in the order of the grid's slices.

    `missing` slices are not written; `rescale` gives slope and intercept of each; instance numbers may run
    against the normal. What several calls share (series, study, frame of reference) goes into `attributes`;
    a value that is a function gets the slice's number.
    """
    folder.mkdir(parents=True, exist_ok=True)
    uids = {name: generate_uid() for name in ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID")}
    shared = {**uids, **attributes}
    paths = []
    for k, plane in enumerate(sampled(grid, field)):
        if k in missing:
            continue
        slope, intercept = rescale(k)
        paths.append(folder / f"{first_number:03}_{k:04}.dcm")
        write_image(
            paths[-1],
            np.rint((plane - intercept) / slope).astype(np.int16),
            InstanceNumber=first_number + (grid.shape[0] - 1 - k if reverse_numbers else k),
            RescaleSlope=_decimal(slope),
            RescaleIntercept=_decimal(intercept),
            **geometry(grid, k),
            **{name: value(k) if callable(value) else value for name, value in shared.items()},
        )
    return paths


def write_phases(folder: Path, grid: Grid, fields: list[Field], **attributes: Any) -> list[list[Path]]:
    """Write a series of several volumes at one place, told apart as cardiac phases and times are."""
    uids = {name: generate_uid() for name in ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID")}
    return [
        write_series(
            folder,
            grid,
            field,
            first_number=1 + phase * grid.shape[0],
            **uids,
            TemporalPositionIdentifier=phase + 1,
            NumberOfTemporalPositions=len(fields),
            AcquisitionNumber=phase + 1,
            AcquisitionTime=f"1200{phase:02}",
            **attributes,
        )
        for phase, field in enumerate(fields)
    ]


def write_enhanced(
    path: Path,
    grid: Grid,
    field: Field,
    *,
    order: list[int] | None = None,
    slope: float = 1.0,
    **attributes: Any,
) -> Path:
    """Write an Enhanced CT of all slices, its frames in any `order` of the grid's slices."""
    frames = order or list(range(grid.shape[0]))
    stored = np.rint(sampled(grid, field) / slope).astype(np.int16)[frames]
    ds = image(stored, SOPClassUID=EnhancedCTImageStorage, FrameOfReferenceUID=generate_uid(), **attributes)
    ds.file_meta.MediaStorageSOPClassUID = EnhancedCTImageStorage
    first = geometry(grid, 0)
    ds.SharedFunctionalGroupsSequence = [
        _group(
            PlaneOrientationSequence={"ImageOrientationPatient": first["ImageOrientationPatient"]},
            PixelMeasuresSequence={
                "PixelSpacing": first["PixelSpacing"],
                "SliceThickness": first["SliceThickness"],
            },
            PixelValueTransformationSequence={
                "RescaleSlope": _decimal(slope),
                "RescaleIntercept": "0",
                "RescaleType": "HU",
            },
        )
    ]
    ds.PerFrameFunctionalGroupsSequence = [
        _group(
            FrameContentSequence={
                "StackID": "1",
                "InStackPositionNumber": k + 1,
                "DimensionIndexValues": [k + 1],
            },
            PlanePositionSequence={"ImagePositionPatient": geometry(grid, k)["ImagePositionPatient"]},
        )
        for k in frames
    ]
    ds.save_as(path, enforce_file_format=True)
    return path


def geometry(grid: Grid, k: int) -> dict[str, Any]:
    """Return the Image Plane Module's attributes of a slice."""
    return {
        "ImagePositionPatient": [_decimal(part) for part in grid.point_mm(k, 0, 0)],
        "ImageOrientationPatient": [_decimal(part) for part in grid.orientation],
        "PixelSpacing": [_decimal(grid.spacing_mm[1]), _decimal(grid.spacing_mm[2])],
        "SliceThickness": _decimal(grid.spacing_mm[0]),
    }


def _decimal(value: float) -> str:
    """Return a decimal string of at most 16 characters (PS3.5 6.2, DS), as exact as that allows."""
    value = float(value) + 0.0  # no minus zero
    return next(text for digits in range(15, 0, -1) if len(text := f"{value:.{digits}g}") <= 16)


def _group(**sequences: dict[str, Any]) -> Dataset:
    group = Dataset()
    for keyword, values in sequences.items():
        item = Dataset()
        for name, value in values.items():
            setattr(item, name, value)
        setattr(group, keyword, Sequence([item]))
    return group
