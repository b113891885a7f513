"""Hostile and damaged files: a picture or a sentence, within limits of time and memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from limited_process import LimitedProcess

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS_SPACE = 2 << 30
PEAK_KIB = 160 << 10
"""Python, numpy and the codecs take 36 MiB, the largest of these images 14 more."""
GROWTH_KIB = 32 << 10


def all_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_every_broken_file_ends_in_a_picture_or_a_sentence(shared_data: Path):
    with LimitedProcess("broken_image:look_at", ADDRESS_SPACE) as process:
        for path in all_of(shared_data / "broken"):
            done = process.call(str(path))
            assert not done.failure, (path.name, done.failure)
            assert isinstance(done.answer, str)
            assert not done.answer or (done.answer.endswith(".") and len(done.answer) < 200), path.name
            assert done.peak_kib < PEAK_KIB, path.name


def test_looking_at_broken_files_again_takes_no_more_memory(shared_data: Path):
    small = [path for path in all_of(shared_data / "broken") if path.stat().st_size < 100_000]
    with LimitedProcess("broken_image:look_at", ADDRESS_SPACE) as process:
        first = [process.call(str(path)).peak_kib for path in small][-1]
        again = [process.call(str(path)).peak_kib for _ in range(3) for path in small][-1]
    assert again - first < GROWTH_KIB


@pytest.mark.parametrize(("work", "failure"), [("time:sleep", "too long"), ("os:_exit", "died")])
def test_the_limits_bite(monkeypatch: pytest.MonkeyPatch, work: str, failure: str):
    monkeypatch.setattr("limited_process.SECONDS_A_FILE", 1)
    with LimitedProcess(work) as process:
        assert failure in process.call(30).failure
        assert failure in process.call(31).failure  # by another process


def test_memory_beyond_the_limit_is_not_to_be_had():
    with LimitedProcess("builtins:bytearray", 1 << 30) as process:
        assert "died" in process.call(2 << 30).failure
