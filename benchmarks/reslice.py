"""Oblique and straight planes, crosshair moves and drafts: ours, by numpy and compiled, against three peers.

    python benchmarks/reslice.py [--slices 100 400 1200] [--rounds 15] [--no-slow]

The volume is 512 x 512 x slices, int16. Every program samples the same planes trilinearly, another one each
round: ours gives float32, VTK and SimpleITK int16. All of them may use all processors. In a round all take
turns; ratios are medians of the rounds' ratios. `--no-slow` leaves out scipy.
"""

from __future__ import annotations

import argparse
import sys
from math import cos, radians, sin
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from volume_peers import measure, phantom, report, to_simpleitk, to_vtk  # noqa: E402 - beside this script

from noctis_tui.imaging.patient_space import ImagePlane  # noqa: E402
from noctis_tui.imaging.planes import compiled_reslice  # noqa: E402 - found above
from noctis_tui.imaging.planes.projection import Projection  # noqa: E402
from noctis_tui.imaging.planes.reslicing import coarser, reslice  # noqa: E402
from noctis_tui.imaging.slices import Slice  # noqa: E402

SIDE = 512
COMPILED = compiled_reslice.loops, compiled_reslice.projections


def oblique(volume, turn, side=SIDE, spacing_mm=0.8):
    """A plane through the middle, turned about two axes, another one each turn."""
    a, b = radians(20 + 3 * turn), radians(35 + 2 * turn)
    row = np.array((cos(a), sin(a), 0.0))
    column = np.array((-sin(a) * cos(b), cos(a) * cos(b), sin(b)))
    first = np.array(volume.center_mm) - (row + column) * spacing_mm * (side - 1) / 2
    plane = ImagePlane(tuple(first.tolist()), (*row.tolist(), *column.tolist()), spacing_mm, spacing_mm)
    return Slice(plane, side, side)


def orthogonal(volume, axis, at):
    """The voxels of a volume across one of its axes."""
    down, right = (each for each in range(3) if each != axis)
    corner = [0.0, 0.0, 0.0]
    corner[axis] = at
    directions = volume.index_to_patient[:3, :3] / volume.spacing_mm
    orientation = (*directions[:, right].tolist(), *directions[:, down].tolist())
    spacing = volume.spacing_mm[down], volume.spacing_mm[right]
    plane = ImagePlane(volume.patient_point(*corner), orientation, *spacing)
    return Slice(plane, volume.shape[down], volume.shape[right])


def using(loops, run):
    """Run with the compiled loops, or without."""

    def switched(turn):
        compiled_reslice.loops, compiled_reslice.projections = loops
        try:
            return run(turn)
        finally:
            compiled_reslice.loops, compiled_reslice.projections = COMPILED

    return switched


def ours(run):
    """The same by numpy alone, and by the compiled loops where they were built."""
    return {"numpy": using((None, None), run)} | ({"compiled": using(COMPILED, run)} if all(COMPILED) else {})


def by_vtk(image, grid_of):
    from vtkmodules.vtkImagingCore import vtkImageReslice

    algorithm = vtkImageReslice()
    algorithm.SetInputData(image)
    algorithm.SetOutputDimensionality(2)
    algorithm.SetInterpolationModeToLinear()

    def run(turn):
        grid = grid_of(turn)
        plane = grid.plane
        algorithm.SetResliceAxesDirectionCosines(*plane.row_direction, *plane.column_direction, *plane.normal)
        algorithm.SetResliceAxesOrigin(plane.position_mm)
        algorithm.SetOutputOrigin(0, 0, 0)
        algorithm.SetOutputSpacing(plane.column_spacing_mm, plane.row_spacing_mm, 1)
        algorithm.SetOutputExtent(0, grid.columns - 1, 0, grid.rows - 1, 0, 0)
        algorithm.Update()
        return algorithm.GetOutput()

    return run


