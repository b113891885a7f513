"""Writing what a pane shows of a volume as files, by a job."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from archive.audit.access import record_export
from archive.errors import NoctisError
from archive.pixels.voi_lut import Window
from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.interface.dialogs.choice import Choice, ChoiceDialog
from noctis_tui.interface.path_text import path_text
from noctis_tui.reading.reconstructing.order import Order
from noctis_tui.reading.reconstructing.request import CurveView as CurveWay
from noctis_tui.reading.reconstructing.request import Kind, Reconstruction, SlabProjection
from noctis_tui.reading.reconstruction.plane_axes import axes_along
from noctis_tui.reading.reconstruction_output.formats import OutputFormat
from noctis_tui.reading.reconstruction_output.target import Output

if TYPE_CHECKING:
    from noctis_tui.interface.app import NoctisApp
    from noctis_tui.interface.mpr.screen import MprScreen
    from noctis_tui.reading.reconstruction.curve_layout import CurveView
    from noctis_tui.reading.reconstruction.plane_axes import Plane
    from noctis_tui.reading.reconstruction.state import MprState

_KINDS: Final = {Projection.MAX: Kind.MIP, Projection.MIN: Kind.MINIP, Projection.MEAN: Kind.MEAN}
_TURNING_VIEWS = 36
_SECTIONS_EVERY_MM = 1.0
_A_JOB: Final = "In the background; J on the worklist shows how far it is."
_NO_JOB: Final = "In the background, while the interface is open."
_OFFERS: Final = (
    (OutputFormat.DICOM, "DICOM series", "derived, in the same study", ""),
    (OutputFormat.PNG, "PNG", "pictures through this window", ""),
    (OutputFormat.NPY, "NPY and JSON", "values, and where they lie", ".npy"),
    (OutputFormat.NIFTI, "NIfTI", "one volume of values", ".nii.gz"),
)
_OFFERS_OF_CURVES: Final = (
    (OutputFormat.PNG, "PNG", "the strip through this window", ".png", False),
    (OutputFormat.NPY, "NPY and JSON", "the values of the strip", ".npy", False),
    (OutputFormat.DICOM, "DICOM", "the strip, in the same study", "", False),
    (OutputFormat.DICOM, "DICOM, across", "a section every mm, with its place", "", True),
)
"""A strip is no volume for NIfTI, nor are sections that are not parallel."""


class Writing:
    """Begins jobs: all planes like the active one, or the volume from all around."""

    def __init__(self, screen: MprScreen) -> None:
        self._screen = screen

    def action_write_planes(self) -> None:
        """Ask what the planes, or the pictures along the curve, shall be written as."""
        screen, state = self._screen, self._screen.state
        if state is None:
            screen.say("There is no volume yet.")
            return
        if screen.active is screen.curve:
            self._ask_of_curve()
            return
        around = screen.turned.state.projection
        asked = requested(state, screen.plane, screen.number, len(screen.names), around)
        choices = [
            Choice(name, detail, partial(self._begin, asked, what, suffix))
            for what, name, detail, suffix in _OFFERS
            if asked.rotate is None or what is not OutputFormat.NIFTI  # views that turn are no volume
        ]
        screen.app.push_screen(ChoiceDialog("Write all planes like this one as", choices, about=self._about))

    def _ask_of_curve(self) -> None:
        screen, view = self._screen, self._screen.curving.view
        if view is None:
            screen.say(screen.curving.advice)
            return
        strip = along_curve(view, screen.number, len(screen.names))
        across = replace(strip, curve_view=CurveWay.SECTIONS, every_mm=_SECTIONS_EVERY_MM)
        choices = [
            Choice(name, detail, partial(self._begin, across if is_across else strip, what, suffix))
            for what, name, detail, suffix, is_across in _OFFERS_OF_CURVES
        ]
        screen.app.push_screen(ChoiceDialog("Write along the curve as", choices, about=self._about))

    @property
    def _about(self) -> str:
        return _A_JOB if self._keeps_records else _NO_JOB

    @property
    def _keeps_records(self) -> bool:
        archive = cast("NoctisApp", self._screen.app).archive
        return archive is not None and not archive.is_temporary and self._screen.source.entry() is not None

    def _begin(self, asked: Reconstruction, what: OutputFormat, suffix: str) -> None:
        screen = self._screen
        app = cast("NoctisApp", screen.app)
        stamp = time.strftime("%Y%m%d-%H%M%S")
        out = Path.home() / f"noctis-{asked.kind}-{stamp}{suffix}"
        voi = screen.source.voi(screen.windowing.view)
        limit = app.preferences.volume_memory_mib << 20
        output = Output(out, what, voi if isinstance(voi, Window) else None, limit)
        screen.run_worker(self._run(Order(screen.source.paths(), asked, output)), group="writing")

    async def _run(self, order: Order) -> None:
        screen = self._screen
        screen.say(f"Writing to {path_text(order.output.out)}")
        try:
            failure = await asyncio.to_thread(self._done, order)
        except (OSError, NoctisError) as error:
            failure = str(error)
        if screen.is_attached:
            screen.say(failure or f"Written: {path_text(order.output.out)}")

    def _done(self, order: Order) -> str:
        """Do it as a job of the archive, else in a process that ends with this one; return what failed."""
        archive = cast("NoctisApp", self._screen.app).archive
        entry = self._screen.source.entry()
        if archive is None or archive.is_temporary or entry is None:
            from noctis_tui.reading.reconstructing.supervising import supervise  # noqa: PLC0415 - when needed

            return supervise(order).error
        from noctis_tui.reading.reconstructing.job_process import begin_job  # noqa: PLC0415 - when needed
        from noctis_tui.reading.reconstructing.subject import subject_of_series  # noqa: PLC0415 - also

        subject = subject_of_series(entry.study.study_instance_uid, entry.series)
        said = f"{order.asked.kind} as {order.output.format}"
        record_export(archive, subject.study_instance_uid, len(order.files), said)
        code = begin_job(archive.root, order, subject).wait()
        return "" if code == 0 else "Nothing was written; J on the worklist shows why."


def along_curve(view: CurveView, number: int, count: int) -> Reconstruction:
    """Return the strip that is looked at; `number` and `count` as for `requested`."""
    slab = view.slab_mm if view.projection is not Projection.NONE else 0.0
    return Reconstruction(
        Kind.CURVED,
        points_mm=view.points_mm,
        curve_view=CurveWay.STRETCHED if view.is_stretched else CurveWay.STRAIGHTENED,
        width_mm=view.width_mm,
        begin_degrees=view.rotation_degrees,
        slab_mm=slab or None,
        slab_projection=SlabProjection(view.projection.value) if slab else SlabProjection.MEAN,
        volume=number + 1 if count > 1 else None,
    )


def requested(
    state: MprState, plane: Plane | None, number: int, count: int, around: Projection = Projection.MAX
) -> Reconstruction:
    """Return all planes like one of a state; without a plane, the volume from all around.

    Parameters
    ----------
    number, count
        Which volume of how many, from 0.
    around
        How the volume is projected.
    """
    volume = number + 1 if count > 1 else None
    if plane is None:
        return Reconstruction(_KINDS[around], rotate=_TURNING_VIEWS, volume=volume)
    kind = _KINDS.get(state.projection, Kind.MPR)
    slab = state.shown_slab_mm or None
    if state.axes == axes_along(state.box.axes):
        return Reconstruction(kind, plane=plane.value, slab_mm=slab, volume=volume)
    down = state.axes.down(plane)
    up = (-down[0], -down[1], -down[2])
    return Reconstruction(kind, normal=state.axes.normal(plane), up=up, slab_mm=slab, volume=volume)
