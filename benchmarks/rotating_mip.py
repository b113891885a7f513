"""MIPs of a whole volume that turns: ours, by numpy and compiled, in full and as drafts, against two peers.

    python benchmarks/rotating_mip.py [--slices 100 400 1200] [--rounds 7] [--no-slow]

The volume is 512 x 512 x slices, int16; the picture 512 x 512, from another direction each round. Peers go
through the volume in as many steps as we do, or a few more. VTK, in its three ways without a GPU: casting
rays by software (`vtkFixedPointVolumeRayCastMapper`, into an array), `vtkImageReslice` with a slab of
maxima, and the same as a turned volume for `vtkImageSlab`. SimpleITK: a turned volume, then
`MaximumProjectionImageFilter`. Drafts are of half the volume for both of us, VTK's of half the picture,
too. All may use all processors. In a round all take turns; ratios are medians of the rounds' ratios. `--no-
slow` leaves out SimpleITK.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from volume_peers import measure, phantom, report, to_simpleitk, to_vtk  # noqa: E402 - beside this script
from vtk_rays import Rays  # noqa: E402

from noctis_tui.imaging.planes.projection import Projection  # noqa: E402
from noctis_tui.imaging.planes.reslicing import coarser  # noqa: E402
from noctis_tui.imaging.turning import compiled_turning  # noqa: E402 - found above
from noctis_tui.imaging.turning.half_size import half_size  # noqa: E402
from noctis_tui.imaging.turning.rotating_projection import rotating_projection  # noqa: E402
from noctis_tui.imaging.turning.shear_warp import shear_warp  # noqa: E402
from noctis_tui.imaging.turning.turned_view import fitted_view, turned_orientation  # noqa: E402

SIDE = 512
COMPILED = compiled_turning.loops


def view_of(volume, turn):
    """From all around, a little from above."""
    return fitted_view(volume, turned_orientation(20 + 50 * turn, 10), rows=SIDE, columns=SIDE)


def using(loops, run):
    """Run with the compiled loops, or without."""

    def switched(turn):
        compiled_turning.loops = loops
        try:
            return run(turn)
        finally:
            compiled_turning.loops = COMPILED

    return switched


def planes(volume, view):
    """How many planes as far apart as our samples go through the volume, and the first one's grid."""
    step_mm = abs(shear_warp(volume, view).step_mm)
    extent = np.abs(np.array(view.plane.normal) @ volume.index_to_patient[:3, :3]) @ volume.shape
    count = int(np.ceil(extent / step_mm))
    to_first = np.array(view.plane.normal) * step_mm * (count - 1) / 2
    first = tuple((np.array(view.plane.position_mm) - to_first).tolist())
    return count, step_mm, replace(view, plane=replace(view.plane, position_mm=first))


def by_vtk(volume, shrink=1):
    from vtkmodules.vtkImagingCore import vtkImageReslice

    algorithm = vtkImageReslice()
    algorithm.SetInputData(to_vtk(volume))
    algorithm.SetOutputDimensionality(2)
    algorithm.SetInterpolationModeToLinear()
    algorithm.SetSlabModeToMax()
    first = np.array(volume.index_to_patient[:3, 3])

    def run(turn):
        view = coarser(view_of(volume, turn), shrink)
        count, step_mm, _ = planes(volume, view)
        plane = view.plane
        algorithm.SetResliceAxesDirectionCosines(*plane.row_direction, *plane.column_direction, *plane.normal)
        algorithm.SetResliceAxesOrigin(*(np.array(plane.position_mm) - first))
        algorithm.SetSlabNumberOfSlices(count)
        algorithm.SetOutputSpacing(plane.column_spacing_mm, plane.row_spacing_mm, step_mm)
        algorithm.SetOutputOrigin(0, 0, 0)
        algorithm.SetOutputExtent(0, view.columns - 1, 0, view.rows - 1, 0, 0)
        algorithm.SetBackgroundLevel(-2000)
        algorithm.Update()
        return algorithm

    return run


def by_vtk_rays(volume, side=SIDE):
    rays = Rays(volume, side)
    return lambda turn: rays.draw(view_of(volume, turn))


