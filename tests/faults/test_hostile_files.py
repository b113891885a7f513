"""Every broken and every odd file, opened as the viewer does: a picture, a card or a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from limited_process import LimitedProcess

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS_SPACE = 2 << 30
PEAK_KIB = 400 << 10
"""Python with every reader, scipy and nibabel takes about 150 MiB; the largest of these images the rest."""
LONGEST_SENTENCE = 300


@pytest.mark.parametrize("folder", ["broken", "single"])
def test_every_file_ends_in_a_picture_a_card_or_a_sentence(shared_data: Path, folder: str):
    found = []
    with LimitedProcess("opened_file:do_everything", ADDRESS_SPACE) as process:
        for path in sorted(path for path in (shared_data / folder).rglob("*") if path.is_file()):
            done = process.call(str(path))
            if done.failure or done.peak_kib > PEAK_KIB:
                found.append((path.name, done.failure, done.peak_kib))
                continue
            assert isinstance(done.answer, dict)
            found += [(path.name, name, said) for name, said in done.answer.items() if _is_wrong(said)]
    assert not found


def _is_wrong(said: str) -> bool:
    return said.startswith("!") or "\n" in said or len(said) > LONGEST_SENTENCE or "Traceback" in said
