"""A mesh made by a process of its own, which can be killed in the middle of a library's call."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from select import select
from typing import IO, TYPE_CHECKING, Any

import numpy as np

import noctis_tui
from archive.errors import BadInput, OutOfResources
from archive.progress import Progress
from noctis_tui.imaging.planes.padding import darkest_beside
from noctis_tui.imaging.surfaces.marching import Level
from noctis_tui.imaging.surfaces.mesh import Mesh
from noctis_tui.imaging.surfaces.worker_end import cause_of_end, times_out_of_memory

if TYPE_CHECKING:
    from archive.progress import CancelToken, ProgressListener
    from noctis_tui.imaging.surfaces.mesh import MeshOptions
    from noctis_tui.imaging.volume import Volume

LOOKS_EVERY_SECONDS = 0.05
_PACKAGES = str(Path(noctis_tui.__file__).parents[1])
_ON_DISK = "/var/tmp"  # noqa: S108 - the file has no name
_WHAT = {
    "slices": "Finding the surface",
    "pieces": "Finding its pieces",
    "smoothing": "Smoothing",
    "reduction": "Reducing the triangles",
}


def mesh_by_process(
    volume: Volume,
    threshold: float,
    options: MeshOptions,
    listener: ProgressListener,
    token: CancelToken | None,
) -> Mesh:
    """Return a surface (`noctis_tui.imaging.surfaces.mesh.extract_mesh`).

    Raises
    ------
    BadInput, OutOfResources, Cancelled
        As there.
    """
    level = level_of(volume, threshold)
    slices = _slices_of_interest(volume, level, token)
    with ExitStack() as stack:
        # What was too large for the memory is no smaller here.
        is_mapped = isinstance(volume.stored_values, np.memmap)
        stored = stack.enter_context(_disk() if is_mapped else _memory())
        result = stack.enter_context(_memory())
        stored.write(np.ascontiguousarray(volume.stored_values[slices]).data)
        stored.flush()
        times_before = times_out_of_memory()
        worker = stack.enter_context(_worker(stored, result))
        try:
            _ask(worker, _question(volume, slices, level, options))
            code = _followed(worker, listener, token)
        finally:
            worker.kill()
        if code != 0:
            raise OutOfResources(f"The surface could not be made: {cause_of_end(code, times_before)}.")
        mesh = _read(result, volume)
    if not len(mesh.triangles):
        raise BadInput("There is no surface at this threshold.")
    return mesh


def level_of(volume: Volume, threshold: float) -> Level:
    """Return where the surface at a threshold, a modality value, lies in stored values."""
    limit = (threshold - volume.rescale_intercept) / volume.rescale_slope
    sign = 1 if volume.rescale_slope > 0 else -1
    stored = volume.stored_values
    is_whole = stored.dtype.kind != "f" or all(np.array_equal(each, np.rint(each)) for each in stored)
    return Level(limit, sign, darkest_beside(volume, limit, sign), volume.stored_padding, is_whole)


def _slices_of_interest(volume: Volume, level: Level, token: CancelToken | None) -> slice:
    """Return the slices that hold anything inside, and their neighbours."""
    found = []
    for k, values in enumerate(volume.stored_values):
        if token is not None:
            token.check()
        if level.inside(values).any():
            found.append(k)
    if not found:
        raise BadInput("Nothing in this volume reaches the threshold of the surface.")
    return slice(max(found[0] - 1, 0), found[-1] + 2)


def _memory() -> IO[bytes]:
    """Return a file without a name: in memory where the system has such, and gone when it is closed."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("noctis mesh"), "w+b")
    return tempfile.TemporaryFile()


def _disk() -> IO[bytes]:
    """Return a file without a name where temporary files outlive a restart: on a disk."""
    return tempfile.TemporaryFile(dir=_ON_DISK if os.access(_ON_DISK, os.W_OK) else None)


def _worker(stored: IO[bytes], result: IO[bytes]) -> subprocess.Popen[bytes]:
    descriptors = stored.fileno(), result.fileno()
    return subprocess.Popen(  # noqa: S603 - this interpreter, this package
        [sys.executable, "-P", "-m", "noctis_tui.imaging.surfaces.mesh_worker", *map(str, descriptors)],
        bufsize=0,  # nothing is left to write when the worker has gone
        pass_fds=descriptors,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": _PACKAGES},
    )


def _question(volume: Volume, slices: slice, level: Level, options: MeshOptions) -> dict[str, Any]:
    stored = volume.stored_values[slices]
    affine = volume.index_to_patient.copy()
    affine[:3, 3] += affine[:3, 0] * slices.start
    return {
        "shape": stored.shape,
        "dtype": stored.dtype.str,
        "index_to_patient": affine.tolist(),
        "limit": level.limit,
        "sign": level.sign,
        "outside": level.outside,
        "padding": level.padding,
        "is_whole": level.is_whole,
        "closed": options.closed,
        "components": options.components,
        "smoothing": options.smoothing,
        "reduction": options.reduction,
        "parent_pid": os.getpid(),
    }


def _ask(worker: subprocess.Popen[bytes], question: dict[str, Any]) -> None:
    assert worker.stdin is not None
    try:
        # It stays open: its end is the end of the worker.
        worker.stdin.write(json.dumps(question).encode() + b"\n")
    except BrokenPipeError:
        raise OutOfResources("The process that makes surfaces did not start.") from None


def _followed(worker: subprocess.Popen[bytes], listener: ProgressListener, token: CancelToken | None) -> int:
    """Hear the worker until it ends; return the code it ended with.

    Raises
    ------
    Cancelled
        When the token says so.
    """
    assert worker.stdout is not None
    pipe, said = worker.stdout.fileno(), b""
    while True:
        if token is not None:
            token.check()
        if not select([pipe], [], [], LOOKS_EVERY_SECONDS)[0]:
            continue
        more = os.read(pipe, 4096)
        if not more:
            break
        *lines, said = (said + more).split(b"\n")
        for line in lines:
            done, total, what = line.decode().split(" ")
            listener(Progress(int(done), int(total) or None, _WHAT[what]))
    return worker.wait()


def _read(result: IO[bytes], volume: Volume) -> Mesh:
    result.seek(0)
    vertices, triangles = np.load(result), np.load(result)
    return Mesh(vertices, triangles, volume.frame_of_reference_uid)
