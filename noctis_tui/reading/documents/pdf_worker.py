"""The process that reads a PDF and answers one question about it: `count`, `picture N`."""

from __future__ import annotations

import resource
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pypdfium2

_MEMORY_BYTES = 1 << 30
_CPU_SECONDS = 15
_DOTS_PER_POINT = 150 / 72
_LONGEST_SIDE_PX = 2600
_REFUSED = 3


def main(question: str, page_index: int) -> None:
    """Answer on standard output; what pdfium refuses ends with a status and a word on standard error."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    import pypdfium2  # noqa: PLC0415 - within the limits

    try:
        document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
        if question == "count":
            sys.stdout.write(str(len(document)))
        else:
            _draw(document[page_index])
    except (pypdfium2.PdfiumError, IndexError) as error:
        sys.stderr.write(str(error).rstrip("."))
        sys.exit(_REFUSED)


def _draw(page: pypdfium2.PdfPage) -> None:
    width, height = page.get_size()
    scale = min(_DOTS_PER_POINT, _LONGEST_SIDE_PX / max(width, height, 1))
    picture = page.render(scale=scale).to_pil().convert("RGB")
    sys.stdout.buffer.write(f"{picture.width} {picture.height}\n".encode())
    sys.stdout.buffer.write(picture.tobytes())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0)
