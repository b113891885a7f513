from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import OutOfResources
from archive.storage.layout import Layout, instance_path, variant_path
from archive.storage.placement import Placement, Sealed
from archive.storage.spool import Spool


@pytest.fixture
def layout(tmp_path):
    layout = Layout(tmp_path / "archive")
    layout.create()
    return layout


@pytest.fixture
def placement(layout):
    with ThreadPoolExecutor(2) as threads:
        made = Placement(layout, threads, durable=True)
        yield made
        made.close()


def sealed(layout, data=b"x"):
    part = Spool(layout).create(b"")
    part.write(data)
    return Sealed(part.seal(), part.digest, part.file_size)


@given(st.text(), st.text(), st.text())
def test_no_text_of_a_peer_becomes_a_path(study, series, sop):
    allowed = set("0123456789abcdef/")
    path = instance_path(*[text.encode("utf-8", "replace").decode() for text in (study, series, sop)])
    assert set(path.removeprefix("instances/").removesuffix(".dcm")) <= allowed
    assert [len(part) for part in path.split("/")] == [9, 2, 32, 36]


def test_a_series_is_a_folder_and_a_variant_never_takes_the_first_place():
    one, two = instance_path("1", "2", "3"), instance_path("1", "2", "4")
    assert one.rpartition("/")[0] == two.rpartition("/")[0]
    assert instance_path("12", "3", "4") != instance_path("1", "23", "4")
    assert variant_path("1", "2", "3", bytes(16)).startswith("variants/")


def test_a_place_is_given_once(layout, placement):
    assert placement.place(sealed(layout, b"first"), "instances/aa/bb/c.dcm")
    assert not placement.place(sealed(layout, b"second"), "instances/aa/bb/c.dcm")
    placement.flush()
    assert (layout.root / "instances/aa/bb/c.dcm").read_bytes() == b"first"
    assert (layout.instances / "aa").stat().st_mode & 0o777 == 0o700


def test_only_what_was_placed_is_retracted(layout, placement):
    placement.place(sealed(layout, b"old"), "instances/aa/bb/old.dcm")
    placement._placed.clear()
    placement.place(sealed(layout, b"new"), "instances/aa/bb/new.dcm")
    placement.place(sealed(layout, b"other"), "instances/aa/bb/old.dcm")
    placement.retract()
    assert [path.name for path in (layout.instances / "aa/bb").iterdir()] == ["old.dcm"]


@pytest.mark.parametrize("swapped", ["instances", "instances/aa", "instances/aa/bb"])
def test_nothing_is_written_through_a_symbolic_link(layout, placement, tmp_path, swapped):
    outside = tmp_path / "outside"
    outside.mkdir()
    target = layout.root / swapped
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        target.rmdir()
    target.symlink_to(outside)
    with pytest.raises(OutOfResources):
        placement.place(sealed(layout), "instances/aa/bb/c.dcm")
    assert not list(outside.rglob("*"))


def test_many_series_are_placed_and_synced_in_one_group(layout, placement):
    for number in range(300):
        assert placement.place(sealed(layout), f"instances/{number:02x}/{number}/x.dcm")
    placement.flush()
    assert len(list(layout.instances.rglob("x.dcm"))) == 300
