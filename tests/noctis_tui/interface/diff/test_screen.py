"""Two studies side by side: what differs, in which instances, and what does not count."""

from __future__ import annotations

from contextlib import asynccontextmanager

import data_sets as ds
from interface_apps import BLOCKS, arrive, open_archive, running, screen_text, settled, worklist_app

from archive.comparing import Ignoring
from archive.comparing.sides import ref_of_file
from noctis_tui.interface.app import NoctisApp
from noctis_tui.interface.diff.screen import DiffScreen
from noctis_tui.interface.diff.sides import Side
from noctis_tui.preferences import Preferences


def instance(path, name=b"Doe^Jane", sop="1.2.3", number=b"1 ", code=b"alike"):
    inner = ds.item(ds.element(0x00080100, b"SH", code))
    sequence = ds.element(0x0040A730, b"SQ", ds.item() + ds.item(ds.element(0x0040A043, b"SQ", inner)))
    text = ds.element(0x00100010, b"PN", name) + ds.element(0x00200013, b"IS", number)
    path.write_bytes(ds.part10(ds.smallest(sop) + text + sequence, sop=sop))
    return path


@asynccontextmanager
async def comparing(lefts, rights, size=(120, 24)):
    sides = [
        Side(name, lambda files=files: [ref_of_file(file) for file in files])
        for name, files in (("before", lefts), ("after", rights))
    ]
    app = NoctisApp(None, BLOCKS, Preferences(), lambda: DiffScreen(*sides, Ignoring()))
    async with running(app, size) as pilot:
        await settled(pilot, lambda: not app.screen.said.startswith("comparing"))
        yield pilot, app.screen


async def test_only_what_differs_is_shown_until_everything_is_asked_for(tmp_path):
    files = instance(tmp_path / "a.dcm"), instance(tmp_path / "b.dcm", b"Roe^\x1b]0;x\x07", code=b"other")
    async with comparing(files[:1], files[1:]) as (pilot, screen):
        shown = screen_text(pilot.app)
        assert "2 differences" in shown
        assert "PatientName (0010,0010)" in shown
        assert "Roe^␛]0;x␇" in shown
        assert "InstanceNumber" not in shown
        assert "▾ ContentSequence" in shown
        assert "▾ Item 2" in shown
        assert "CodeValue (0008,0100)" in shown
        await pilot.press("a")
        await settled(pilot, lambda: "InstanceNumber" in screen_text(pilot.app))
        assert "SOPInstanceUID" in screen_text(pilot.app)
        await pilot.press("a")
        await settled(pilot, lambda: "InstanceNumber" not in screen_text(pilot.app))
        assert screen.place == 0


async def test_sequences_fold_and_the_search_finds(tmp_path):
    files = instance(tmp_path / "a.dcm"), instance(tmp_path / "b.dcm", b"Roe", code=b"other")
    async with comparing(files[:1], files[1:]) as (pilot, screen):
        await pilot.press("/", *"contents", "enter")
        assert screen.rows.row.path == "(0040,A730)"
        assert "1 match" in screen_text(pilot.app)
        await pilot.press("escape", "enter")
        assert "CodeValue" not in screen_text(pilot.app)
        assert "▸ ContentSequence" in screen_text(pilot.app)
        assert "1 differ" in screen_text(pilot.app)
        await pilot.press("enter", "/", *"other", "enter")
        assert screen.rows.row.path == "(0040,A730)[2](0040,A043)[1](0008,0100)"


async def test_what_does_not_count_is_hidden_and_shown(tmp_path):
    files = instance(tmp_path / "a.dcm"), instance(tmp_path / "b.dcm", sop="1.2.9")
    async with comparing(files[:1], files[1:]) as (pilot, _):
        assert "SOPInstanceUID" in screen_text(pilot.app)
        await pilot.press("u")
        assert "Nothing differs that counts." in screen_text(pilot.app)
        assert "not counted: uids" in screen_text(pilot.app)
        await pilot.press("i")
        assert "SOPInstanceUID" in screen_text(pilot.app)
        assert "does not count (uids)" in screen_text(pilot.app)


async def test_all_instances_together_and_one_pair_after_the_other(tmp_path):
    lefts = [instance(tmp_path / f"l{n}.dcm", b"Doe", f"1.{n}", str(n).encode()) for n in range(3)]
    rights = [instance(tmp_path / f"r{n}.dcm", b"Roe", f"2.{n}", str(n).encode()) for n in range(4)]
    async with comparing(lefts, rights) as (pilot, screen):
        assert "3 of 3 differ, 1 without a partner" in screen_text(pilot.app)
        assert "all instances" in screen_text(pilot.app)
        assert "≠ 3/3" in screen_text(pilot.app)
        await pilot.press("J")
        await settled(pilot, lambda: "instance 1/4" in screen_text(pilot.app))
        assert "matched by number" in screen_text(pilot.app)
        await pilot.press("J", "J", "J", "J")
        await settled(pilot, lambda: "only on the right" in screen_text(pilot.app))
        await pilot.press("K", "K", "K", "K", "K")
        await settled(pilot, lambda: "all instances" in screen_text(pilot.app))
        assert screen.place == -1


async def test_what_is_the_same_and_what_cannot_be_read_is_said(tmp_path):
    file = instance(tmp_path / "a.dcm")
    async with comparing([file], [file]) as (pilot, _):
        assert "No difference." in screen_text(pilot.app)
        await pilot.press("j", "enter", "G", "n", "a", "i")
    async with comparing([tmp_path / "gone.dcm"], [file]) as (pilot, _):
        assert "There is no such file." in screen_text(pilot.app)


async def test_two_marked_studies_are_compared_from_the_worklist(tmp_path):
    with open_archive(tmp_path / "a") as (archive, lease):
        arrive(archive, lease, 1, 2, 3)
        async with running(worklist_app(archive), (160, 24), toasts=True) as pilot:
            worklist = pilot.app.screen
            await settled(pilot, lambda: worklist.table.studies.total == 3)
            await pilot.press("D")
            await settled(pilot, lambda: "Mark two studies with Space" in screen_text(pilot.app))
            await pilot.press("space")
            await settled(pilot, lambda: "◆ 1 marked" in screen_text(pilot.app))
            await pilot.press("space", "D")
            await settled(pilot, lambda: isinstance(pilot.app.screen, DiffScreen))
            await settled(pilot, lambda: not pilot.app.screen.said)
            assert "PatientName" in screen_text(pilot.app)
            await pilot.press("q")
            await settled(pilot, lambda: pilot.app.screen is worklist)
            assert len(worklist.table.marked) == 2
            await pilot.press("g", "space", "U")
            await settled(pilot, lambda: "marked" not in screen_text(pilot.app))


async def test_one_mark_is_compared_with_the_study_under_the_cursor(tmp_path):
    with open_archive(tmp_path / "a") as (archive, lease):
        arrive(archive, lease, 1, 2)
        async with running(worklist_app(archive), (120, 24)) as pilot:
            await settled(pilot, lambda: pilot.app.screen.table.studies.total == 2)
            await pilot.press("space", "D")
            await settled(pilot, lambda: isinstance(pilot.app.screen, DiffScreen))
            await settled(pilot, lambda: "Patient, 00001" in screen_text(pilot.app))