def by_simpleitk(image, grid_of):
    import SimpleITK

    algorithm = SimpleITK.ResampleImageFilter()
    algorithm.SetInterpolator(SimpleITK.sitkLinear)
    algorithm.SetDefaultPixelValue(-1024)

    def run(turn):
        grid = grid_of(turn)
        plane = grid.plane
        algorithm.SetSize((grid.columns, grid.rows, 1))
        algorithm.SetOutputOrigin(plane.position_mm)
        algorithm.SetOutputSpacing((plane.column_spacing_mm, plane.row_spacing_mm, 1))
        axes = np.array([plane.row_direction, plane.column_direction, plane.normal]).T
        algorithm.SetOutputDirection(axes.ravel().tolist())
        return algorithm.Execute(image)

    return run


def by_scipy(volume, grid_of):
    from scipy.ndimage import map_coordinates

    steps = volume.patient_to_index[:3, :3]

    def run(turn):
        grid = grid_of(turn)
        plane = grid.plane
        origin = np.array(volume.voxel_index(plane.position_mm)).reshape(3, 1, 1)
        down = (steps @ np.array(plane.column_direction) * plane.row_spacing_mm).reshape(3, 1, 1)
        right = (steps @ np.array(plane.row_direction) * plane.column_spacing_mm).reshape(3, 1, 1)
        index = origin + down * np.arange(grid.rows).reshape(1, -1, 1) + right * np.arange(grid.columns)
        return map_coordinates(volume.stored_values, index, np.float32, order=1, mode="constant", cval=-1024)

    return run


def crosshair_move(volume, turn, *, draft=False):
    """Three oblique planes at the resolution of the volume, or one in four of their pixels."""
    for off in range(3):
        grid = oblique(volume, turn + 10 * off)
        reslice(volume, coarser(grid, 2) if draft else grid)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--slices", type=int, nargs="+", default=[100, 400, 1200])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--no-slow", action="store_true", help="without scipy")
    arguments = parser.parse_args()
    print(f"compiled loops: {'yes' if all(COMPILED) else 'NO, install with a compiler'}")
    for slices in arguments.slices:
        volume = phantom(slices)
        image, other = to_vtk(volume), to_simpleitk(volume)

        def plane(turn, volume=volume):
            return oblique(volume, turn)

        programs = ours(lambda turn, volume=volume: reslice(volume, oblique(volume, turn)))
        mine = tuple(programs)
        programs |= {"VTK": by_vtk(image, plane), "SimpleITK": by_simpleitk(other, plane)}
        if not arguments.no_slow:
            programs["scipy"] = by_scipy(volume, plane)
        goals = {("VTK", "numpy"): 1, ("VTK", "compiled"): 1.6}
        report(f"{slices} slices: oblique plane 512 x 512", measure(programs, arguments.rounds), mine, goals)
        for axis, name in enumerate(("axial", "coronal", "sagittal")):

            def own(turn, volume=volume, axis=axis):
                return orthogonal(volume, axis, volume.shape[axis] // 2 + turn)

            programs = ours(lambda turn, own=own, volume=volume: reslice(volume, own(turn)))
            programs |= {"VTK": by_vtk(image, own), "SimpleITK": by_simpleitk(other, own)}
            report(f"{slices} slices: {name} slice", measure(programs, arguments.rounds), mine)
        three = ours(lambda turn, volume=volume: crosshair_move(volume, turn))
        draft = ours(lambda turn, volume=volume: crosshair_move(volume, turn, draft=True))
        three |= {f"draft, {name}": run for name, run in draft.items()}
        large = ours(lambda turn, volume=volume: reslice(volume, oblique(volume, turn, 1000, 0.4)))
        three |= {f"1000 x 1000, {name}": run for name, run in large.items()}
        thick = ours(
            lambda turn, volume=volume: reslice(
                volume, oblique(volume, turn), slab_thickness_mm=20, projection=Projection.MAX
            )
        )
        three |= {f"slab of 20 mm, {name}": run for name, run in thick.items()}
        report(f"{slices} slices: three oblique planes, and more", measure(three, arguments.rounds), ())
        del volume, image, other


if __name__ == "__main__":
    main()
