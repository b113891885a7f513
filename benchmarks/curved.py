"""Curved pictures of 400 x 200: ours, by numpy and compiled, against VTK's two probes and scipy.

    python benchmarks/curved.py [--slices 100 400 1200] [--rounds 21] [--no-slow]

The volume is 512 x 512 x slices, int16. A helix winds through it; each round shows the straightened view from
another side. Every program is given where the pixels lie and samples them trilinearly: ours as lines, float32
out; VTK as points in its own arrays, int16 out. VTK may use as many threads as we do. vtkProbeFilter is what
VTK's own examples and vtkSplineDrivenImageSlicer's successors make curved pictures with, and what the targets
are measured against; vtkImageProbeFilter, little known, is VTK's fastest. In a round all take turns; ratios
are medians of the rounds' ratios. Then the whole way: from the points that a reader sets to the picture.
"""

from __future__ import annotations

import argparse
import sys
from functools import cache
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from volume_peers import measure, phantom, report, to_vtk  # noqa: E402 - beside this script

from noctis_tui.imaging.curves import compiled_lines  # noqa: E402 - found above
from noctis_tui.imaging.curves.curve import curve_through  # noqa: E402
from noctis_tui.imaging.curves.curved import curved_values, straightened, stretched  # noqa: E402

ROWS, COLUMNS, SPACING_MM, SET_POINTS = 400, 200, 0.4, 12
COMPILED = compiled_lines.loops
WARM_UP = 1


def helix(volume):
    """Points such as a reader sets along a winding vessel, two turns from the first slice to the last."""
    turns = np.linspace(0, 2, SET_POINTS) * 2 * np.pi
    x, y, z = volume.center_mm
    height = np.linspace(-0.85, 0.85, SET_POINTS) * z
    return np.stack([x + 70 * np.cos(turns), y + 70 * np.sin(turns), z + height], axis=1)


def view(curve, turn):
    row_spacing_mm = curve.length_mm / (ROWS - 0.5)
    width_mm = (COLUMNS - 1) * SPACING_MM
    return straightened(
        curve,
        width_mm=width_mm,
        spacing_mm=SPACING_MM,
        row_spacing_mm=row_spacing_mm,
        rotation_degrees=17 * turn,
    )


def points_of(grid):
    along = np.arange(grid.columns)[:, None] * grid.column_spacing_mm
    return (grid.starts_mm[:, None] + grid.directions[:, None] * along).reshape(-1, 3)


def using(loops, run):
    """Run with the compiled loop, or without."""

    def switched(turn):
        compiled_lines.loops = loops
        try:
            return run(turn)
        finally:
            compiled_lines.loops = COMPILED

    return switched


def ours(run):
    return {"numpy": using(None, run)} | ({"compiled": using(COMPILED, run)} if COMPILED else {})


def by_vtk(probe, image, grid_of):
    from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
    from vtkmodules.vtkCommonCore import vtkPoints
    from vtkmodules.vtkCommonDataModel import vtkPolyData

    @cache
    def places(turn):
        points, places = vtkPoints(), vtkPolyData()
        points.SetData(numpy_to_vtk(points_of(grid_of(turn)).astype(np.float32), deep=True))
        places.SetPoints(points)
        return places

    probe.SetSourceData(image)

    def run(turn):
        probe.SetInputData(places(turn))
        probe.Update()
        return vtk_to_numpy(probe.GetOutput().GetPointData().GetScalars())

    return run, places


def vtk_programs(image, grid_of, rounds):
    """VTK's probes, with their points at hand before time is taken."""
    from vtkmodules.vtkCommonCore import vtkSMPTools
    from vtkmodules.vtkFiltersCore import vtkProbeFilter
    from vtkmodules.vtkImagingCore import vtkImageInterpolator, vtkImageProbeFilter

    vtkSMPTools.SetBackend("STDThread")
    linear, fast = vtkImageInterpolator(), vtkImageProbeFilter()
    linear.SetInterpolationModeToLinear()
    fast.SetInterpolator(linear)
    programs = {}
    for name, probe in (("vtkProbeFilter", vtkProbeFilter()), ("vtkImageProbeFilter", fast)):
        programs[name], places = by_vtk(probe, image, grid_of)
        for turn in range(-WARM_UP, rounds):
            places(turn)
    return programs


def by_scipy(volume, grid_of):
    from scipy.ndimage import map_coordinates

    @cache
    def indices(turn):
        return points_of(grid_of(turn)) @ volume.patient_to_index[:3, :3].T + volume.patient_to_index[:3, 3]

    def run(turn):
        return map_coordinates(volume.stored_values, indices(turn).T, np.float32, order=1, cval=-1024)

    return run


def check(programs, volume, grid, tolerance=1.0):
    """Make sure that all show the same between voxels' centres; VTK rounds to whole numbers."""
    indices = points_of(grid) @ volume.patient_to_index[:3, :3].T + volume.patient_to_index[:3, 3]
    inside = ((indices >= 0) & (indices <= np.array(volume.shape) - 1)).all(axis=1)
    shown = {name: np.ravel(run(0))[inside] for name, run in programs.items()}
    for name, values in shown.items():
        away = np.abs(values - shown["numpy"]).max()
        if not away <= tolerance:
            raise SystemExit(f"{name} shows something else: {away} HU away")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--slices", type=int, nargs="+", default=[100, 400, 1200])
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--no-slow", action="store_true", help="without scipy")
    arguments = parser.parse_args()
    print(f"compiled loop: {'yes' if COMPILED else 'NO, install with a compiler'}")
    for slices in arguments.slices:
        volume = phantom(slices)
        points, image = helix(volume), to_vtk(volume)
        curve = curve_through(points)
        grid_of = cache(lambda turn, curve=curve: view(curve, turn))
        programs = ours(lambda turn, volume=volume, grid_of=grid_of: curved_values(volume, grid_of(turn)))
        mine = tuple(programs)
        programs |= vtk_programs(image, grid_of, arguments.rounds)
        if not arguments.no_slow:
            programs["scipy"] = by_scipy(volume, grid_of)
        check(programs, volume, grid_of(0))
        goals = {("vtkProbeFilter", "numpy"): 2.4, ("vtkProbeFilter", "compiled"): 11}
        title = f"{slices} slices: {ROWS} x {COLUMNS} along {curve.length_mm:.0f} mm"
        report(title, measure(programs, arguments.rounds, WARM_UP), mine, goals)
        more = ours(
            lambda turn, volume=volume, points=points: curved_values(
                volume, view(curve_through(points), turn)
            )
        )
        more = {f"from {SET_POINTS} points, {name}": run for name, run in more.items()}
        bent = ours(
            lambda turn, volume=volume, curve=curve: curved_values(
                volume, stretched(curve, width_mm=60, spacing_mm=1, rotation_degrees=17 * turn)
            )
        )
        more |= {f"stretched, {name}": run for name, run in bent.items()}
        thick = ours(
            lambda turn, volume=volume, grid_of=grid_of: curved_values(
                volume, grid_of(turn), slab_thickness_mm=5
            )
        )
        more |= {f"slab of 5 mm, {name}": run for name, run in thick.items()}
        report(f"{slices} slices: the whole way, and more", measure(more, arguments.rounds), ())
        del volume, image, programs, more


if __name__ == "__main__":
    main()