def by_vtk_slab(volume):
    from vtkmodules.vtkImagingCore import vtkImageReslice
    from vtkmodules.vtkImagingGeneral import vtkImageSlab

    turned, slab = vtkImageReslice(), vtkImageSlab()
    turned.SetInputData(to_vtk(volume))
    turned.SetOutputDimensionality(3)
    turned.SetInterpolationModeToLinear()
    turned.SetBackgroundLevel(-2000)
    slab.SetInputConnection(turned.GetOutputPort())
    slab.SetOperationToMax()
    slab.SetOrientationToZ()

    def run(turn):
        count, step_mm, view = planes(volume, view_of(volume, turn))
        plane = view.plane
        turned.SetResliceAxesDirectionCosines(*plane.row_direction, *plane.column_direction, *plane.normal)
        turned.SetResliceAxesOrigin(*plane.position_mm)
        turned.SetOutputSpacing(plane.column_spacing_mm, plane.row_spacing_mm, step_mm)
        turned.SetOutputOrigin(0, 0, 0)
        turned.SetOutputExtent(0, view.columns - 1, 0, view.rows - 1, 0, count - 1)
        slab.SetSliceRange(0, count - 1)
        slab.Update()
        return slab

    return run


def by_simpleitk(volume):
    import SimpleITK

    image = to_simpleitk(volume)
    resample = SimpleITK.ResampleImageFilter()
    resample.SetInterpolator(SimpleITK.sitkLinear)
    resample.SetDefaultPixelValue(-2000)
    project = SimpleITK.MaximumProjectionImageFilter()
    project.SetProjectionDimension(2)

    def run(turn):
        count, step_mm, view = planes(volume, view_of(volume, turn))
        plane = view.plane
        resample.SetSize((view.columns, view.rows, count))
        resample.SetOutputOrigin(plane.position_mm)
        resample.SetOutputSpacing((plane.column_spacing_mm, plane.row_spacing_mm, step_mm))
        axes = np.array([plane.row_direction, plane.column_direction, plane.normal]).T
        resample.SetOutputDirection(axes.ravel().tolist())
        return project.Execute(resample.Execute(image))

    return run


def check(volume, run):
    """Peers must see what we see, or the comparison means nothing."""
    from volume_peers import vtk_array

    ours, theirs = rotating_projection(volume, view_of(volume, 1)), vtk_array(run(1), SIDE, SIDE)
    seen = np.isfinite(ours) & (theirs > -1900)
    print(f"  mean difference from VTK: {np.abs(ours[seen] - theirs[seen]).mean():.1f} HU")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--slices", type=int, nargs="+", default=[100, 400, 1200])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--no-slow", action="store_true", help="without SimpleITK")
    arguments = parser.parse_args()
    print(f"compiled loops: {'yes' if COMPILED else 'NO, install with a compiler'}")
    for slices in arguments.slices:
        volume = phantom(slices)
        volume.stored_values.setflags(write=False)  # filled: what is computed of it may be kept
        half = half_size(volume, Projection.MAX)
        names = {"numpy": None} | ({"compiled": COMPILED} if COMPILED else {})

        def full(turn, volume=volume):
            return rotating_projection(volume, view_of(volume, turn))

        def draft(turn, volume=volume):
            return rotating_projection(volume, view_of(volume, turn), draft=True)

        programs = {name: using(loops, full) for name, loops in names.items()}
        programs |= {
            "VTK, rays": by_vtk_rays(volume),
            "VTK": by_vtk(volume),
            "VTK, turned, slab": by_vtk_slab(volume),
        }
        if not arguments.no_slow:
            programs["SimpleITK"] = by_simpleitk(volume)
        times = measure(programs, arguments.rounds)
        report(
            f"{slices} slices: whole volume",
            times,
            tuple(names),
            {(peer, "compiled"): 25 for peer in programs if "VTK" in peer},
        )
        check(volume, programs["VTK"])
        programs = {name: using(loops, draft) for name, loops in names.items()}
        programs |= {"VTK, rays": by_vtk_rays(half, SIDE // 2), "VTK": by_vtk(half, 2)}
        times = measure(programs, arguments.rounds)
        report(f"{slices} slices: draft (<= 15 ms)", times, tuple(names))
        del volume, half, programs


if __name__ == "__main__":
    main()
