from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from archive.errors import BadInput, OutOfResources
from noctis_tui.reading import volume_memory
from noctis_tui.reading.volume_memory import allocate

INT16 = np.dtype(np.int16)


def test_what_fits_is_in_memory():
    values = allocate((2, 3, 4), INT16, 48)
    assert not isinstance(values, np.memmap)
    assert values.shape == (2, 3, 4)


def test_what_does_not_fit_is_mapped_from_a_file_without_a_name(tmp_path):
    values = allocate((2, 3, 4), INT16, 47, tmp_path)
    assert isinstance(values, np.memmap)
    values[1] = 7
    assert values.sum() == 84
    assert values.flags.c_contiguous
    assert list(tmp_path.iterdir()) == []


def test_more_voxels_than_any_series_has_are_refused():
    with pytest.raises(BadInput, match="more than can be kept"):
        allocate((65535, 65535, 65535), INT16, 1 << 62)


def test_a_full_disk_is_said_before_it_is_full(tmp_path, monkeypatch):
    monkeypatch.setattr(volume_memory, "_KEPT_FREE_BYTES", 1 << 62)
    with pytest.raises(OutOfResources, match="There is no room on the disk"):
        allocate((2, 3, 4), INT16, 1, tmp_path)


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(OutOfResources, match=r"A volume cannot be kept on the disk: No such file"):
        allocate((2, 3, 4), INT16, 1, tmp_path / "gone")


def test_no_descriptor_is_left_open(tmp_path):
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        allocate((2, 3, 4), INT16, 1, tmp_path)
    assert len(list(Path("/proc/self/fd").iterdir())) <= before
