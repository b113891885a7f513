"""Reading a volume: three planes through one crosshair, by keys and mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.containers import Container

from noctis_tui.interface.keyed_screen import KeyedScreen
from noctis_tui.interface.mpr.actions import CONTEXT
from noctis_tui.interface.mpr.curve_pane import CurvePane
from noctis_tui.interface.mpr.curving import Curving
from noctis_tui.interface.mpr.furniture import Furniture
from noctis_tui.interface.mpr.layout import LAYOUT, lay_panes
from noctis_tui.interface.mpr.loading import Filled, NotLoaded, Planned, VolumeLoading
from noctis_tui.interface.mpr.measuring import Measuring
from noctis_tui.interface.mpr.mouse import Mouse
from noctis_tui.interface.mpr.navigating import Navigating
from noctis_tui.interface.mpr.plane_pane import PlanePane
from noctis_tui.interface.mpr.turned_pane import TurnedPane
from noctis_tui.interface.mpr.turning import Turning
from noctis_tui.interface.mpr.turning_volume import TurningVolume
from noctis_tui.interface.mpr.volumes import Volumes
from noctis_tui.interface.mpr.windowing import Windowing
from noctis_tui.interface.mpr.writing import Writing
from noctis_tui.reading.reconstruction.plane_axes import Plane
from noctis_tui.reading.reconstruction.plane_placement import kept_in_sight
from noctis_tui.reading.reconstruction.plane_sampling import PlaneSampling
from noctis_tui.reading.reconstruction.state import MprState
from noctis_tui.reading.reconstruction.volume_box import VolumeBox
from noctis_tui.reading.reconstruction.volume_window import view_of_volume
from noctis_tui.reading.volume_loading import DEFAULT_OPTIONS, LoadingOptions
from noctis_tui.reading.volume_refusals import left_out_told, refusal_told

if TYPE_CHECKING:
    from pathlib import Path

    from textual import events
    from textual.app import ComposeResult

    from archive.progress import Progress
    from noctis_tui.imaging.volume import Volume
    from noctis_tui.interface.app import NoctisApp
    from noctis_tui.interface.mpr.pane import VolumePane
    from noctis_tui.interface.mpr.source import MprSource
    from noctis_tui.reading.viewport import ViewState

_LINES_SECONDS = 0.1
_FOLLOW_SECONDS = 0.4
_ROOM_FOR_FOUR = (100, 30)
"""In smaller terminals one pane is shown, until the reader asks for all."""


class MprScreen(KeyedScreen):
    """Shows the volumes of a series.

    Parameters
    ----------
    source
        The series.
    """

    CONTEXT = CONTEXT
    ALLOW_SELECT = False  # dragging is a tool
    DEFAULT_CSS = LAYOUT

    def __init__(self, source: MprSource) -> None:
        super().__init__()
        self.source = source
        self.turned: TurnedPane
        self.curve: CurvePane
        self.state: MprState | None = None
        """None until the first slices are there."""
        self.sampling: PlaneSampling | None = None
        self.names: tuple[str, ...] = ()
        """Of the volumes."""
        self.number = 0
        """Which of them is looked at."""
        self.panes: tuple[VolumePane, ...] = ()
        self.windowing, self.volumes = Windowing(self), Volumes(self)
        self.turning_volume, self.curving = TurningVolume(self), Curving(self)
        self.measuring = Measuring(self)
        self.parts = (
            self.measuring,
            self.windowing,
            self.volumes,
            self.turning_volume,
            Writing(self),
            self.curving,
            Navigating(self),
            Turning(self),
        )
        self._mouse = Mouse(self)
        self._furniture = Furniture(self)
        self._paths: tuple[Path, ...] = ()
        self._seen_paths: tuple[Path, ...] = ()
        self._loading = VolumeLoading((), self.post_message)
        self._active = 0
        self._is_alone: bool | None = None
        self._has_room: bool | None = None

    # ---- life

    def compose(self) -> ComposeResult:
        """Lay out two lines and the panes between them."""
        graphics = cast("NoctisApp", self.app).graphics
        planes = {plane: PlanePane(graphics, plane) for plane in Plane}
        self.turned, self.curve = TurnedPane(graphics), CurvePane(graphics)
        self.curve.display = False
        self.panes = (*planes.values(), self.turned)
        below = planes[Plane.CORONAL], planes[Plane.SAGITTAL]  # beside each other: both have the head up
        yield self._furniture.header
        yield Container(planes[Plane.AXIAL], self.turned, self.curve, *below, id="mpr-panes")
        yield self._furniture.card
        yield self._furniture.too_small
        yield self._furniture.footer

    def on_mount(self) -> None:
        """Begin to load."""
        for pane in self.panes:
            pane.say("Loading")
        self._follow()
        self.set_interval(_LINES_SECONDS, self._furniture.draw)
        self.set_interval(_FOLLOW_SECONDS, self._follow)

    def on_unmount(self) -> None:
        """Stop what goes on in threads."""
        self._loading.close()
        self.curving.desk.close()

    def on_resize(self, event: events.Resize) -> None:
        """Show one pane where four have become too small, four where they fit again; say so when none does.

        What the reader chose stays for as long as that does not change.
        """
        has_room = event.size.width >= _ROOM_FOR_FOUR[0] and event.size.height >= _ROOM_FOR_FOUR[1]
        if has_room != self._has_room:
            self._has_room, self._is_alone = has_room, not has_room
        self.arrange_panes()
        self._furniture.fit(*event.size)
        self._furniture.draw()

    def preferences_changed(self) -> None:
        """Draw the lines with other keys and colours."""
        super().preferences_changed()
        self._furniture.forget()
        self._furniture.draw()

    def watch_mode(self) -> None:
        """Show the keys of the tool."""
        self.curving.mode_changed()
        self.measuring.mode_changed()
        self._furniture.draw()

    # ---- the volumes

    def _follow(self) -> None:
        """Load the volumes; again when more of the series has come, and no more comes for a moment."""
        paths, before = self.source.paths(), self._seen_paths
        self._seen_paths = paths
        if paths and paths != self._paths and (paths == before or not self._paths):
            self._paths = paths
            self._loading.close()
            self._loading = VolumeLoading(paths, self.post_message, self._loading_options())
            self._loading.want(self.number)
            self._loading.start()

    def _loading_options(self) -> LoadingOptions:
        preferences = getattr(self.app, "preferences", None)  # the screen may stand in an app that has none
        if preferences is None:
            return DEFAULT_OPTIONS
        return LoadingOptions(memory_limit_bytes=preferences.volume_memory_mib << 20)

    @property
    def progress(self) -> Progress | None:
        """What is loaded now, and how far."""
        return self._loading.progress

    def on_planned(self, event: Planned) -> None:
        """Learn what there is; say why where there is nothing."""
        event.stop()
        if event.loading is not self._loading:
            return
        self.names = event.plan.names
        self.number = min(self.number, max(len(self.names) - 1, 0))
        self.set_class(not self.names, "-refused")
        if not self.names:
            self._furniture.refuse([refusal_told(refusal) for refusal in event.plan.refusals])
        elif event.plan.refusals:
            self.say(left_out_told(event.plan.refusals))

    def on_filled(self, event: Filled) -> None:
        """Show what there is of a volume."""
        event.stop()
        if event.loading is self._loading and event.number == self.number:
            self._take(event.volume, event.part)

    def on_not_loaded(self, event: NotLoaded) -> None:
        """Say why in the place of the pictures."""
        event.stop()
        if event.loading is not self._loading:
            return
        if event.number in (None, self.number):  # nor is half of it left standing: it would look whole
            self._furniture.refuse([event.sentence])

    def turn_to(self, number: int) -> None:
        """Look at another volume, now or when it is loaded."""
        self.number = number
        volume = self._loading.want(number)
        if volume is not None:
            self._take(volume, volume)
        elif self._loading.failure(number):
            self._furniture.refuse([self._loading.failure(number)])
        self._furniture.draw()

    def _take(self, volume: Volume, part: Volume) -> None:
        self.remove_class("-refused")
        box = VolumeBox.of(volume)
        if self.state is None:
            self.state = self._begun(box)
        elif box != self.state.box:
            self.state = self.state.with_box(box)
        before = self.sampling.volume if self.sampling is not None else None
        if before is None or before.shape != part.shape:  # phases keep the window of the first
            self.state = self.state.with_view(view_of_volume(self.state.view, self.source.frame, part))
        if part is not before:
            self.sampling = PlaneSampling(part)
        self.show()

    def _begun(self, box: VolumeBox) -> MprState:
        """Begin in the middle of the volume, or of the slice that the reader scrolled to."""
        state = MprState.of(box, self.source.begun_view).laid_out(is_beside=not self._is_alone)
        plane = self.source.frame.plane
        if plane is None or not self.source.begins_at_frame:
            return state
        column, row = plane.image_point(state.crosshair_mm)
        return state.at(plane.patient_point(column, row))

    @property
    def is_caught_up(self) -> bool:
        """Whether what was asked for last has been seen."""
        sampling = self.sampling
        wanted = self._loading.want(self.number)
        there = sampling is not None and wanted is sampling.volume
        return there and all(pane.is_shown for pane in self.shown_panes)

    # ---- the planes

    @property
    def view(self) -> ViewState:
        """Window, inversion and how much is written over the pictures."""
        return self.state.view if self.state is not None else self.source.begun_view

    def change(self, state: MprState, *, held: VolumePane | None = None) -> None:
        """Show the planes as another state has them; `held` is the pane that the mouse holds still."""
        if state == self.state:
            return
        if self.state is not None and state.crosshair_mm != self.state.crosshair_mm:
            state = self._in_sight(state, held)
            self.measuring.follow(state.crosshair_mm)
        self.state = state
        self.show()
        self._furniture.draw()

    def _in_sight(self, state: MprState, held: VolumePane | None) -> MprState:
        for pane in self.shown_panes:
            if isinstance(pane, PlanePane) and pane is not held and pane.picture.display:
                state = kept_in_sight(state, pane.plane, pane.picture.pixel_size)
        return state

    def show(self) -> None:
        """Show in every pane what it is to show now."""
        state, sampling = self.state, self.sampling
        if state is None or sampling is None:
            return
        voi = self.source.voi(state.view)
        curve, marked, lengths = self.curving.view, self.curving.marked, self.measuring.lengths
        for pane in self.shown_panes:
            if isinstance(pane, PlanePane):
                is_named = bool(self._is_alone)
                pane.show(sampling, state, voi, is_named=is_named, curve=marked, lengths=lengths)
            elif isinstance(pane, TurnedPane):
                view = pane.view_beside(state.view, sampling.volume)
                beside, own = state.with_view(view), self.source.voi(view)
                pane.show(sampling.volume, beside, own, is_named=bool(self._is_alone))
            elif isinstance(pane, CurvePane):
                advice, is_named = self.curving.advice, bool(self._is_alone)
                pane.show(
                    sampling.volume,
                    curve,
                    state.view,
                    voi,
                    measured=self.measuring.strip.shown,
                    advice=advice,
                    is_named=is_named,
                )

    # ---- the panes

    @property
    def active(self) -> VolumePane:
        """The pane that the keys act on."""
        return self.panes[self._active]

    @property
    def plane(self) -> Plane | None:
        """The plane that the keys act on; None while another pane has them."""
        pane = self.active
        return pane.plane if isinstance(pane, PlanePane) else None

    @property
    def shown_panes(self) -> tuple[VolumePane, ...]:
        """What is on the screen, the active pane first: it is drawn first."""
        if self._is_alone:
            return (self.active,)
        return (self.active, *(pane for pane in self.panes if pane is not self.active))

    @property
    def fourth(self) -> TurningVolume | Curving:
        """What the keys act on that are not a plane's."""
        return self.curving if self.active is self.curve else self.turning_volume

    def put_fourth(self, pane: VolumePane) -> None:
        """Show the volume from around it, or along a curve, beside the planes."""
        if pane not in self.panes:
            self.panes[-1].display = False
            self.panes = (*self.panes[:-1], pane)
            self.arrange_panes()

    def pane_of(self, plane: Plane) -> PlanePane:
        """Return the pane of a plane."""
        return next(pane for pane in self.panes if isinstance(pane, PlanePane) and pane.plane is plane)

    def activate(self, pane: VolumePane) -> None:
        """Give the keys to a pane; alone on the screen it takes the place of the other."""
        if pane is not self.active:
            self._active = self.panes.index(pane)
            self.arrange_panes()

    def arrange_panes(self) -> None:
        """Show all panes or the active one, which is marked."""
        container = self.query_one("#mpr-panes", Container)
        shown = self.shown_panes
        for pane in self.panes:
            # What was asked for when it was put away is drawn as it comes back, and nobody hears of it.
            pane.is_shown = pane.is_shown or (pane in shown and not pane.display)
            pane.display = pane in shown
            pane.set_class(not self._is_alone, "-titled")
            pane.set_class(pane is self.active, "-active")
        lay_panes(container, self.size, is_alone=bool(self._is_alone))
        if self.state is not None:
            self.state = self.state.laid_out(is_beside=not self._is_alone)
        self.show()
        self._furniture.draw()

    def action_maximise(self) -> None:
        """Show the active pane alone; asked again, all."""
        self._is_alone = not self._is_alone
        self.arrange_panes()

    def action_next_pane(self) -> None:
        """Give the keys to the next pane."""
        self.activate(self.panes[(self._active + 1) % len(self.panes)])

    def action_previous_pane(self) -> None:
        """Give the keys to the previous pane."""
        self.activate(self.panes[(self._active - 1) % len(self.panes)])

    def action_cancel(self) -> None:
        """Leave; what is being loaded is given up."""
        self.action_back()

    def say(self, sentence: str) -> None:
        """Show a sentence for a few seconds."""
        self.app.notify(sentence, markup=False, timeout=4)

    # ---- the mouse

    def on_volume_pane_scrolled(self, event: PlanePane.Scrolled) -> None:
        """Scroll the plane under the mouse."""
        event.stop()
        self.activate(event.pane)
        self._mouse.scroll(event.pane, event.steps)

    def on_volume_pane_pressed(self, event: PlanePane.Pressed) -> None:
        """Make a pane the active one; a double click maximises it."""
        event.stop()
        self.activate(event.pane)
        if event.times == 2:
            self.action_maximise()
        else:
            self._mouse.press(event.pane, event.button, event.at_px)

    def on_volume_pane_dragged(self, event: PlanePane.Dragged) -> None:
        """Go on with a drag."""
        event.stop()
        self._mouse.drag(event.pane, event.button, event.start_px, event.at_px, is_faster=event.is_faster)

    def on_volume_pane_hovered(self, event: PlanePane.Hovered) -> None:
        """Let what is being drawn follow the mouse."""
        event.stop()
        self._mouse.hover(event.pane, event.at_px)

    def on_volume_pane_released(self, event: PlanePane.Released) -> None:
        """End a drag."""
        event.stop()
        self._mouse.release()
