import pytest

from archive.dicom.readings import reading


@pytest.mark.parametrize(
    ("vr", "value", "read"),
    [
        ("DA", "20240531", "2024-05-31"),
        ("DA", "2024.05.31", "2024-05-31"),
        ("DA", "20241340", ""),
        ("DA", "20240101\\20240102", "2024-01-01 · 2024-01-02"),
        ("TM", "140531.25", "14:05:31.25"),
        ("TM", "1405", "14:05"),
        ("TM", "2561", ""),
        ("DT", "20240531140531.25+0200", "2024-05-31 14:05:31.25 UTC+02:00"),
        ("DT", "20240531", "2024-05-31"),
        ("PN", "Doe^Jane^M", "Doe, Jane M"),
        ("PN", "Doe", ""),
        ("AS", "054Y", "54 years"),
        ("AS", "001W", "1 week"),
        ("UI", "1.2.840.10008.1.2.1", "Explicit VR Little Endian"),
        ("UI", "1.2.840.10008.5.1.4.1.1.2", "CT Image Storage"),
        ("UI", "1.2.3\\1.2.840.10008.1.2", "1.2.3 · Implicit VR Little Endian"),
        ("UI", "not a uid", ""),
        ("AT", "(0010,0010)", "PatientName"),
        ("LO", "20240531", ""),
        ("DA", "", ""),
        ("DA", "\\".join(["20240531"] * 9), " · ".join(["2024-05-31"] * 8) + " …"),
    ],
)
def test_what_a_value_says(vr, value, read):
    assert reading(vr, value) == read


def test_a_hostile_value_is_not_read():
    assert reading("DA", "20240531\\" * 100_000) == ""
