"""Surfaces as files: STL, PLY, OBJ and GLB, by trimesh."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from uuid import uuid4

import numpy as np

from archive.errors import BadInput, OutOfResources
from noctis_tui.imaging.surfaces.surfaces_extra import require_surfaces

if TYPE_CHECKING:
    from pathlib import Path

    from noctis_tui.imaging.surfaces.mesh import Mesh

FORMATS = (".stl", ".ply", ".obj", ".glb")
_TO_GLTF = np.array([[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1000]]) / 1000
"""LPS mm to glTF 2.0 (3.4): metres, +Y up to the head, +Z forward to the patient's front."""


def save_mesh(path: Path, mesh: Mesh) -> None:
    """Write a mesh, as what the name ends in says.

    STL and PLY (both binary) and OBJ hold LPS in mm, as most medical programs expect; a GLB stands upright
    and is in metres, as glTF wants it. Nothing in it tells who the patient is.

    Raises
    ------
    BadInput
        The name ends in none of `FORMATS`, or the extra `surfaces` is missing.
    OutOfResources
        The file could not be written; none is left then.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise BadInput("The name of a surface ends in .stl, .ply, .obj or .glb.")
    require_surfaces()
    from trimesh import Trimesh  # noqa: PLC0415 - of an extra, and heavy

    triangles = Trimesh(mesh.vertices_mm, mesh.triangles, process=False)
    if suffix == ".glb":
        triangles.apply_transform(_TO_GLTF)
    written = triangles.export(file_type=suffix[1:])
    content = written.encode() if isinstance(written, str) else bytes(written)
    partial = path.with_name(f".{path.name}.{uuid4().hex[:8]}.part")
    try:
        partial.write_bytes(content)
        os.replace(partial, path)  # noqa: PTH105 - the same
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise OutOfResources(f"The surface could not be written: {error.strerror}.") from None
