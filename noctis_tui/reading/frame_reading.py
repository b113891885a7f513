"""Files to frames: pixels, attributes and caption read together; never an exception for bad input."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from archive.errors import NoctisError, NotAnImage
from archive.pixels.derived_frames import attributes_of, derived_frames
from archive.pixels.frames import ImageFile
from noctis_tui.reading.caption import GROUPS, Caption, caption_of
from noctis_tui.reading.card import UnreadableFrame, card_of
from noctis_tui.reading.documents.page import ReadAsText, TextPage
from noctis_tui.reading.loaded_frame import LoadedFrame

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from archive.pixels.derived_frames import DerivedFrames
    from archive.pixels.shutter import Shutter
    from noctis_tui.reading.stack import FrameRef

KEPT_OPEN = 8
"""Multi-frame files are kept open: their offset tables and functional groups are read once."""

log = logging.getLogger(__name__)


class _Opened(NamedTuple):
    image: ImageFile
    caption: Caption
    derived: DerivedFrames | None


def read_frame(path: Path, frame_index: int = 0) -> LoadedFrame:
    """Read one frame, counted from 0; behind the file's own come a mosaic's slices, a slide's overview.

    Raises
    ------
    NoctisError
        NotFound, NotAnImage, CannotDecode or BadInput, with the sentence that says why; ReadAsText for a
        report or another instance that has no picture and is read as text.
    """
    try:
        return _frame_of(_open(path), frame_index)
    except NotAnImage:
        document = _document(path, frame_index)
        if document is None:
            raise
    if isinstance(document, TextPage):
        raise ReadAsText(document)
    return document


class FrameReader:
    """Reads frames from any thread; keeps the last multi-frame files open. `read` never raises."""

    def __init__(self) -> None:
        self._open: OrderedDict[Path, _Opened] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, frame: FrameRef) -> LoadedFrame | UnreadableFrame:
        """Return the frame, or the card that stands in its place."""
        try:
            return _frame_of(self._image(frame.path), frame.frame_index)
        except NotAnImage as error:
            return _document_or_card(frame, str(error))
        except (NoctisError, OSError) as error:
            return card_of(frame.path, str(error))
        except Exception as error:
            log.exception("decoding a frame failed")
            return card_of(frame.path, f"Decoding failed ({type(error).__name__}).")

    def _image(self, path: Path) -> _Opened:
        with self._lock:
            known = self._open.get(path)
            if known is not None:
                self._open.move_to_end(path)
                return known
        opened = _open(path)
        if opened.image.frame_count > 1 or opened.derived is not None:
            with self._lock:
                self._open[path] = opened
                while len(self._open) > KEPT_OPEN:
                    self._open.popitem(last=False)
        return opened


def _document_or_card(frame: FrameRef, reason: str) -> LoadedFrame | UnreadableFrame:
    try:
        return _document(frame.path, frame.frame_index) or card_of(frame.path, reason)
    except (NoctisError, OSError) as error:
        return card_of(frame.path, str(error))
    except Exception as error:
        log.exception("reading a document failed")
        return card_of(frame.path, f"Reading it failed ({type(error).__name__}).")


def _document(path: Path, page_index: int) -> LoadedFrame | TextPage | None:
    from noctis_tui.reading.documents.reading import read_document  # noqa: PLC0415 - pictures do not wait for it

    return read_document(path, page_index)


def _frame_of(opened: _Opened, frame_index: int) -> LoadedFrame:
    image, derived = opened.image, opened.derived
    if derived is not None and frame_index >= image.frame_count:
        number = frame_index - image.frame_count
        stored, attributes = derived.stored_values(number), attributes_of(image, derived, frame_index)
        stored.flags.writeable = False
        name = f"slice {number + 1}/{derived.count}" if image.is_mosaic else "overview"
        return LoadedFrame(stored, image.attributes, attributes, opened.caption, part_name=name)
    stored, attributes = image.stored_values(frame_index), attributes_of(image, derived, frame_index)
    stored.flags.writeable = False
    planes = _overlay(image, frame_index, attributes.shutter)
    name = _part_name(opened, frame_index) if derived is not None else ""
    return LoadedFrame(stored, image.attributes, attributes, opened.caption, *planes, part_name=name)


def _part_name(opened: _Opened, frame_index: int) -> str:
    image = opened.image
    return "mosaic" if image.is_mosaic else f"tile {frame_index + 1}/{image.frame_count}"


def _overlay(
    image: ImageFile, frame_index: int, shutter: Shutter | None
) -> tuple[NDArray[np.bool_] | None, NDArray[np.bool_] | None]:
    """Return what is drawn over a frame, and the bitmap that its shutter hides by."""
    groups = {plane.group for plane in image.overlay_planes}
    if not groups:
        return None, None
    hiding = groups & {shutter.overlay_group} if shutter is not None else set()
    try:
        drawn = image.drawn_overlay(frame_index, groups - hiding)
        return drawn, image.drawn_overlay(frame_index, hiding) if hiding else None
    except NoctisError:
        return None, None  # damaged graphics do not hide the image


def _open(path: Path) -> _Opened:
    image = ImageFile.open(path)
    return _Opened(image, caption_of(image.data_set(GROUPS)), derived_frames(image))
