"""The process that makes a mesh: ``python -m noctis_tui.imaging.surfaces.mesh_worker VOLUME RESULT``.

VOLUME and RESULT are file descriptors. The question is a line of JSON on stdin, whose end is the end of this
process, as the end of who asks is. Progress goes to stdout, ``done total what`` a line, and the answer into
RESULT: vertices, then triangles, as numpy writes arrays. It ends with ENOMEM where there was no memory.
"""

from __future__ import annotations

import errno
import json
import mmap
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from archive.process_identity import end_with
from noctis_tui.imaging.surfaces.marching import Level, triangles_at
from noctis_tui.imaging.surfaces.mesh_refinement import largest_pieces, reduced, smoothed

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


def main(volume_descriptor: int, result_descriptor: int) -> None:
    """Answer the one question."""
    question = json.loads(sys.stdin.readline())
    end_with(question["parent_pid"])
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    memory = mmap.mmap(volume_descriptor, 0, access=mmap.ACCESS_READ)
    stored = np.frombuffer(memory, question["dtype"]).reshape(question["shape"])
    vertices, triangles = made(stored, question, _tell)
    with os.fdopen(result_descriptor, "wb") as result:
        np.save(result, vertices.astype(np.float32))
        np.save(result, np.ascontiguousarray(triangles, np.int32))


def made(
    stored: NDArray[Any], question: dict[str, Any], tell: Callable[[int, int, str], object]
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Return vertices in mm and triangles; `question` is what `mesh_process` asks."""
    indices, triangles = triangles_at(
        stored,
        Level(*(question[name] for name in ("limit", "sign", "outside", "padding", "is_whole"))),
        closed=question["closed"],
        heard=lambda done, total: tell(done, total, "slices"),
    )
    affine = np.array(question["index_to_patient"])
    vertices = indices @ affine[:3, :3].T + affine[:3, 3]
    if np.linalg.det(affine[:3, :3]) < 0:
        triangles = triangles[:, ::-1]
    if len(triangles) and question["components"]:
        tell(0, 0, "pieces")
        vertices, triangles = largest_pieces(vertices, triangles, question["components"])
    if len(triangles) and question["smoothing"]:
        tell(0, 0, "smoothing")
        vertices = smoothed(vertices, triangles, question["smoothing"])
    if len(triangles) and question["reduction"]:
        tell(0, 0, "reduction")
        vertices, triangles = reduced(vertices, triangles, question["reduction"])
    return vertices, triangles


def _tell(done: int, total: int, what: str) -> None:
    print(done, total, what, flush=True)  # noqa: T201 - the answer's channel


def _end_with_stdin() -> None:
    while os.read(0, 1):  # not by sys.stdin, whose lock would be held when the interpreter ends
        pass
    os._exit(1)


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]), int(sys.argv[2]))
    except MemoryError:
        os._exit(errno.ENOMEM)
