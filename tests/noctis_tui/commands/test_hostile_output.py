"""No command writes a control, a bidirectional override or a traceback of what a file says of itself."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise

import pytest
from hostile_study import HOSTILE_TEXT, LONG_TEXT, MARK, hostile_files

from noctis_tui.interface.guard import HOSTILE

pytestmark = pytest.mark.filterwarnings("ignore")


class Study:
    """A hostile study in an archive, and the files that it came from."""

    def __init__(self, folder, text):
        self.files = hostile_files(folder, text)
        self.folder, self.archive = folder, folder / "archive"

    def noctis(self, *arguments, codes=(0,)):
        """Run a command; return what it wrote, which is safe to see."""
        command = [sys.executable, "-m", "noctis_tui", "--archive", str(self.archive), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, check=False)
        written = (done.stdout + done.stderr).decode()
        assert not _hostile_in(written)
        assert "Traceback" not in written
        assert "unexpectedly" not in written
        assert done.returncode in codes, written
        return done.stdout.decode()


def _hostile_in(written):
    """Return what no file may say; lines and columns are ours."""
    return HOSTILE.findall(written.replace("\r\n", "").translate({10: "", 9: ""}))


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    made = Study(tmp_path_factory.mktemp("hostile"), HOSTILE_TEXT)
    made.noctis("import", made.folder)
    return made


def test_lists(study):
    uid = json.loads(study.noctis("studies", "--json"))[0]["study_instance_uid"]
    study.noctis("studies")
    series = json.loads(study.noctis("series", uid, "--json"))
    study.noctis("series", uid)
    for each in series:
        study.noctis("instances", each["series_instance_uid"])


def test_elements(study):
    for file in study.files.values():
        study.noctis("tags", file)


def test_differences(study):
    files = list(study.files.values())
    for left, right in pairwise(files):
        study.noctis("diff", left, right, "--all", codes=(1,))
    study.noctis("diff", files[0], files[1], "--json", codes=(1,))
    study.noctis("tags", files[0], "--json")


def test_documents(study):
    for name in ("report", "state", "selection", "structures", "document"):
        written = study.noctis("show", study.files[name], "--graphics", "blocks")
        assert MARK in written


def test_pictures(study):
    study.noctis("render", study.files["image"], "--out", study.folder / "r.png")
    for name, more in (("a.png", ("--burn-in",)), ("a.gif", ()), ("a.nii", ()), ("out", ())):
        study.noctis("export", study.files["image"], "--out", study.folder / name, *more)
    study.noctis(
        "export", study.files["image"], "--out", study.folder / "a.foo", "--format", "nifti", codes=(2,)
    )


def test_measurements_and_annotations(study):
    uid = json.loads(study.noctis("studies", "--json"))[0]["study_instance_uid"]
    for shape in (("--length", "1,1", "9,9"), ("--probe", "3,3"), ("--roi", "ellipse", "2,2", "9,9")):
        flags = [part for part in shape if "," not in part]
        points = [part for part in shape if "," in part]
        note = HOSTILE_TEXT.replace("\0", "")[:200]
        study.noctis("measure", *flags, "--note", note, study.files["image"], *points)
    study.noctis("annotations", "load", uid)
    for form in ((), ("--json",), ("--csv",)):
        study.noctis("measure", "--list", *form, uid)
    study.noctis(
        "annotations",
        "save",
        uid,
        "--author",
        HOSTILE_TEXT[:60].replace("\\", ""),
        "--out",
        study.folder / "objects",
        codes=(0, 2),  # highdicom may refuse the images' headers, in a sentence
    )
    study.noctis("export", uid, "--out", study.folder / "table.csv")
    assert not _hostile_in((study.folder / "table.csv").read_text())


def test_texts_of_64_kilobytes_are_cut(tmp_path):
    study = Study(tmp_path, LONG_TEXT)
    study.noctis("import", study.folder)
    written = study.noctis("studies"), study.noctis("tags", study.files["image"])
    written += (
        study.noctis("show", study.files["report"], "--graphics", "blocks"),
        study.noctis("series", "1.2.3.1"),
    )
    assert max(len(line) for lines in written for line in lines.splitlines()) < 10_000
