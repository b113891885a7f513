"""Pictures that a file holds within or across its frames: a mosaic's slices, a slide's overview."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from archive.pixels.attributes import FrameAttributes
    from archive.pixels.frames import ImageFile


class DerivedFrames(Protocol):
    """Pictures made from the frames of a file; their frame indices count on from the file's own."""

    @property
    def count(self) -> int:
        """How many there are."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of each."""

    def stored_values(self, number: int) -> NDArray[Any]:
        """Return the stored values of one, counted from 0; errors as of `ImageFile.stored_values`."""

    def attributes(self, number: int) -> FrameAttributes:
        """Return what holds for one, counted from 0."""


def derived_frames(image: ImageFile) -> DerivedFrames | None:
    """Return what can be made of an image's frames; None for almost every image.

    Raises
    ------
    CannotDecode
        When its attributes nest deeper than any image needs.
    """
    if image.is_mosaic:
        from archive.pixels.mosaic import open_mosaic  # noqa: PLC0415 - few images are one

        return open_mosaic(image)
    if image.is_tiled:
        from archive.pixels.whole_slide import open_slide  # noqa: PLC0415 - few images are one

        return open_slide(image)
    return None


def attributes_of(image: ImageFile, derived: DerivedFrames | None, frame_index: int) -> FrameAttributes:
    """Return what holds for a frame, the file's own or, behind these, one that is made of them.

    The whole of a mosaic lies nowhere: its corner is that of no slice.

    Raises
    ------
    BadInput, CannotDecode
        As `ImageFile.frame_attributes`.
    """
    if derived is not None and frame_index >= image.frame_count:
        return derived.attributes(frame_index - image.frame_count)
    attributes = image.frame_attributes(frame_index)
    whole = derived is not None and image.is_mosaic
    return replace(attributes, image_position_patient=None) if whole else attributes


def shape_of(image: ImageFile, derived: DerivedFrames | None, frame_index: int) -> tuple[int, int]:
    """Return rows and columns of a frame, counted as `attributes_of` counts."""
    if derived is not None and frame_index >= image.frame_count:
        return derived.shape
    return image.attributes.rows, image.attributes.columns
