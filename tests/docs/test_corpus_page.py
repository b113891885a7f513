"""What `docs/corpus.md` says of every file of the corpus still holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conftest import REPOSITORY, require_program
from corpus_matrix import files, read_page, verdicts

if TYPE_CHECKING:
    from pathlib import Path

PAGE = REPOSITORY / "docs" / "corpus.md"


def told() -> dict[str, str]:
    return read_page(PAGE.read_text())


def test_the_page_lists_every_file(shared_data: Path):
    present = {path.relative_to(shared_data).as_posix() for path in files(shared_data)}
    assert set(told()) == present


def test_nothing_is_wrong_or_dies():
    verdicts_told = set(told().values())
    assert verdicts_told
    assert not [v for v in verdicts_told if not v.startswith(("right", "refused: ", "shown; "))]


@pytest.mark.peer
@pytest.mark.parametrize(("folder", "every"), [("single", 1), ("volumes", 9), ("broken", 1)])
def test_every_verdict_still_holds(shared_data: Path, folder: str, every: int):
    require_program("dcm2pnm", "dcmdjpeg", "dcmdjpls", "dcmdrle", "dcml2pnm")
    pytest.importorskip("SimpleITK")
    expected = told()
    found = {verdict.file: verdict.verdict for verdict in verdicts(shared_data, folder, every=every)}
    assert {name: verdict for name, verdict in found.items() if verdict != expected[name]} == {}
