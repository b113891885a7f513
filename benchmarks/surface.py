"""Shaded bone from any direction: ours, by numpy and compiled, in full and as drafts, against VTK.

    python benchmarks/surface.py [--slices 100 400 1200] [--rounds 7] [--pictures FOLDER]

The volume is 512 x 512 x slices, int16; the picture 512 x 512 at 300 HU, from another direction each round.
VTK casts rays by software (`vtkFixedPointVolumeRayCastMapper`, into an array: no window and no GPU), with
shading by gradients, which it has computed before the first round. Drafts: half the volume for both, and
half the picture. All may use all processors. In a round all take turns; ratios are medians of the rounds'
ratios. `--pictures` keeps what each program drew, to look at.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from volume_peers import measure, phantom, report  # noqa: E402 - beside this script
from vtk_rays import Rays  # noqa: E402

from noctis_tui.imaging.surfaces.surface_presets import BONE  # noqa: E402
from noctis_tui.imaging.turning import compiled_turning  # noqa: E402 - found above
from noctis_tui.imaging.turning.half_size import half_size  # noqa: E402
from noctis_tui.imaging.turning.surface_preview import surface_preview  # noqa: E402
from noctis_tui.imaging.turning.turned_view import fitted_view, turned_orientation  # noqa: E402

SIDE, VTK_ZOOM = 512, 1.47
COMPILED = compiled_turning.loops, compiled_turning.points


def view_of(volume, turn, side=SIDE):
    """From all around, a little from above."""
    return fitted_view(volume, turned_orientation(20 + 50 * turn, 10), rows=side, columns=side, zoom=VTK_ZOOM)


def ours(volume, draft):
    """The same by numpy alone, and by the compiled loops where they were built."""

    def using(loops):
        def run(turn):
            compiled_turning.loops, compiled_turning.points = loops
            try:
                return surface_preview(volume, view_of(volume, turn), BONE.threshold_hu, draft=draft)
            finally:
                compiled_turning.loops, compiled_turning.points = COMPILED

        return run

    return {"numpy": using((None, None))} | ({"compiled": using(COMPILED)} if all(COMPILED) else {})


def by_vtk(volume, side):
    rays = Rays(volume, side, BONE.threshold_hu)

    def run(turn):
        rays.draw(view_of(volume, turn, side))
        return rays.array()

    return run


def keep(folder, slices, programs):
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    for name, run in programs.items():
        Image.fromarray(run(1)).save(folder / f"{slices}-{name.lower()}.png")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--slices", type=int, nargs="+", default=[100, 400, 1200])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--pictures", type=Path)
    arguments = parser.parse_args()
    print(f"compiled loops: {'yes' if all(COMPILED) else 'NO, install with a compiler'}")
    for slices in arguments.slices:
        volume = phantom(slices)
        volume.stored_values.setflags(write=False)  # filled: what is computed of it may be kept
        half = half_size(volume)
        for title, draft, peer in (
            ("whole volume", False, by_vtk(volume, SIDE)),
            ("draft (<= 15 ms)", True, by_vtk(half, SIDE // 2)),
        ):
            programs = ours(volume, draft)
            mine = tuple(programs)
            programs["VTK"] = peer
            times = measure(programs, arguments.rounds)
            report(f"{slices} slices: bone, {title}", times, mine, {("VTK", "compiled"): 2.5})
            if arguments.pictures and not draft:
                keep(arguments.pictures, slices, programs)
        del volume, half, programs, peer


if __name__ == "__main__":
    main()
