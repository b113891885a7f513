"""PDF by pdfium, in a process of its own: what strangers send may crash it, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from archive.dicom.text import visible
from archive.errors import CannotDecode

if TYPE_CHECKING:
    from numpy.typing import NDArray

SECONDS = 20
LARGEST_BYTES = 64 << 20
_MISSING = "Pages of PDF are shown when pypdfium2 is there: pip install 'noctis-tui[documents]'."


def pdf_page_count(pdf: bytes) -> int:
    """Return how many pages there are.

    Raises
    ------
    CannotDecode
        pypdfium2 is not installed, or it cannot read the document.
    """
    return max(int(_asked(pdf, "count") or b"1"), 1)


def pdf_page_picture(pdf: bytes, page_index: int) -> NDArray[np.uint8]:
    """Return a page as RGB [rows, columns, 3], about 150 dots an inch; raises as `pdf_page_count`."""
    answer = _asked(pdf, "picture", str(page_index))
    head, _, pixels = answer.partition(b"\n")
    columns, rows = (int(part) for part in head.split())
    if len(pixels) != rows * columns * 3:
        raise CannotDecode("The page of the PDF was cut short while it was drawn.")
    return np.frombuffer(pixels, np.uint8).reshape(rows, columns, 3)


def _asked(pdf: bytes, *question: str) -> bytes:
    if find_spec("pypdfium2") is None:
        raise CannotDecode(_MISSING)
    if len(pdf) > LARGEST_BYTES:
        raise CannotDecode("The PDF is larger than can be shown.")
    command = [sys.executable, "-m", "noctis_tui.reading.documents.pdf_worker", *question]
    try:
        done = subprocess.run(command, input=pdf, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603 - our own module, the document goes through stdin
    except subprocess.TimeoutExpired as error:
        raise CannotDecode(f"The PDF could not be drawn within {SECONDS} seconds.") from error
    except OSError as error:
        raise CannotDecode("The program that reads PDF could not be started.") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().split("\n")[-1]
        because = visible(said, 120) if done.returncode == REFUSED else "it made its reader fail"
        raise CannotDecode(f"The PDF cannot be read: {because}.")
    return done.stdout


REFUSED = 3
"""How the worker ends when pdfium refuses a document."""
