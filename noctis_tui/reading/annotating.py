"""Drawing on images and changing what was drawn: a frozen state and the pure transitions between its values.

Nothing here knows a screen, a clock or an archive. `dirty` names what the archive does not have yet; whoever
keeps it there tells by `kept`. Points are image points, the centre of the first pixel at (0, 0).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from archive.annotations.annotation import Annotation, Annotations, FrameKey, KeyImage, Kind, Layer
from noctis_tui.reading.edit_history import (
    Change,
    EditHistory,
    Item,
    ItemKey,
    Step,
    by_key,
    find,
    inverse,
    key_of,
    made_in,
    put,
    put_all,
)
from noctis_tui.reading.shapes import (
    WORDED,
    handles_of,
    is_complete,
    is_enough,
    is_open_ended,
    kept_inside,
    moved_point,
)

if TYPE_CHECKING:
    from archive.annotations.annotation import Point

LONGEST_TEXT = 200
DEFAULT_LAYER = "Measurements"
"""The layer that every study has."""
_SAME_PIXEL = 1e-6


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a new annotation is given: its identity, who makes it, when."""

    uid: str
    author: str
    now: float


@dataclass(frozen=True, slots=True)
class Editing:
    """What is drawn in a study, and what the reader is doing about it.

    Attributes
    ----------
    kept
        Everything that is on the screen, whether the archive has it or not.
    tool, frame, points, cursor
        What is being drawn, on which frame, the points that are set, and where the next one would be.
    worded
        A shape that waits for its words; it is not in `kept` yet, or has other words there.
    selected, handle
        UID of the annotation that keys act on, and which of its points; None for all of it.
    grabbed
        The selected annotation before it was taken hold of; while it moves no change is remembered.
    layer
        Name of the layer that new shapes go to.
    history
        What can be undone and done again.
    dirty
        What the archive does not have as it is here.
    refused
        What the archive did not take; shown as unsaved.
    """

    kept: Annotations = field(default_factory=Annotations)
    tool: Kind | None = None
    frame: FrameKey | None = None
    points: tuple[Point, ...] = ()
    cursor: Point | None = None
    worded: Annotation | None = None
    selected: str = ""
    handle: int | None = None
    grabbed: Annotation | None = None
    layer: str = DEFAULT_LAYER
    history: EditHistory = field(default_factory=EditHistory)
    dirty: frozenset[ItemKey] = frozenset()
    refused: frozenset[ItemKey] = frozenset()

    # ---- what is there

    @property
    def selection(self) -> Annotation | None:
        """The annotation that keys act on."""
        found = find(self.kept, ("annotation", self.selected)) if self.selected else None
        return found if isinstance(found, Annotation) else None

    @property
    def layers(self) -> dict[str, Layer]:
        """The layers by name."""
        return {layer.name: layer for layer in self.kept.layers}

    @property
    def drawn(self) -> tuple[Point, ...]:
        """The points of the shape being drawn, the cursor as its last."""
        if self.tool is None or self.cursor is None or not self.points:
            return self.points
        return (*self.points, self.cursor)

    def on(self, frame: FrameKey) -> tuple[Annotation, ...]:
        """Return the annotations of a frame whose layers are shown, the oldest first."""
        layers = self.layers
        return tuple(
            annotation
            for annotation in self.kept.annotations
            if annotation.frame == frame and layers.get(annotation.layer, _SHOWN).visible
        )

    def is_key_image(self, frame: FrameKey) -> bool:
        """Tell whether a frame is marked as worth showing."""
        return find(self.kept, ("key image", frame)) is not None

    # ---- drawing

    def with_tool(self, tool: Kind | None) -> Editing:
        """Take up a tool, None to put it away; what was begun is given up."""
        state = self.let_go()
        return replace(
            state,
            tool=tool,
            frame=None,
            points=(),
            worded=None,
            selected="",
            handle=None,
            cursor=state.cursor,
        )

    def at(self, cursor: Point | None) -> Editing:
        """Move the cursor to an image point."""
        return replace(self, cursor=cursor)

    def with_point(self, frame: FrameKey, point: Point, stamp: Stamp) -> Editing:
        """Set a point; the last one that a shape needs finishes it. Another frame begins another shape."""
        if self.tool is None or self.worded is not None:
            return self
        points = self.points if self.frame == frame else ()
        if points and is_open_ended(self.tool) and _same(point, points[-1]):
            return replace(self, frame=frame, points=points).finished(stamp)
        if points and _same(point, points[-1]) and self.tool is not Kind.COBB:
            return self  # a line without length measures nothing
        state = replace(self, frame=frame, points=(*points, point), cursor=point)
        return state.finished(stamp) if is_complete(self.tool, len(state.points)) else state

    def drawn_to(self, frame: FrameKey, point: Point, stamp: Stamp) -> Editing:
        """Let a line drawn by hand go on to a point."""
        if self.tool is not Kind.FREEHAND or not self.points or _same(point, self.points[-1]):
            return self.at(point)
        return self.with_point(frame, point, stamp)

    def without_last_point(self) -> Editing:
        """Take the last point back."""
        return replace(self, points=self.points[:-1])

    def finished(self, stamp: Stamp) -> Editing:
        """Make the points a shape if they are enough; give them up if they are not."""
        if self.tool is None or self.frame is None or not is_enough(self.tool, len(self.points)):
            return replace(self, points=())
        shape = Annotation(
            stamp.uid,
            self.frame,
            self.tool,
            self.points,
            layer=self.layer,
            author=stamp.author,
            created_at=stamp.now,
            modified_at=stamp.now,
        )
        state = replace(self, points=())
        return replace(state, worded=shape) if self.tool in WORDED else state.with_item(shape)

    # ---- words

    def wording(self) -> Editing:
        """Ask for the words of the selected annotation."""
        return replace(self.let_go(), worded=self.selection)

    def with_words(self, text: str | None, now: float) -> Editing:
        """Give the waiting shape its words; None leaves it as it was; a text without words is none."""
        shape, state = self.worded, replace(self, worded=None)
        known = shape is not None and find(self.kept, key_of(shape)) is not None
        if shape is None or (text is None and (known or shape.kind is Kind.TEXT)):
            return state
        words = (text or "").strip()[:LONGEST_TEXT]
        if shape.kind is Kind.TEXT and not words:
            return state
        return state.with_item(replace(shape, text=words, modified_at=now))

    # ---- changing

    def with_item(self, item: Item) -> Editing:
        """Put an annotation, a layer or a key image in its place, or add it."""
        return self._changed(key_of(item), item)

    def without(self, key: ItemKey) -> Editing:
        """Take an item away."""
        return self._changed(key, None)

    def _changed(self, key: ItemKey, item: Item | None) -> Editing:
        state = self.let_go()
        return state._stepped((Change(key, find(state.kept, key), item),))  # noqa: SLF001 - of this class

    def _stepped(self, step: Step) -> Editing:
        """Make changes, as far as they are any, and remember them as one."""
        step = tuple(change for change in step if change.before != change.after)
        return self._made(step, self.history.with_step(step)) if step else self

    def _made(self, step: Step, history: EditHistory) -> Editing:
        keys = {change.key for change in step}
        state = replace(
            self,
            kept=made_in(self.kept, step),
            history=history,
            dirty=self.dirty | keys,
            refused=self.refused - keys,
        )
        return state if state.selection is not None else replace(state, selected="", handle=None)

    def with_layer(self, layer: Layer) -> Editing:
        """Show, hide or colour a layer, or add it; that is no change to what was drawn and is not undone."""
        state = self.let_go()
        if find(state.kept, key_of(layer)) == layer:
            return state
        return state._made((Change(key_of(layer), None, layer),), state.history)  # noqa: SLF001 - the same

    def without_layer(self, name: str) -> Editing:
        """Take a layer away, and what is drawn in it; new shapes that would go there go to the first one."""
        state = self.let_go()
        layer = state.layers.get(name)
        items: list[Item] = [item for item in state.kept.annotations if item.layer == name]
        if layer is not None:
            items.append(layer)
        state = state._stepped(tuple(Change(key_of(item), item, None) for item in items))  # noqa: SLF001 - the same
        return state.drawing_in(DEFAULT_LAYER) if state.layer == name else state

    def with_layer_renamed(self, name: str, new: str, now: float) -> Editing:
        """Give a layer another name; where there is one of that name already, they become one."""
        state = self.let_go()
        layer = state.layers.get(name)
        if layer is None or name == new or not new:
            return state
        moved = [
            Change(key_of(item), item, replace(item, layer=new, modified_at=now))
            for item in state.kept.annotations
            if item.layer == name
        ]
        named = state.layers.get(new, replace(layer, name=new))
        looks = [Change(key_of(named), find(state.kept, key_of(named)), named)]
        if name != DEFAULT_LAYER:
            looks.append(Change(key_of(layer), layer, None))
        state = state._stepped((*moved, *looks))  # noqa: SLF001 - the same
        return state.drawing_in(new) if state.layer == name else state

    def drawing_in(self, layer: str) -> Editing:
        """Let new shapes go to this layer."""
        return replace(self, layer=layer)

    def with_key_image_toggled(self, frame: FrameKey, stamp: Stamp) -> Editing:
        """Mark a frame as worth showing, or take the mark away."""
        key: ItemKey = ("key image", frame)
        if self.is_key_image(frame):
            return self.without(key)
        return self.with_item(KeyImage(frame, stamp.author, stamp.now))

    def undo(self) -> Editing:
        """Take the last change back: a point that is set, else the last thing done."""
        if self.points:
            return self.without_last_point()
        state = self.let_go()
        if not state.history.done:
            return state
        return state._made(inverse(state.history.done[-1]), state.history.undo())  # noqa: SLF001 - the same

    def redo(self) -> Editing:
        """Do again what was taken back."""
        state = self.let_go()
        if not state.history.undone:
            return state
        return state._made(state.history.undone[-1], state.history.redo())  # noqa: SLF001 - the same

    # ---- choosing and moving

    def selecting(self, uid: str, handle: int | None = None) -> Editing:
        """Choose an annotation and one of its points, all of it when None; an empty UID chooses nothing."""
        return replace(self.let_go(), selected=uid, handle=handle)

    def with_next(self, frame: FrameKey, step: int = 1) -> Editing:
        """Choose the next annotation of a frame, and round again."""
        uids = [annotation.uid for annotation in self.on(frame)]
        if not uids:
            return self.selecting("")
        place = uids.index(self.selected) + step if self.selected in uids else min(step, 0)
        return self.selecting(uids[place % len(uids)])

    def with_next_handle(self, step: int = 1) -> Editing:
        """Choose the next point of the selected annotation; after the last one all of it, and round again."""
        if self.selection is None:
            return self
        places: list[int | None] = [
            None,
            *range(len(handles_of(self.selection.kind, self.selection.points))),
        ]
        known = self.handle if self.handle in places else None
        return self.selecting(self.selected, places[(places.index(known) + step) % len(places)])

    def moved(self, across: float, down: float, size: tuple[int, int] | None = None) -> Editing:
        """Move what is chosen by image pixels; it is one change until it is let go.

        Nothing leaves an image of `size` columns and rows.
        """
        shape = self.selection
        if shape is not None and size is not None:
            across, down = kept_inside(shape.points, self.handle, across, down, size)
        if shape is None or (not across and not down):
            return self
        points = moved_point(shape.points, self.handle, across, down)
        kept = put(self.kept, key_of(shape), replace(shape, points=points))
        return replace(self, kept=kept, grabbed=self.grabbed or shape)

    def let_go(self, now: float | None = None) -> Editing:
        """Make what was moved a change."""
        before, after = self.grabbed, self.selection
        state = replace(self, grabbed=None)
        if before is None or after is None or before.points == after.points:
            return state
        after = replace(after, modified_at=after.modified_at if now is None else now)
        return state._stepped((Change(key_of(after), before, after),))  # noqa: SLF001 - the same

    # ---- keeping

    def saved(self, keys: frozenset[ItemKey], sent: Annotations) -> Editing:
        """Note that the archive has these items as they were when they were sent to it."""
        mine, theirs = by_key(self.kept), by_key(sent)
        current = frozenset(key for key in keys if mine.get(key) == theirs.get(key))
        return replace(self, dirty=self.dirty - current, refused=self.refused - keys)

    def not_saved(self, keys: frozenset[ItemKey]) -> Editing:
        """Note that the archive did not take these items."""
        return replace(self, refused=self.refused | (keys & self.dirty))

    def reread(self, stored: Annotations) -> Editing:
        """Take what the archive has now; what it does not have yet, or is being moved, stays as it is."""
        mine = self.dirty | ({key_of(self.grabbed)} if self.grabbed is not None else frozenset())
        items = by_key(self.kept)
        kept = put_all(stored, {key: items.get(key) for key in mine})
        state = replace(self, kept=kept)
        return (
            state if state.selection is not None else replace(state, selected="", handle=None, grabbed=None)
        )


_SHOWN = Layer("")


def _same(a: Point, b: Point) -> bool:
    return abs(a[0] - b[0]) < _SAME_PIXEL and abs(a[1] - b[1]) < _SAME_PIXEL
