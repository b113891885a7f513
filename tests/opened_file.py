"""Everything that the viewer does with a file, done with one that nobody trusts; for `LimitedProcess`."""

from __future__ import annotations

import logging
import resource
import shutil
import tempfile
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

from archive.annotations.annotation import Kind
from archive.annotations.measuring import measure
from archive.comparing.comparison import compare_pair
from archive.comparing.ignoring import Ignoring
from archive.comparing.pairing import InstanceRef, Pair
from archive.dicom.attributes import attribute_of
from archive.dicom.element_tree import ElementTree
from archive.dicom.header import read_header
from archive.errors import BadInput, NoctisError
from archive.pixels.frames import ImageFile
from archive.progress import CancelToken
from archive.reporting.objects import annotations_in
from archive.reporting.opening import open_object
from noctis_tui.reading.card import UnreadableFrame
from noctis_tui.reading.derived.objects import DRAWN_CLASSES, read_object_header
from noctis_tui.reading.derived.objects import open_object as open_drawn
from noctis_tui.reading.derived.part import Appearance
from noctis_tui.reading.derived.presentation import PresentationState
from noctis_tui.reading.documents.page import TextPage
from noctis_tui.reading.export.formats import SUFFIXES, Format
from noctis_tui.reading.export.run import export
from noctis_tui.reading.export.target import only_frame, target_of_stack
from noctis_tui.reading.frame_reading import FrameReader
from noctis_tui.reading.measurement_text import measurement_text
from noctis_tui.reading.overlay import Whereabouts
from noctis_tui.reading.rendering import render
from noctis_tui.reading.stack import FrameRef, Stack, stack_of_instances
from noctis_tui.reading.viewport import ViewState
from noctis_tui.reading.window_presets import presets_of

if TYPE_CHECKING:
    from collections.abc import Callable

CPU_SECONDS = 600
"""For all files that one process opens; one file has `SECONDS_A_FILE`."""
_ELEMENTS = 5_000


class _Swallowed(logging.Handler):
    """Collects the errors that are logged instead of raised: nobody expected them."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        self.found.append(f"{record.getMessage()}: {error!r}")


def do_everything(file: str) -> dict[str, str]:
    """Do what the viewer does; return what each thing came to: a word, or the sentence that refuses it.

    What is no sentence begins with an exclamation mark.
    """
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    swallowed = _Swallowed()
    for name in ("archive", "noctis_tui"):
        logging.getLogger(name).addHandler(swallowed)
    folder = Path(tempfile.mkdtemp())
    try:
        outcomes = {name: _outcome(do, Path(file), folder) for name, do in _WHAT.items()}
    finally:
        shutil.rmtree(folder)
        for name in ("archive", "noctis_tui"):
            logging.getLogger(name).removeHandler(swallowed)
    return outcomes | ({"log": f"! {swallowed.found}"} if swallowed.found else {})


def _outcome(do: Callable[[Path, Path], str], file: Path, folder: Path) -> str:
    try:
        return do(file, folder)
    except NoctisError as error:
        return str(error) or "! without a sentence"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
        return f"! {error!r}"


def _stack(file: Path) -> Stack:
    try:
        header = read_header(file)
    except NoctisError:
        return Stack((FrameRef(file, 0),))
    return stack_of_instances(
        [
            SimpleNamespace(
                path=file,
                sop_class_uid=header.sop_class_uid,
                sop_instance_uid=header.sop_instance_uid,
                instance_number=header.instance_number,
                number_of_frames=header.number_of_frames,
                position_mm=None,
            )
        ]
    )


def _look(file: Path, _folder: Path) -> str:
    stack, reader = _stack(file), FrameReader()
    for place in sorted({0, len(stack) // 2, len(stack) - 1}):
        frame = reader.read(stack.frames[place])
        if isinstance(frame, TextPage):
            "\n".join(frame.plain()).encode()
        elif isinstance(frame, UnreadableFrame):
            assert frame.reason, "a card without a reason"
            assert "\n" not in frame.reason
        else:
            _show(frame, Whereabouts(place + 1, len(stack), stack.spacing_between_slices_mm))
    return "seen"


def _show(frame, whereabouts) -> None:
    picture = render(frame, ViewState(), 160, 120, whereabouts=whereabouts)
    assert picture.pixels.shape[:2] == (120, 160)
    presets_of(frame, "")
    _ = frame.histogram, frame.full_range, frame.edge_letters
    rows, columns = frame.stored_values.shape[:2]
    for kind in (Kind.LENGTH, Kind.RECTANGLE, Kind.ELLIPSE, Kind.PROBE):
        points = ((0.0, 0.0), (columns - 1.0, rows - 1.0))[: 1 if kind is Kind.PROBE else 2]
        try:
            measured = measure(
                kind, points, None if frame.is_color else frame.stored_values, frame.attributes
            )
        except BadInput:
            continue  # an image of one pixel has no length
        measurement_text(measured)


def _draw(file: Path, _folder: Path) -> str:
    header = read_object_header(file)
    if header.sop_class_uid not in DRAWN_CLASSES:
        return "nothing to draw"
    drawn = open_drawn(header, CancelToken())
    frame = FrameReader().read(FrameRef(file, 0))
    if not isinstance(frame, UnreadableFrame):
        render(frame, ViewState(), 80, 60, marks=drawn.marks_on(frame, FrameRef(file, 0), Appearance()))
    return f"{len(drawn.parts)} parts"


def _state(file: Path, _folder: Path) -> str:
    return PresentationState.open(file).name


def _annotations(file: Path, _folder: Path) -> str:
    return f"{len(annotations_in([open_object(file)]).annotations)} annotations"


def _tags(file: Path, _folder: Path) -> str:
    with ElementTree.open(file) as tree:
        nodes = list(islice(tree.walk(), _ELEMENTS))
        for node in nodes:
            attribute_of(tree, node)
    return f"{len(nodes)} elements"


def _compare(file: Path, folder: Path) -> str:
    other = folder / "other.dcm"
    data = file.read_bytes()
    other.write_bytes(data[: len(data) // 2] + data[len(data) // 2 + 1 :] + b"\0")
    pair = Pair(InstanceRef(file), InstanceRef(other))
    return f"{len(compare_pair(pair, Ignoring(), CancelToken(), everything=True).differences)} compared"


def _export(what: Format) -> Callable[[Path, Path], str]:
    def do(file: Path, folder: Path) -> str:
        with ImageFile.open(file):
            target = only_frame(target_of_stack(_stack(file)), 1)
        out = folder / f"out{SUFFIXES[what]}"
        export(target, out, what)
        assert out.exists()
        return "exported"

    return do


_WHAT: dict[str, Callable[[Path, Path], str]] = {
    "look": _look,
    "draw": _draw,
    "state": _state,
    "annotations": _annotations,
    "tags": _tags,
    "diff": _compare,
    "png": _export(Format.PNG),
    "dicom": _export(Format.DICOM),
    "gif": _export(Format.GIF),
    "nifti": _export(Format.NIFTI),
}
