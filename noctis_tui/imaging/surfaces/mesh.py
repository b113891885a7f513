"""Surfaces of volumes as triangles, in millimetres of the patient.

    mesh = extract_mesh(volume, 300, MeshOptions(components=1, smoothing=10, reduction=0.5))
    save_mesh(path, mesh)  # noctis_tui.imaging.surfaces.mesh_export

Needs the extra `surfaces`. Library calls take seconds and cannot be interrupted: they are made in a process
of their own, which is killed when somebody asks to stop, and ends with this one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from archive.errors import BadInput
from archive.progress import unheard
from noctis_tui.imaging.surfaces.mesh_mending import edge_keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from archive.progress import CancelToken, ProgressListener
    from noctis_tui.imaging.volume import Volume


@dataclass(frozen=True, slots=True)
class MeshOptions:
    """What is done to a surface after it was found; nothing, as it stands.

    Attributes
    ----------
    components
        How many of its separate pieces are kept, those of the largest area; 0 keeps all.
    smoothing
        Passes of Taubin's filter, which does not shrink: 10 take away the steps of voxels.
    reduction
        Share of the triangles that is taken away, 0 to 0.99, where the surface is flattest first. It stays
        watertight where it was.
    closed
        Closes the surface where the volume ends. Else it is open there.
    """

    components: int = 0
    smoothing: int = 0
    reduction: float = 0.0
    closed: bool = True

    def __post_init__(self) -> None:
        if self.components < 0 or not 0 <= self.smoothing <= 1000:
            raise BadInput("A surface keeps 0 (all) or more pieces, and is smoothed 0 to 1000 times.")
        if not 0 <= self.reduction <= 0.99:
            raise BadInput("A surface can lose 0 to 0.99 of its triangles.")


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles in patient space.

    Attributes
    ----------
    vertices_mm
        float32 [vertices, 3], LPS.
    triangles
        int32 [triangles, 3]: vertices counter-clockwise as seen from outside.
    """

    vertices_mm: NDArray[np.float32]
    triangles: NDArray[np.int32]
    frame_of_reference_uid: str = field(default="")

    @property
    def area_mm2(self) -> float:
        """The sum of the triangles' areas."""
        return float(np.linalg.norm(self._normals, axis=1).sum() / 2)

    @property
    def volume_mm3(self) -> float:
        """What the surface holds (divergence theorem); negative if it were inside out."""
        middle = self.vertices_mm.mean(axis=0) if len(self.vertices_mm) else np.zeros(3)
        first = self.vertices_mm.astype(np.float64)[self.triangles[:, 0]] - middle
        return float((first * self._normals).sum() / 6)

    @property
    def is_watertight(self) -> bool:
        """Whether every edge belongs to two triangles, no more, that run along it in opposite directions."""
        keys, is_forth = edge_keys(self.triangles)
        forth, back = np.sort(keys[is_forth]), np.sort(keys[~is_forth])
        is_closed = len(forth) > 0 and np.array_equal(forth, back)
        return bool(is_closed and (np.diff(forth) > 0).all())

    @cached_property
    def _normals(self) -> NDArray[np.float64]:
        a, b, c = (self.vertices_mm.astype(np.float64)[self.triangles[:, corner]] for corner in range(3))
        return np.cross(b - a, c - a)


def extract_mesh(
    volume: Volume,
    threshold: float,
    options: MeshOptions = MeshOptions(),
    *,
    listener: ProgressListener = unheard,
    token: CancelToken | None = None,
) -> Mesh:
    """Return the surface at a threshold.

    Parameters
    ----------
    volume
        Values of at least the threshold are inside; padding is as good as outside of the volume.
    threshold
        A modality value; `noctis_tui.imaging.surfaces.surface_presets` has those of tissues.
    options
        Pieces, smoothing, reduction: in this order.
    listener
        Hears of slices, then of what follows; called in this thread.
    token
        Looked at 20 times a second; the process at work is killed.

    Returns
    -------
    Mesh
        By Lewiner's marching cubes (J. Graphics Tools 8(2), 2003), which leaves no holes.

    Raises
    ------
    BadInput
        The extra `surfaces` is missing, or nothing in the volume reaches the threshold, or all of it.
    OutOfResources
        The process ended before its work was done; the message says why, as far as that can be known.
    Cancelled
        When the token says so.
    """
    # Imported here: a view that turns has no use for processes.
    from noctis_tui.imaging.surfaces.mesh_process import mesh_by_process  # noqa: PLC0415
    from noctis_tui.imaging.surfaces.surfaces_extra import require_surfaces  # noqa: PLC0415

    require_surfaces()
    return mesh_by_process(volume, threshold, options, listener, token)
