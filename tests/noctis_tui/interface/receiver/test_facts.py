"""What the receiver's screen says in words."""

from __future__ import annotations

import pytest

from archive.network.disk_forecast import DiskForecast
from noctis_tui.interface.receiver.facts import disk_words, factor_name

GB = 10**9


@pytest.mark.parametrize(
    ("disk", "words", "style"),
    [
        (None, "cannot be asked", "error"),
        (DiskForecast(GB // 2, 100 * GB, GB, 5.0), "images are refused", "error"),
        (DiskForecast(50 * GB, 100 * GB, GB, None), "a forecast comes after an hour", "foreground"),
        (DiskForecast(50 * GB, 100 * GB, GB, 0.0), "nothing has come for two weeks", "foreground"),
        (DiskForecast(11 * GB, 100 * GB, GB, 10 * GB), "images fit for 24 hours", "error"),
        (DiskForecast(61 * GB, 100 * GB, GB, 10 * GB), "images fit for 6 days", "warning"),
        (DiskForecast(61 * GB, 100 * GB, GB, GB), "images fit for 60 days", "foreground"),
        (DiskForecast(61 * GB, 100 * GB, GB, 1.0), "more than a year", "foreground"),
    ],
)
def test_the_disk_is_forecast_in_words(disk, words, style):
    said, colour = disk_words(disk)
    assert words in said
    assert colour == style


@pytest.mark.parametrize(
    ("factor", "name"),
    [
        ("calling_ae_title", "calling AE title"),
        ("sop_class", "SOP class"),
        ("A700", "no room or failing disk (A700)"),
        ("evil\x1b[31m", "evil␛[31m"),
    ],
)
def test_factors_have_names(factor, name):
    assert factor_name(factor) == name
