import json
import os
import pty
import subprocess
import sys

import data_sets as ds
import pytest

from archive.local_archive import LocalArchive

NOCTIS = [sys.executable, "-m", "noctis_tui", "--archive"]


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "one").write_bytes(ds.part10(ds.smallest()))
    (folder / "cut\x1b[31m").write_bytes(ds.part10(ds.smallest())[:-2])
    return folder


@pytest.fixture
def noctis(tmp_path):
    root = tmp_path / "archive"
    with LocalArchive.open(root):
        (root / "noctis.toml").write_text("[storage]\nminimum_free_bytes = 0\nminimum_free_percent = 0.0\n")

    def run(*arguments, **options):
        command = [*NOCTIS, str(root), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)

    return run


def test_the_contract_as_json(noctis, source):
    ended = noctis("import", source, "--json")
    counts = json.loads(ended.stdout)
    assert list(counts) == ["imported", "duplicate", "variant", "skipped", "quarantined", "seconds"]
    assert (counts["imported"], counts["quarantined"], ended.returncode, ended.stderr) == (1, 1, 0, "")


def test_the_sentence_and_the_reasons(noctis, source):
    ended = noctis("import", source, "--explain")
    assert ended.stdout.startswith("1 imported, 0 duplicate, 0 variant, 0 skipped, 1 quarantined in ")
    assert "cut␛[31m: The data set is cut short" in ended.stderr


def test_wrong_usage_and_missing_paths(noctis, source):
    assert noctis("import").returncode == 2
    missing = noctis("import", source / "gone")
    assert (missing.returncode, missing.stdout) == (2, "")
    assert "There is no " in missing.stderr
    assert "Traceback" not in missing.stderr


def test_a_held_archive_is_busy(noctis, source, tmp_path):
    with LocalArchive.open(tmp_path / "archive") as archive, archive.hold("somebody else"):
        ended = noctis("import", source)
    assert ended.returncode == 75
    assert "somebody else" in ended.stderr


def test_a_running_receiver_imports(noctis, source, tmp_path):
    command = [
        sys.executable,
        "-m",
        "noctis_tui",
        "--archive",
        str(tmp_path / "archive"),
        "receive",
        "--port",
        "0",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as receiver:
        try:
            assert receiver.stdout.readline().startswith("READY ")
            ended = noctis("import", source, "--json")
        finally:
            receiver.terminate()
    assert json.loads(ended.stdout)["imported"] == 1


def test_progress_is_shown_on_a_terminal_and_nothing_hostile_with_it(source, tmp_path):
    ours, theirs = pty.openpty()
    command = [
        sys.executable,
        "-m",
        "noctis_tui",
        "--archive",
        str(tmp_path / "other"),
        "import",
        str(source),
    ]
    ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, text=True, timeout=60, check=False)
    os.close(theirs)
    shown = os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert "2 files" in shown
    assert "cut\x1b[31m" not in shown
    assert "1 imported" in ended.stdout
