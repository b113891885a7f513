"""Things that readers leave on images, for tests."""

from __future__ import annotations

import uuid
from dataclasses import replace

from arrivals import sent, spooled

from archive.annotations.annotation import Annotation, FrameKey, KeyImage, Kind, Layer
from archive.annotations.edits import PutAnnotation, PutCurve, PutKeyImage, PutLayer
from archive.annotations.space_curve import SpaceCurve
from archive.ingest import accept

STUDY = "1.2.3"
FRAME = FrameKey(STUDY, "1.2.3.1", "1.2.3.1.1", 1)
LINE = Annotation(
    "0f3c1c4e-6c2a-4f0e-9a59-3d1f3b7c2a11",
    FRAME,
    Kind.LENGTH,
    ((1.5, 2.25), (10.0, 0.1)),
    text="Zyste, gröber \x1b[31m",
    layer="Findings",
    author="reader",
    created_at=1_700_000_000.25,
    modified_at=1_700_000_001.5,
)
LAYER = Layer("Findings", 5, dashed=True, visible=False)
MARK = KeyImage(FRAME, "reader", 1_700_000_002.0, "worth showing")
CURVE = SpaceCurve(
    "6a1f5b1e-1c5d-4f5a-8b4e-2f0f7d6c9b22",
    STUDY,
    "1.2.3.1",
    "1.2.3.0",
    ((-12.5, 0.1, 1234.0), (3.0, -7.25, 1200.5), (8.0, 1e-3, 1150.0)),
    "Aorta, größer",
    rotation_degrees=-45.0,
    width_mm=62.5,
    author="reader",
    created_at=1_700_000_003.25,
    modified_at=1_700_000_004.5,
)
EVERYTHING = (PutAnnotation(LINE), PutLayer(STUDY, LAYER), PutKeyImage(MARK), PutCurve(CURVE))


def another(number: int = 1, **changes):
    """Return an annotation with a UID of its own."""
    return replace(LINE, uid=str(uuid.UUID(int=number)), created_at=1_700_000_100.0 + number, **changes)


def fill(archive, lease, study=STUDY):
    """Have the archive keep a study of one image that can be annotated by `FRAME`."""
    arrival = sent(study, f"{study}.1", f"{study}.1.1", PatientID=study)
    accept(archive, lease, [spooled(archive, arrival)])
