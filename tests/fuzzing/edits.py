"""Any bytes at all as a change that another process asks for, or as a line of the ledger."""

from __future__ import annotations

import json
from contextlib import suppress

from fuzzing.written import file_of

from archive.annotations.annotation import Annotation, FrameKey, KeyImage, Kind, Layer
from archive.annotations.edit_json import edit_from_json, edit_to_json
from archive.annotations.edits import (
    DeleteAnnotation,
    DeleteCurve,
    DeleteKeyImage,
    DeleteLayer,
    PutAnnotation,
    PutCurve,
    PutKeyImage,
    PutLayer,
)
from archive.annotations.replay import Replay
from archive.annotations.space_curve import SpaceCurve
from archive.errors import NoctisError
from archive.storage import annotation_ledger

_FRAME = FrameKey("1.2", "1.3", "1.4", 2)
_UID = "12345678-1234-4234-8234-123456789abc"


def seeds():
    """Give every kind of edit as the ledger has it."""
    drawn = Annotation(_UID, _FRAME, Kind.LENGTH, ((0.0, 0.5), (1.0, 2.0)), "text", "layer", "me", 1.0, 2.0)
    for edit in (
        PutAnnotation(drawn),
        DeleteAnnotation("1.2", _UID),
        PutLayer("1.2", Layer("layer", 3)),
        DeleteLayer("1.2", "layer"),
        PutKeyImage(KeyImage(_FRAME, "me", 1.0, "text")),
        DeleteKeyImage(_FRAME),
        PutCurve(SpaceCurve(_UID, "1.2", "1.3", "1.5", ((0.0, -1.5, 2.0), (3.0, 4.0, 5.0)), "name")),
        DeleteCurve("1.2", _UID),
    ):
        yield json.dumps(edit_to_json(edit)).encode()
    yield b'{"put": "annotation"}\n' * 3
    yield b"[" * 300


def check(data):
    """Read it as both; fail when anything but a sentence comes, or when it does not come back the same."""
    with suppress(ValueError, RecursionError):
        value = json.loads(data)
        with suppress(NoctisError):
            edit = edit_from_json(value)
            assert edit_from_json(json.loads(json.dumps(edit_to_json(edit)))) == edit
    path = file_of(data, "ledger")
    kept = Replay(annotation_ledger.read(path)).kept()
    size = annotation_ledger.append(path, kept, durable=False)
    assert size == len(data)
    assert Replay(annotation_ledger.read(path)).kept() == kept
