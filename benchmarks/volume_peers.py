"""A volume for benchmarks, what VTK, SimpleITK and scipy make of it, and how all of them take turns."""

from __future__ import annotations

import statistics
import time

import numpy as np

from noctis_tui.imaging.volume import Volume

SPACING_MM = (1.0, 0.8, 0.8)
"""Of slices, rows and columns."""


def phantom(slices, side=512):
    """A body of soft tissue with bones and noise in air, int16 HU [slices, side, side]."""
    random = np.random.default_rng(1)
    noise = random.normal(0, 20, (side, side)).astype(np.int16)
    row, column = np.mgrid[:side, :side] / side - 0.5
    stored = np.empty((slices, side, side), np.int16)
    for k in range(slices):
        turn = 2 * np.pi * k / 90
        plane = np.where(row**2 / 0.16 + column**2 / 0.2 < 1, 40, -1000)
        plane[(row - 0.25) ** 2 + column**2 < 0.004] = 700
        bones = (row - 0.2 * np.sin(turn)) ** 2 + (column - 0.3 * np.cos(turn)) ** 2 < 0.0008
        plane[bones] = 1200
        stored[k] = plane + np.roll(noise, (37 * k, 101 * k), (0, 1))
    affine = np.diag([*SPACING_MM, 1.0])[[2, 1, 0, 3]]
    return Volume(stored, affine, 1.0, 0.0, "HU")


def to_vtk(volume):
    """The same voxels, not copied, as vtkImageData."""
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkCommonDataModel import vtkImageData

    k, j, i = volume.spacing_mm
    slices, rows, columns = volume.shape
    image = vtkImageData()
    image.SetDimensions(columns, rows, slices)
    image.SetSpacing(i, j, k)
    image.GetPointData().SetScalars(numpy_to_vtk(volume.stored_values.reshape(-1), deep=False))
    return image


def to_simpleitk(volume):
    """The same voxels as an image of SimpleITK."""
    import SimpleITK

    image = SimpleITK.GetImageFromArray(volume.stored_values)
    image.SetSpacing(volume.spacing_mm[::-1])
    return image


def vtk_array(algorithm, rows, columns):
    """What an algorithm put out, [rows, columns]."""
    from vtkmodules.util.numpy_support import vtk_to_numpy

    return vtk_to_numpy(algorithm.GetOutput().GetPointData().GetScalars()).reshape(rows, columns)


FEWEST_ROUNDS = 2


def measure(programs, rounds, steps=1, at_most_s=float("inf")):
    """Milliseconds a step, in each round, of each program.

    In a round all take turns, another one first each time; each makes the same steps. Programs that would
    take longer than `at_most_s` in all rounds have a part in the first ones only, two at least.
    """
    lasts = dict.fromkeys(programs, rounds)
    times = {name: [] for name in programs}
    names = list(programs)
    for turn in range(-1, rounds):  # the first is a warm-up
        at = turn % len(names)
        for name in (each for each in names[at:] + names[:at] if turn < lasts[each]):
            begun = time.perf_counter()
            for step in range(steps):
                programs[name](turn * steps + step)
            taken = time.perf_counter() - begun
            if turn >= 0:
                times[name].append(taken * 1e3 / steps)
            elif rounds * taken > at_most_s:
                lasts[name] = min(max(int(at_most_s / taken), FEWEST_ROUNDS), rounds)
    return times


def ratio(times, peer, ours):
    """How many times as long as ours a peer took: the median over the rounds that it had a part in."""
    return statistics.median(theirs / mine for theirs, mine in zip(times[peer], times[ours], strict=False))


def report(title, times, ours, targets=None):
    """Print a table: milliseconds, and each peer against each of ours."""
    targets = targets or {}
    print(f"\n{title}")
    print(f"  {'':28}{'ms':>9}" + "".join(f"{'x ' + name:>26}" for name in ours))
    for name, milliseconds in times.items():
        line = f"  {name:28}{statistics.median(milliseconds):9.2f}"
        if name not in ours:
            for mine in ours:
                wanted = targets.get((name, mine))
                goal = f" (>= {wanted:g})" if wanted else ""
                line += f"{ratio(times, name, mine):12.1f}{goal:14}"
        if len(milliseconds) < max(map(len, times.values())):
            line += f" {len(milliseconds)} rounds only: it takes long"
        print(line)
