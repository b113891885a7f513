from __future__ import annotations

import subprocess
import sys

import pytest

from archive.errors import BadInput
from archive.unfinished import _MARK, remove_abandoned
from noctis_tui.reading.placing import placed


def test_files_take_their_names_when_all_are_written(tmp_path):
    with placed((tmp_path / "a", tmp_path / "b")) as (a, b):
        a.write_text("1")
        b.mkdir()
        (b / "x").write_text("2")
        assert sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith(".")) == []
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "b", "x"]


def test_what_fails_leaves_nothing(tmp_path):
    def fail():
        with placed((tmp_path / "deep" / "a",)) as (a,):
            a.write_text("1")
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        fail()
    assert list((tmp_path / "deep").iterdir()) == []


@pytest.mark.parametrize("late", [False, True])
def test_nothing_is_written_over(tmp_path, late):
    def write():
        with placed((tmp_path / "a",)) as (a,):
            a.write_text("new")
            (tmp_path / "a").write_text("old")

    if not late:
        (tmp_path / "a").write_text("old")
    with pytest.raises(BadInput, match="already"):
        write()
    assert (tmp_path / "a").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_dangling_link_is_something(tmp_path):
    (tmp_path / "a").symlink_to(tmp_path / "nowhere")
    with pytest.raises(BadInput, match="already"), placed((tmp_path / "a",)):
        pass


def test_an_empty_folder_is_nothing(tmp_path):
    (tmp_path / "a").mkdir()
    with placed((tmp_path / "a",)) as (a,):
        a.write_text("1")
    assert (tmp_path / "a").read_text() == "1"


def test_what_a_killed_process_left_is_removed_and_nobody_elses(tmp_path):
    code = (
        "import sys, pathlib, time\n"
        "from noctis_tui.reading.placing import placed\n"
        f"with placed((pathlib.Path({str(tmp_path / 'a')!r}),)) as (a,):\n"
        "    a.write_text('half'); print('there', flush=True); time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as writer:
        writer.stdout.readline()
        remove_abandoned(tmp_path)
        assert len(list(tmp_path.iterdir())) == 1
        writer.kill()
        writer.wait()
    other = tmp_path / f"{_MARK}keep"
    other.mkdir()
    with placed((tmp_path / "b",)) as (b,):
        b.write_text("1")
        remove_abandoned(tmp_path)
        assert b.exists()
    assert {path.name for path in tmp_path.iterdir()} == {other.name, "b"}
