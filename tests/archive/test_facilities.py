"""`noctis.toml` after an edit: the facility is there, and everything else is as a person left it."""

from __future__ import annotations

import difflib
import threading

import pytest

from archive.errors import BadInput, NotFound, OutOfResources
from archive.facilities import add_facility, facilities, remove_facility
from archive.facility import Facility
from archive.settings import read_settings

CT = Facility(
    name="CT",
    calling_ae_titles=("CT1", "CT2"),
    addresses=("10.1.2.0/24",),
    certificates=("ab" * 32,),
    operations=("echo", "store"),
    sop_classes=("1.2.840.10008.5.1.4.1.1.2",),
    maximum_associations=4,
    connections_per_minute=60,
    bytes_per_second=1_000_000,
    daily_quota_bytes=10**12,
)
WRITTEN = """# The archive of the ward.
[receiver]
port = 104  # as the modalities have it

# The old one, 2019.
[[facility]]
name = "US"  # Ultrasound
addresses = [
  "10.9.0.1",  # room 3
]

[storage]
strict_duplicates = true
"""


def test_what_was_added_is_what_is_read(tmp_path):
    assert facilities(tmp_path) == ()
    assert not add_facility(tmp_path / "new", CT)  # nobody receives there
    assert facilities(tmp_path / "new") == (CT,)
    assert (tmp_path / "new" / "noctis.toml").stat().st_mode & 0o777 == 0o600


def test_comments_and_layout_stay(tmp_path):
    path = tmp_path / "noctis.toml"
    path.write_text(WRITTEN)
    path.chmod(0o640)
    add_facility(tmp_path, CT)
    changes = difflib.ndiff(WRITTEN.splitlines(), path.read_text().splitlines())
    assert not [line for line in changes if line.startswith("- ")]
    assert [each.name for each in facilities(tmp_path)] == ["US", "CT"]
    assert read_settings(path).storage.strict_duplicates
    assert path.stat().st_mode & 0o777 == 0o640
    remove_facility(tmp_path, "CT")
    assert [line for line in path.read_text().splitlines() if line] == [
        line for line in WRITTEN.splitlines() if line
    ]


def test_the_last_one_leaves_no_table_behind(tmp_path):
    add_facility(tmp_path, CT)
    remove_facility(tmp_path, "CT")
    assert facilities(tmp_path) == ()
    assert "facility" not in (tmp_path / "noctis.toml").read_text()


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "site.toml").write_text(WRITTEN)
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "noctis.toml").symlink_to(tmp_path / "etc" / "site.toml")
    add_facility(tmp_path / "archive", CT)
    assert (tmp_path / "archive" / "noctis.toml").is_symlink()
    assert "CT2" in (tmp_path / "etc" / "site.toml").read_text()


@pytest.mark.parametrize(
    ("written", "change", "error"),
    [
        (WRITTEN, lambda root: add_facility(root, Facility(name="US")), BadInput),
        (WRITTEN, lambda root: remove_facility(root, "MR"), NotFound),
        ("[recever]\n", lambda root: add_facility(root, CT), BadInput),
        ("[receiver", lambda root: add_facility(root, CT), BadInput),
        ('facility = [{name = "a"}]\n', lambda root: add_facility(root, CT), BadInput),
    ],
)
def test_what_cannot_be_leaves_the_file_as_it_was(tmp_path, written, change, error):
    path = tmp_path / "noctis.toml"
    path.write_text(written)
    with pytest.raises(error):
        change(tmp_path)
    assert path.read_text() == written


def test_a_disk_that_takes_nothing_leaves_the_file_whole(tmp_path, monkeypatch):
    path = tmp_path / "noctis.toml"
    path.write_text(WRITTEN)

    def fail(_):
        raise OutOfResources("The archive's disk is full.")

    monkeypatch.setattr("archive.storage.edited_text.sync", fail)
    with pytest.raises(OutOfResources):
        add_facility(tmp_path, CT)
    assert path.read_text() == WRITTEN
    assert not list(tmp_path.glob("*.new"))


def test_edits_at_the_same_time_lose_nothing(tmp_path):
    names = [f"F{number}" for number in range(12)]
    edits = [threading.Thread(target=add_facility, args=(tmp_path, Facility(name=name))) for name in names]
    for edit in edits:
        edit.start()
    for edit in edits:
        edit.join()
    assert sorted(each.name for each in facilities(tmp_path)) == sorted(names)


def test_a_replaced_one_keeps_its_place_and_the_comments_of_what_stays(tmp_path):
    path = tmp_path / "noctis.toml"
    path.write_text(WRITTEN)
    add_facility(tmp_path, CT)
    wider = Facility(name="US", addresses=("10.9.0.1", "10.9.0.2"), maximum_associations=3)
    add_facility(tmp_path, wider, replace=True)
    assert facilities(tmp_path) == (wider, CT)
    text = path.read_text()
    assert 'name = "US"  # Ultrasound' in text
    assert "# The old one, 2019." in text
    add_facility(tmp_path, Facility(name="US"), replace=True)
    assert facilities(tmp_path) == (Facility(name="US"), CT)
    add_facility(tmp_path, Facility(name="MR"), replace=True)
    assert [each.name for each in facilities(tmp_path)] == ["US", "CT", "MR"]
    assert read_settings(path).storage.strict_duplicates
