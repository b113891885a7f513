"""Slabs while scrolling and projections of whole volumes along their axes: ours against VTK and SimpleITK.

    python benchmarks/slabs.py [--slices 100 400 1200] [--rounds 9] [--thickness 100]

The volume is 512 x 512 x slices, int16, slices 1 mm apart. Each round scrolls by four slices; in a round all
take turns, another one first each time, and all may use all processors. Ours gives float32 modality values,
the others what they find in the volume's own type. Tables of slabs have been made before; "tables" is what
the first slab of a volume pays for them, and "read" goes without them.
Before anything is measured, all must find the same values.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from reslice import COMPILED, orthogonal, ours  # noqa: E402 - beside this script
from volume_peers import SPACING_MM, measure, phantom, report, to_simpleitk, to_vtk, vtk_array  # noqa: E402

from noctis_tui.imaging.planes.projection import Projection  # noqa: E402 - found above
from noctis_tui.imaging.planes.reslicing import reslice  # noqa: E402
from noctis_tui.imaging.planes.slab_projection import project  # noqa: E402

STEPS = 4
"""Slices that are scrolled without a pause."""
LONG_S = 1.0
"""What takes longer in all rounds of a table has a part in fewer of them; the table says so."""
GOALS = {("axial", "VTK"): 7, ("axial", "SimpleITK"): 150, ("z", "VTK"): 1.8, ("x", "VTK"): 5}


def by_vtk(image, axis, operation):
    from vtkmodules.vtkImagingGeneral import vtkImageSlab

    algorithm = vtkImageSlab()
    algorithm.SetInputData(image)
    algorithm.SetOrientation(2 - axis)
    getattr(algorithm, f"SetOperationTo{operation}")()

    def run(first, last):
        algorithm.SetSliceRange(first, last)
        algorithm.Update()
        return algorithm

    return run


def by_simpleitk(image, axis, operation):
    import SimpleITK

    name = {"Max": "Maximum", "Min": "Minimum", "Mean": "Mean"}[operation]
    algorithm = getattr(SimpleITK, f"{name}ProjectionImageFilter")()
    algorithm.SetProjectionDimension(2 - axis)

    def run(first, last):
        cropped = [slice(None)] * 3
        cropped[2 - axis] = slice(first, last + 1)
        return algorithm.Execute(image[tuple(cropped)])

    return run


def agree(seen, vtk_seen, simpleitk_seen, operation):
    """All must be the same; a mean that VTK cuts off to an integer may be one away."""
    import SimpleITK

    other = SimpleITK.GetArrayFromImage(simpleitk_seen).reshape(seen.shape)
    assert np.array_equal(seen, other.astype(np.float32))
    rest = np.abs(seen - vtk_array(vtk_seen, *seen.shape)).max()
    assert rest == 0 or (operation == "Mean" and rest < 1)


def slab_programs(volume, image, other, axis, operation, thickness_mm):
    half = int(thickness_mm / 2 / SPACING_MM[axis])
    middle = volume.shape[axis] // 2
    last = volume.shape[axis] - 1
    vtk, itk = by_vtk(image, axis, operation), by_simpleitk(other, axis, operation)
    projection = Projection(operation.lower())

    def place(turn):
        return max(middle + turn - half, 0), min(middle + turn + half, last)

    def mine(turn):
        grid = orthogonal(volume, axis, middle + turn)
        return reslice(volume, grid, slab_thickness_mm=thickness_mm, projection=projection)

    programs = ours(mine) | {
        "VTK": lambda turn: vtk(*place(turn)),
        "SimpleITK": lambda turn: itk(*place(turn)),
    }
    agree(*(programs[name](0) for name in ("numpy", "VTK", "SimpleITK")), operation)
    return programs


def final(volume):
    """The same voxels, which cannot be written any more, as those of a volume that has been loaded."""
    voxels = volume.stored_values.view()
    voxels.setflags(write=False)
    return replace(volume, stored_values=voxels)


def first_slab(volume, operation):
    """A volume that is new to us."""
    new = replace(volume)
    grid = orthogonal(new, 0, new.shape[0] // 2)
    reslice(new, grid, slab_thickness_mm=100, projection=Projection(operation.lower()))


def full_programs(volume, image, other, axis, operation):
    last = volume.shape[axis] - 1
    vtk, itk = by_vtk(image, axis, operation), by_simpleitk(other, axis, operation)
    projection = Projection(operation.lower())

    def rests(run):
        def again(_turn):
            # A pipeline that knows its answer already would not run at all.
            image.Modified()
            return run(0, last)

        return again

    programs = ours(lambda _turn: project(volume, axis, projection))
    if axis == 0:
        # Nobody keeps tables of values that may still be written.
        written = replace(volume, stored_values=volume.stored_values.base)
        read = ours(lambda _turn: project(written, axis, projection))
        programs |= {f"{name}, read": run for name, run in read.items()}
    programs |= {"VTK": rests(vtk), "SimpleITK": lambda _turn: itk(0, last)}
    agree(*(programs[name](0) for name in ("numpy", "VTK", "SimpleITK")), operation)
    return programs


def goals_of(place, programs):
    return {
        (peer, name): goal
        for (where, peer), goal in GOALS.items()
        for name in programs
        if where == place and name.startswith(("numpy", "compiled"))
    }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--slices", type=int, nargs="+", default=[100, 400, 1200])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--thickness", type=float, default=100, help="mm")
    parser.add_argument("--operations", nargs="+", default=["Max", "Mean"], choices=["Max", "Min", "Mean"])
    arguments = parser.parse_args()
    print(f"compiled loops: {'yes' if all(COMPILED) else 'NO, install with a compiler'}")
    for slices in arguments.slices:
        volume = final(phantom(slices))
        image, other = to_vtk(volume), to_simpleitk(volume)
        for operation in arguments.operations:
            once = measure(ours(lambda _turn, of=(volume, operation): first_slab(*of)), 3)
            report(f"{slices} slices: tables and the first slab of 100 mm, {operation}", once, ())
            goals = operation == "Max" and slices == 400
            for axis, name in enumerate(("axial", "coronal", "sagittal")):
                programs = slab_programs(volume, image, other, axis, operation, arguments.thickness)
                mine = tuple(each for each in programs if each in ("numpy", "compiled"))
                report(
                    f"{slices} slices: {name} slab of {arguments.thickness:g} mm, {operation}",
                    measure(programs, arguments.rounds, STEPS, LONG_S),
                    mine,
                    goals_of(name, programs) if goals else None,
                )
            for axis, name in enumerate("zyx"):
                programs = full_programs(volume, image, other, axis, operation)
                mine = tuple(each for each in programs if each.startswith(("numpy", "compiled")))
                times = measure(programs, max(arguments.rounds // 2, 3), at_most_s=LONG_S)
                report(
                    f"{slices} slices: all of it along {name}, {operation}",
                    times,
                    mine,
                    goals_of(name, programs) if goals else None,
                )
        del volume, image, other


if __name__ == "__main__":
    main()
