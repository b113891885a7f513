"""Where the voxels of a volume are kept: in memory, or beyond a cap in a file that is mapped into it.

A mapped file and no bricks: everything that computes with a volume takes one array, and the kernel keeps what
is looked at. Cold, a sagittal plane of a mapped volume takes six times as long as bricks of 64 voxels that
are read explicitly; warm, it takes what it takes in memory.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from archive.errors import BadInput, OutOfResources

if TYPE_CHECKING:
    from numpy.typing import NDArray

DEFAULT_LIMIT_BYTES = 4 << 30
VOXELS_LIMIT = 1 << 34
"""More than any series has; a header can claim as many as it likes."""
_ON_DISK = Path("/var/tmp")  # noqa: S108 - the file has no name by the time that anybody could look for it
_KEPT_FREE_BYTES = 256 << 20


def allocate(
    shape: tuple[int, int, int], dtype: np.dtype[Any], limit_bytes: int, folder: Path | None = None
) -> NDArray[Any]:
    """Return a C-contiguous array of zeros.

    Parameters
    ----------
    limit_bytes
        Larger arrays are mapped from a file without a name, which is gone with the array.
    folder
        Where the file is; by default where temporary files outlive a restart, since these are on a disk.

    Raises
    ------
    BadInput
        No series has so many voxels.
    OutOfResources
        There is neither memory nor room on the disk.
    """
    voxels = shape[0] * shape[1] * shape[2]
    if voxels > VOXELS_LIMIT:
        raise BadInput(f"The volume would have {voxels:,} voxels: more than can be kept.")
    size = voxels * dtype.itemsize
    try:
        return np.zeros(shape, dtype) if size <= limit_bytes else _mapped(shape, dtype, size, folder)
    except MemoryError as error:
        raise OutOfResources(f"There is no memory for a volume of {size >> 20:,} MiB.") from error


def _mapped(
    shape: tuple[int, int, int], dtype: np.dtype[Any], size: int, folder: Path | None
) -> NDArray[Any]:
    folder = folder or (_ON_DISK if os.access(_ON_DISK, os.W_OK) else Path(tempfile.gettempdir()))
    try:
        room = os.statvfs(folder)
        if size + _KEPT_FREE_BYTES > room.f_bavail * room.f_frsize:
            raise OutOfResources(f"There is no room on the disk for a volume of {size >> 20:,} MiB.")
        with tempfile.TemporaryFile(dir=folder) as file:
            file.truncate(size)
            return np.memmap(file, dtype, "r+", shape=shape)
    except OSError as error:
        raise OutOfResources(f"A volume cannot be kept on the disk: {error.strerror}.") from error
