"""What the objects are made from: annotations with what they measure, and the headers of their images."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archive.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pydicom.dataset import Dataset

    from archive.annotations.annotation import Annotation, FrameKey, KeyImage, Layer
    from archive.annotations.measurement import Measurement


@dataclass(frozen=True, slots=True)
class Measured:
    """An annotation and what it measures; None for text and arrows, and where the pixels cannot be read."""

    annotation: Annotation
    measurement: Measurement | None = None


def unsaid(_measurement: Measurement) -> str:
    """Write nothing beside a shape."""
    return ""


@dataclass(frozen=True, slots=True)
class Appearance:
    """How annotations look in other programs.

    Attributes
    ----------
    colors
        Color index of a layer -> RGB.
    words
        Returns what is written beside a shape about what it measures.
    """

    colors: Mapping[int, tuple[int, int, int]] = field(default_factory=dict)
    words: Callable[[Measurement], str] = unsaid


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that is known about one study's annotations.

    Attributes
    ----------
    measured, layers, key_images
        What readers left on the study.
    images
        SOP Instance UID -> the header of that image, without pixels, file meta included.
    """

    measured: Sequence[Measured]
    layers: Sequence[Layer]
    key_images: Sequence[KeyImage]
    images: Mapping[str, Dataset]

    def image(self, frame: FrameKey) -> Dataset:
        """Return the header of the image that a frame belongs to.

        Raises
        ------
        BadInput
            The archive does not hold it any more.
        """
        header = self.images.get(frame.sop_instance_uid)
        if header is None:
            raise BadInput(f"The archive holds no image {frame.sop_instance_uid} any more.")
        return header

    def referenced(self, frames: Sequence[FrameKey]) -> list[Dataset]:
        """Return the headers of several frames' images, each once, in the order of mention."""
        return [self.image(frame) for frame in {frame.sop_instance_uid: frame for frame in frames}.values()]
