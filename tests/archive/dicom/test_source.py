from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from archive.dicom.source import HEAD_BYTES, Source, opened
from archive.errors import CannotRead

CONTENT = os.urandom(3 * HEAD_BYTES)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(CONTENT)
    return path


@pytest.mark.parametrize(
    "offset", [0, HEAD_BYTES - 5, HEAD_BYTES, 3 * HEAD_BYTES - 5, 3 * HEAD_BYTES, 1 << 40]
)
@pytest.mark.parametrize("length", [-1, 0, 10, 1 << 40])
def test_reading_by_position_is_slicing(file: Path, offset: int, length: int):
    expected = CONTENT[offset : offset + max(0, length)]
    assert Source.open(file).read(offset, length) == expected
    assert Source.of(memoryview(CONTENT)).read(offset, length) == expected


def test_the_whole_is_all_of_it(file: Path):
    assert bytes(Source.open(file).whole) == CONTENT
    assert Source.of(CONTENT).whole is CONTENT


def test_threads_share_a_source(file: Path):
    source = Source.open(file)
    with ThreadPoolExecutor(4) as pool:
        parts = pool.map(lambda offset: source.read(offset, 1000), range(0, len(CONTENT), 1000))
    assert b"".join(parts) == CONTENT


def test_a_closed_file_is_never_read_as_another(file: Path):
    with opened(file) as source:
        pass
    for offset in (0, HEAD_BYTES):
        with pytest.raises(CannotRead, match="closed"):
            source.read(offset, 10)
    with pytest.raises(CannotRead, match="closed"):
        _ = source.whole


def test_memory_stays():
    source = Source.of(CONTENT)
    source.close()
    assert source.read(0, 10) == CONTENT[:10]


def test_a_file_that_shrinks_ends_early(file: Path):
    source = Source.open(file)
    os.truncate(file, HEAD_BYTES + 10)
    assert source.read(HEAD_BYTES, 100) == CONTENT[HEAD_BYTES : HEAD_BYTES + 10]


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_the_file_closes_with_its_last_reader(file: Path):
    before = descriptors()
    source = Source.open(file)
    assert descriptors() == before + 1
    del source
    assert descriptors() == before
