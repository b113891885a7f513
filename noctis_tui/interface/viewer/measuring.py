"""The viewer's part that measures and annotates by the keys."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from archive.annotations.annotation import FrameKey, Kind
from noctis_tui.interface.viewer.actions import PROBE_TOOL
from noctis_tui.interface.viewer.desk import Desk
from noctis_tui.interface.viewer.key_images import KeyImages
from noctis_tui.interface.viewer.layer_panel import Layers
from noctis_tui.interface.viewer.measurement_list import MeasurementList
from noctis_tui.interface.viewer.measuring_actions import CHOSEN, DRAWING, LAYERS, WORDS, prompt
from noctis_tui.interface.viewer.measuring_hand import MeasuringHand
from noctis_tui.interface.viewer.words_input import WordsInput
from noctis_tui.reading.measurement_text import NAMES
from noctis_tui.reading.tools import image_step, probed

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.timer import Timer

    from noctis_tui.interface.viewer.pane import Pane
    from noctis_tui.interface.viewer.series_actions import SeriesActions
    from noctis_tui.reading.annotating import Editing
    from noctis_tui.reading.marks import Point

REST_SECONDS = 0.8
"""A mark that rests so long is let go: its move is one change, and is kept."""


class Measuring:
    """Draws, chooses, moves and deletes marks in the active pane.

    Attributes
    ----------
    desk
        What is drawn, and where it is kept.
    tool
        The kind that is being drawn; None while the keys read.
    parts
        This one, and those that stand on it: the list and the layers.
    """

    def __init__(self, screen: SeriesActions) -> None:
        self.screen = screen
        self.desk = Desk(screen)
        self.tool: Kind | None = None
        self._words = WordsInput(self._typed)
        self._answer: tuple[Callable[[str | None], None], str] | None = None
        self._rest: Timer | None = None
        self._list, self._layers = MeasurementList(screen, self), Layers(screen, self)
        self.parts: tuple[object, ...] = (self, self._list, self._layers, KeyImages(screen, self))

    def begin(self) -> None:
        """Furnish the panes; called once they are there."""
        hand = MeasuringHand(self)
        for pane in self.screen.panes:
            pane.mark_sources = (*pane.mark_sources, self.desk.marks)
            pane.hand = hand
        self.screen.mount(self._words, after="#viewer-footer")
        self.screen.watch(self.screen, "mode", self._mode_changed, init=False)
        self._list.begin()
        self._layers.begin()

    def looked(self) -> None:
        """Read what is kept about the studies in view; let go of a mark that is out of view."""
        entries = (pane.entry for pane in self.screen.visible_panes)
        self.desk.read(entry.study.study_instance_uid for entry in entries if entry is not None)
        chosen = self.editing.selection
        if self.screen.mode == CHOSEN and (chosen is None or chosen.frame != self.frame_key()):
            self.screen.mode = ""
        self._list.looked()

    @property
    def prompt(self) -> str:
        """What the footer says about the tool: its name, and what the next point is."""
        if self.screen.mode == CHOSEN:
            chosen, handle = self.editing.selection, self.editing.handle
            which = "" if handle is None else f" · point {handle + 1}"
            return f"{NAMES[chosen.kind]}{which}" if chosen is not None else ""
        if self.tool is None or self.screen.mode != DRAWING:
            return ""
        return f"{NAMES[self.tool]} · {prompt(self.drawing_in(self.screen.active))}"

    # ---- what is drawn where

    def study_of(self, pane: Pane) -> str:
        """Return the Study Instance UID of what a pane shows, empty when it shows none that is indexed."""
        return pane.begun.study.study_instance_uid if pane.begun is not None else ""

    def frame_key(self, pane: Pane | None = None) -> FrameKey | None:
        """Return the frame that a pane shows, None when nothing can be drawn on it."""
        pane = pane or self.screen.active
        if pane.begun is None or pane.frame is None or pane.shown_ref is None:
            return None
        if pane.state.stack.place_of(pane.shown_ref) is None:
            return None  # it belongs to the series before, until the first of this one comes
        return FrameKey(
            pane.begun.study.study_instance_uid,
            pane.begun.series.series_instance_uid,
            pane.frame.image.sop_instance_uid,
            pane.shown_ref.frame_index + 1,
        )

    @property
    def editing(self) -> Editing:
        """What is drawn in the study of the active pane."""
        return self.desk.of(self.study_of(self.screen.active))

    def drawing_in(self, pane: Pane) -> Editing:
        """Return what is drawn in a pane's study, with the tool in hand."""
        editing = self.desk.of(self.study_of(pane))
        return editing if editing.tool is self.tool else editing.with_tool(self.tool)

    def put(self, editing: Editing, pane: Pane | None = None) -> None:
        """Show what is drawn in a pane's study now."""
        study = self.study_of(pane or self.screen.active)
        if study:
            self.desk.put(study, editing)
            self.screen.draw_lines()

    def _can_draw(self) -> bool:
        if self.frame_key() is not None:
            return True
        is_opening = self.screen.active.frame is not None and self.screen.active.begun is None
        self.screen.say(
            "The series is still being opened." if is_opening else "There is no image here to draw on."
        )
        return False

    # ---- tools

    def action_draw(self, kind: str) -> None:
        """Take up a tool; asked again, put it away."""
        if self.screen.mode == DRAWING and self.tool is Kind(kind):
            self.screen.mode = ""
        elif self._can_draw():
            self.screen.stop_playing()
            self._end_drawing()
            self.tool = Kind(kind)
            self.put(self.editing.let_go(time.time()).with_tool(self.tool))
            self.screen.mode = DRAWING
            self._move_cursor(0, 0)

    def _mode_changed(self, before: str, now: str) -> None:
        if before == DRAWING and now not in {DRAWING, WORDS}:
            self._end_drawing()
        if before == CHOSEN and now not in {CHOSEN, WORDS}:
            self.put(self.editing.let_go(time.time()).selecting(""))
        if before == WORDS:
            self._give_up_words()
            if now not in {DRAWING, CHOSEN, LAYERS}:
                self._end_drawing()
                self.put(self.editing.selecting(""))
        if before in {DRAWING, WORDS} and now not in {DRAWING, WORDS, PROBE_TOOL}:
            for pane in self.screen.panes:
                self.screen.change(pane.state.view.with_probe(None), pane)

    def _end_drawing(self) -> None:
        if self.tool is not None:
            self.tool = None
            self.desk.put_tools_away()

    def action_cursor_across(self, pixels: int) -> None:
        """Move the cursor to the right on the screen, to the left for negative pixels."""
        self._move_cursor(pixels, 0)

    def action_cursor_down(self, pixels: int) -> None:
        """Move the cursor down on the screen, up for negative pixels."""
        self._move_cursor(0, pixels)

    def _move_cursor(self, right: int, down: int) -> None:
        pane = self.screen.active
        if pane.frame is None:
            return
        view = probed(pane.state.view, pane.frame, right, down)
        if view.probe is not None:
            self.point_at(pane, (float(view.probe[0]), float(view.probe[1])))

    def point_at(self, pane: Pane, point: Point, *, drawing: bool = True) -> None:
        """Put the cursor on an image point; a line drawn by hand follows it while `drawing`."""
        frame, key = pane.frame, self.frame_key(pane)
        if frame is None or key is None:
            return
        editing = self.drawing_in(pane)
        stamp = self.desk.stamp()
        self.put(editing.drawn_to(key, point, stamp) if drawing else editing.at(point), pane)
        column = min(max(round(point[0]), 0), frame.shape.columns - 1)
        row = min(max(round(point[1]), 0), frame.shape.rows - 1)
        self.screen.change(pane.state.view.with_probe((column, row)), pane)

    def action_set_point(self) -> None:
        """Set a point where the cursor is."""
        pane = self.screen.active
        if not self._can_draw():
            return
        if pane.state.view.probe is None:
            self._move_cursor(0, 0)
        cursor, probe = self.drawing_in(pane).cursor, pane.state.view.probe
        if probe is not None:
            near = cursor is not None and (round(cursor[0]), round(cursor[1])) == probe
            self.set_point(pane, cursor if cursor is not None and near else (probe[0], probe[1]))

    def set_point(self, pane: Pane, point: Point) -> None:
        """Set a point of the shape that is being drawn; ask for words when the shape has them."""
        key = self.frame_key(pane)
        if key is None:
            return
        editing = self.drawing_in(pane).with_point(key, point, self.desk.stamp())
        self.put(editing, pane)
        if editing.worded is not None:
            self._ask_for_words("")

    def action_take_back(self) -> None:
        """Take the last point back."""
        self.put(self.editing.without_last_point())

    def action_keep_probe(self) -> None:
        """Leave the value under the probe on the image."""
        probe = self.screen.active.state.view.probe
        key = self.frame_key()
        if probe is not None and key is not None:
            drawing = self.editing.with_tool(Kind.PROBE).with_point(key, probe, self.desk.stamp())
            self.put(drawing.with_tool(None))

    # ---- words

    def ask(self, words: str, what: str, said: Callable[[str | None], None], back: str) -> None:
        """Ask for words in place of the footer.

        Parameters
        ----------
        words
            What stands there already.
        what
            What is asked for.
        said
            Told the words, None when they are given up.
        back
            The mode to go back to with them.
        """
        self._answer = said, back
        self.screen.mode = WORDS
        self._words.ask(words, what)

    def type_ahead(self, letter: str) -> None:
        """Take a letter that was typed before the line for words had the keys."""
        self._words.insert_text_at_cursor(letter)

    def _typed(self, words: str) -> None:
        answer, self._answer = self._answer, None
        if answer is not None:
            answer[0](words)
            self.screen.mode = answer[1]

    def _give_up_words(self) -> None:
        self._words.put_away()
        answer, self._answer = self._answer, None
        if answer is not None:
            answer[0](None)

    def _ask_for_words(self, words: str) -> None:
        self.ask(words, "words", self._said, DRAWING if self.tool is not None else CHOSEN)

    def action_change_words(self) -> None:
        """Change the words of the chosen mark."""
        editing = self.editing.let_go(time.time()).wording()
        if editing.worded is not None:
            self.put(editing)
            self._ask_for_words(editing.worded.text)

    def _said(self, words: str | None) -> None:
        self.put(self.editing.with_words(words, time.time()))

    # ---- choosing, moving, deleting

    def action_choose_mark(self, step: int) -> None:
        """Choose the next mark of the frame in view, the one before for a negative step."""
        key = self.frame_key()
        if key is None or not self.editing.on(key):
            self.screen.say("There is no mark on this image.")
            return
        self.choose(self.editing.let_go(time.time()).with_next(key, step))

    def choose(self, editing: Editing, pane: Pane | None = None) -> None:
        """Let the keys act on the mark that is selected."""
        self.screen.stop_playing()
        self._end_drawing()
        self.put(editing, pane)
        self.screen.mode = CHOSEN

    def action_choose_handle(self, step: int) -> None:
        """Choose the next point of the chosen mark, the one before for a negative step."""
        self.put(self.editing.let_go(time.time()).with_next_handle(step))

    def action_move_mark_across(self, pixels: int) -> None:
        """Move what is chosen to the right on the screen, to the left for negative pixels."""
        self._move_mark(pixels, 0)

    def action_move_mark_down(self, pixels: int) -> None:
        """Move what is chosen down on the screen, up for negative pixels."""
        self._move_mark(0, pixels)

    def _move_mark(self, right: int, down: int) -> None:
        frame = self.screen.active.frame
        if frame is None:
            return
        across, along = image_step(self.screen.active.state.view, right, down)
        self.put(self.editing.moved(across, along, (frame.shape.columns, frame.shape.rows)))
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.screen.set_timer(REST_SECONDS, self.let_go)

    def let_go(self) -> None:
        """Make what was moved a change."""
        self.put(self.editing.let_go(time.time()))

    def action_delete_mark(self) -> None:
        """Delete the chosen mark."""
        editing = self.editing
        if editing.selection is None:
            key = self.screen.keymap.label("reading", "next_mark")
            self.screen.say(f"Choose a mark first, with {key} or the mouse.")
            return
        self.put(editing.without(("annotation", editing.selected)))
        self.screen.mode = "" if self.screen.mode == CHOSEN else self.screen.mode

    def action_undo_mark(self) -> None:
        """Take back what was last done."""
        self._step_back(self.editing.let_go(time.time()).undo(), "There is nothing to undo.")

    def action_redo_mark(self) -> None:
        """Do again what was taken back."""
        self._step_back(self.editing.redo(), "There is nothing to do again.")

    def _step_back(self, editing: Editing, otherwise: str) -> None:
        if editing.kept == self.editing.kept and editing.points == self.editing.points:
            self.screen.say(otherwise)
        self.put(editing)
        if self.screen.mode == CHOSEN and editing.selection is None:
            self.screen.mode = ""
