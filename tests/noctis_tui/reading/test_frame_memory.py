"""The setting for decoded frames bounds the memory of the whole process, as far as frames go."""

from __future__ import annotations

import numpy as np
import pytest
from viewer_memory import ALLOWED_MB, AT_WORK, measured, write_clip, write_files

from noctis_tui.reading.frame_reading import read_frame

SETTING_MIB = 16


@pytest.mark.parametrize(("shape", "count"), [((512, 512), 160), ((64, 64), 10_000)])
def test_paging_through_a_series_holds_no_more_than_the_setting(tmp_path, shape, count):
    write_files(tmp_path, 1, (64, 64), 1)
    base, _ = measured(sorted(tmp_path.iterdir()), SETTING_MIB, 1)
    write_clip(tmp_path, 2, shape, count)
    peak, _ = measured([tmp_path / "2-1.dcm"], SETTING_MIB, 60)
    frame_mb = np.prod(shape) * (2 if len(shape) == 2 else 1) / 1e6
    assert count * frame_mb > 1.5 * (SETTING_MIB + ALLOWED_MB)  # else it would prove nothing
    assert peak - base < SETTING_MIB * 1.05 + AT_WORK * 2 * frame_mb + ALLOWED_MB


def test_a_frame_counts_what_is_kept_beside_its_pixels(shared_data):
    frame = read_frame(shared_data / "single" / "us_cine_palette_rle_10f.dcm")
    assert frame.size_bytes >= frame.stored_values.nbytes + 4096
