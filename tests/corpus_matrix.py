"""Writes `docs/corpus.md`: every file of the corpus with the verdict on it.

Example: PYTHONPATH=. python tests/corpus_matrix.py ../shared/data > docs/corpus.md
"""

from __future__ import annotations

import sys
from collections import Counter
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING

from corpus_verdict import COLOR_TOLERANCE, DISPLAY_TOLERANCE, JPEG_XL_TOLERANCE, Verdict, judge
from limited_process import LimitedProcess

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_INTRODUCTION = f"""# The corpus, file by file

`tests/corpus_matrix.py` writes this page from a folder of real images beside the repository, which is no
part of it; `tests/docs/test_corpus_page.py` asserts where the folder is present that all verdicts still hold.

A file is **right** when the first, the middle and the last of its frames are what at least one independent
program makes of them: grey modality values exactly (float32), color within {COLOR_TOLERANCE} levels of 256,
JPEG XL within {JPEG_XL_TOLERANCE} of the JPEG that it recompresses (decoders differ in how they spread halved
chrominance); and when its display values through the file's own window or VOI LUT lie within
{DISPLAY_TOLERANCE} level of DCMTK's `dcm2pnm`, where that knows how (no functional groups, no floats).
Numbers are largest differences: of modality values in their own unit, of color in levels. "The uncompressed
original" is the same slice before it was compressed: what a lossy syntax lost. DCMTK's values stand only
where it does more than copy. **Refused** is followed by the sentence that a person reads on a card, with the
instance's attributes; reports, plans and documents have views of their own and are **shown** (structures,
segmentations and presentation states over the images that they refer to, too). Files of
`broken` are opened in a process with limits; `jpegll_bad.dcm` is right in that its stream says just that:
it was written with an overflow in predictor 6, which no decoder undoes unasked.
"""
_FOLDERS = ("single", "volumes", "broken")
_HEAD = (
    "| file | transfer syntax | pixels | largest difference | display | verdict |\n|---|---|---|---|---|---|"
)


def judge_within_limits(path: str, name: str) -> list[str]:
    """Judge one file for `LimitedProcess`, which speaks JSON."""
    return list(judge(Path(path), name))


def verdicts(corpus: Path, *folders: str, every: int = 1) -> Iterator[Verdict]:
    """Yield the verdict on every file in the order of the page, or on one in `every`."""
    with LimitedProcess("corpus_matrix:judge_within_limits") as process:
        for path in islice(files(corpus, *folders), 0, None, every):
            name = path.relative_to(corpus).as_posix()
            if not name.startswith("broken/"):
                yield judge(path, name)
                continue
            done = process.call(str(path), name)
            yield Verdict(*done.answer) if done.answer else Verdict(name, "", "", "", "", done.failure)


def files(corpus: Path, *folders: str) -> Iterator[Path]:
    """Yield the files that the page lists."""
    for folder in folders or _FOLDERS:
        paths = (path for path in (corpus / folder).rglob("*") if path.is_file())
        yield from sorted(paths, key=lambda path: (path.parent, path.name))


def page(rows: Iterable[Verdict]) -> str:
    """Return the page in Markdown, one table for each folder."""
    rows = list(rows)
    kinds = Counter(row.verdict.partition(":")[0].partition(";")[0] for row in rows)
    total = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    parts = [_INTRODUCTION, f"{len(rows)} files: {total}."]
    for folder, members in groupby(rows, key=lambda row: row.file.rpartition("/")[0]):
        parts += [f"\n## {folder}\n", _HEAD, *map(_line, members)]
    return "\n".join(parts) + "\n"


def _line(row: Verdict) -> str:
    cells = (row.file.rpartition("/")[2], *row[1:])
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def read_page(text: str) -> dict[str, str]:
    """Return each file's verdict as the page tells it."""
    told, folder = {}, ""
    for line in text.splitlines():
        if line.startswith("## "):
            folder = line.removeprefix("## ")
        elif folder and line.startswith("| ") and not line.startswith("| file |"):
            cells = line.strip("| ").split(" | ")
            told[f"{folder}/{cells[0]}"] = cells[-1]
    return told


if __name__ == "__main__":
    sys.stdout.write(page(verdicts(Path(sys.argv[1]).absolute())))
