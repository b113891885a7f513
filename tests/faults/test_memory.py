"""What the receiver takes of memory, as the kernel counts it; `benchmarks/memory.py` does it at length."""

from __future__ import annotations

import kills
import load
import memory
import pytest

LARGE = 160 << 20


@pytest.fixture(scope="module")
def receiver(tmp_path_factory):
    archive = tmp_path_factory.mktemp("archive")
    (archive / "noctis.toml").write_text(kills.NO_RESERVE)
    with load.Receiver(archive) as process:
        yield process.ready()


def test_memory_is_flat_over_many_instances(receiver):
    samples = memory.over_many(receiver, 1_000, samples=5)
    assert samples[-1][0] == 1_000
    assert samples[-1][1] - samples[0][1] <= memory.ALLOWED_MB


@pytest.mark.parametrize("fragments", [False, True], ids=["native", "in fragments"])
def test_a_large_multi_frame_is_streamed(receiver, fragments):
    memory.added_by(receiver, 1 << 20, fragments=fragments)  # what the first instance loads stays
    added, _, _ = memory.added_by(receiver, LARGE, fragments=fragments)
    assert added <= memory.ALLOWED_MB
