"""What the reader of data sets refuses, said of an image."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from archive.errors import BadInput, CannotDecode, CannotRead, CannotUnderstand, NotAnImage, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def refusing() -> Iterator[None]:
    """Turn the errors of `archive.dicom` into those of an image; no file at all remains `NotFound`.

    Raises
    ------
    NotAnImage
        When it is not DICOM.
    CannotDecode
        When it is, but is damaged or passes a limit; or when the file cannot be read.
    """
    try:
        yield
    except NotFound:
        raise
    except (CannotUnderstand, CannotRead) as error:
        raise CannotDecode(str(error)) from error
    except BadInput as error:
        raise NotAnImage(str(error)) from error
