"""How light falls on a surface: Lambert's law, a little gloss, and what is far away is darker.

Phong, B. T.: Illumination for computer generated pictures, Communications of the ACM 18(6), 1975, with the
half-way vector of Blinn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.imaging.turning.values_between import differences

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from noctis_tui.imaging.slices import Slice
    from noctis_tui.imaging.turning.surface_preview import SurfaceHits
    from noctis_tui.imaging.turning.values_between import Replaced
    from noctis_tui.imaging.volume import Volume

AMBIENT, DIFFUSE, GLOSS, SHININESS = 0.14, 0.74, 0.16, 24
FARTHEST_IS_DARKER = 0.45
"""Share of the light that is gone at the far end of the volume."""
_EDGE_ON = 0.02
"""Cosine to the eye below which a cut is seen as a line."""
_LIGHT_FROM = (-0.45, -0.45, -1.0)
"""Columns to the right, rows down, into the screen: over the left shoulder, as drawings have it."""


def light_and_eye(view: Slice) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return unit vectors to the light and to the eye, LPS."""
    frame = np.array([view.plane.row_direction, view.plane.column_direction, view.plane.normal])
    light = np.array(_LIGHT_FROM) @ frame
    return light / np.linalg.norm(light), -frame[2]


def shaded(
    volume: Volume, hits: SurfaceHits, directions: tuple[NDArray[np.float64], NDArray[np.float64]]
) -> NDArray[np.uint8]:
    """Return how bright each hit is, 1 to 255.

    Parameters
    ----------
    volume
        Whose surface it is.
    hits
        Where rays meet it.
    directions
        To the light and to the eye (`light_and_eye`).
    """
    light, eye = directions
    normals = outward_normals(volume, hits.indices, hits.replaced)
    _face_the_ends(volume, hits.indices, normals, eye)
    half_way = (light + eye) / np.linalg.norm(light + eye)
    falling = np.clip(light @ normals, 0, 1)
    gloss = np.clip(half_way @ normals, 0, 1) ** SHININESS
    bright = (AMBIENT + DIFFUSE * falling + GLOSS * gloss) * (
        1 - FARTHEST_IS_DARKER * _far(volume, hits, eye)
    )
    return np.clip(np.rint(bright * 255), 1, 255).astype(np.uint8)


def outward_normals(
    volume: Volume, indices: NDArray[np.float64], replaced: Replaced | None = None
) -> NDArray[np.float64]:
    """Return unit vectors towards lower modality values, LPS [3, points]; zero where values are even.

    From differences over two voxels along each axis: less of the noise of one voxel's.
    """
    gradient = differences(volume.stored_values, indices, replaced)
    outward = -volume.patient_to_index[:3, :3].T @ gradient * np.sign(volume.rescale_slope)
    length = np.linalg.norm(outward, axis=0)
    units: NDArray[np.float64] = outward / np.where(length > 0, length, 1)
    return units


def _face_the_ends(
    volume: Volume, indices: NDArray[np.float64], normals: NDArray[np.float64], eye: NDArray[np.float64]
) -> None:
    """Turn normals where a body is cut off by the end of the volume: values say nothing about the cut."""
    directions = volume.index_to_patient[:3, :3] / np.array(volume.spacing_mm)
    for axis, size in enumerate(volume.shape):
        for is_cut, outward in (
            (indices[axis] <= 0, -directions[:, axis]),
            (indices[axis] >= size - 1, directions[:, axis]),
        ):
            if outward @ eye > _EDGE_ON:
                normals[:, is_cut] = outward[:, None]


def _far(volume: Volume, hits: SurfaceHits, eye: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far away hits are, from 0 at the near to 1 at the far end of the volume's sphere."""
    points = volume.index_to_patient[:3, :3] @ hits.indices + volume.index_to_patient[:3, 3:]
    reach = np.linalg.norm(np.array(volume.shape) * volume.spacing_mm) / 2
    away = eye @ (np.array(volume.center_mm)[:, None] - points)
    return np.clip(away / (2 * reach) + 0.5, 0, 1)
