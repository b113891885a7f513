import subprocess
import sys
import zipfile

import numpy as np
import pytest
from conftest import REPOSITORY, require_program
from terminals import PROGRAMS, Terminal
from viewing import files_in

from noctis_tui.graphics.canvas import font_px
from noctis_tui.graphics.flattening import flatten
from noctis_tui.graphics.labels import draw_labels
from noctis_tui.reading.frame_reading import read_frame
from noctis_tui.reading.overlay import Whereabouts
from noctis_tui.reading.rendering import render
from noctis_tui.reading.viewport import ViewState

TOLERANCE = {"xterm": 9, "kitty": 1}
"""As in the tests of graphics: a dither step of 64 greys, half a percent in sixel."""


def _noctis(*words):
    return [sys.executable, "-m", "noctis_tui", *map(str, words)]


def _run(*words):
    return subprocess.run(_noctis(*words), capture_output=True, text=True, timeout=60, check=False)


def _viewing(kind, *words, columns=80, rows=24):
    return Terminal(kind, _noctis(*words), columns, rows, environment={"PYTHONPATH": str(REPOSITORY)})


@pytest.mark.parametrize("what", ["missing", "empty folder", "text file", "folder of texts"])
def test_nothing_to_read_is_one_sentence_and_exit_2(tmp_path, what):
    place = tmp_path / "place"
    if what == "text file":
        place.write_text("no DICOM")
    elif what != "missing":
        place.mkdir()
    if what == "folder of texts":
        for number in range(20):
            (place / f"{number}.txt").write_text("no DICOM" * number)
    done = _run("view", place)
    assert done.returncode == 2
    assert done.stderr.startswith("noctis: There is no ")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_a_hostile_path_is_made_visible(tmp_path):
    done = _run("view", tmp_path / "\x1b]0;evil\x07")
    assert done.returncode == 2
    assert "\x1b" not in done.stderr
    assert "\x07" not in done.stderr


def _reference(terminal, file, whereabouts, view):
    width, height = terminal.cell_px
    size = terminal.columns * width, (terminal.rows - 2) * height
    picture = render(read_frame(file), view, *size, whereabouts=whereabouts, line_px=height)
    return flatten(draw_labels(picture, font_px(height))).astype(int)


def _shows(terminal, wanted):
    first = terminal.cell_px[1]

    def holds(pixels):
        seen = pixels[first : first + wanted.shape[0], : wanted.shape[1]].astype(int)
        return seen.shape == wanted.shape and np.abs(seen - wanted).max() <= TOLERANCE[terminal.kind]

    return holds


@pytest.mark.terminal
@pytest.mark.parametrize("kind", ["xterm", "kitty"])
def test_a_folder_is_read_in_a_real_terminal(kind, shared_data):
    require_program(kind, *PROGRAMS)
    folder = shared_data / "volumes" / "ct_head_phantom_5mm"
    with _viewing(kind, "view", folder) as terminal:
        ordered = sorted(files_in(folder), key=lambda file: int(read_frame(file).caption.instance_number))
        spacing = 5.0
        first = Whereabouts(1, len(ordered), spacing)
        terminal.wait_until(_shows(terminal, _reference(terminal, ordered[0], first, ViewState())))
        terminal.press("j", "j", "r", "i")
        view = ViewState().rotated(1).with_inversion_toggled()
        third = Whereabouts(3, len(ordered), spacing)
        terminal.wait_until(_shows(terminal, _reference(terminal, ordered[2], third, view)))
        terminal.press("q")
        terminal.wait_until(lambda _: terminal.exit_status == 0)


@pytest.mark.terminal
def test_a_zip_file_is_read(tmp_path, shared_data):
    require_program("xterm", *PROGRAMS)
    file = files_in(shared_data / "volumes" / "ct_head_phantom_5mm")[3]
    path = tmp_path / "study.zip"
    with zipfile.ZipFile(path, "w") as written:
        written.write(file, file.name)
    with _viewing("xterm", "view", path) as terminal:
        wanted = _reference(terminal, file, Whereabouts(1, 1), ViewState())
        terminal.wait_until(_shows(terminal, wanted))
        terminal.press("q")
        terminal.wait_until(lambda _: terminal.exit_status == 0)


@pytest.mark.terminal
def test_a_zip_file_without_dicom_is_one_sentence(tmp_path):
    require_program("xterm", *PROGRAMS)
    path = tmp_path / "study.zip"
    with zipfile.ZipFile(path, "w") as written:
        written.writestr("readme.txt", "no DICOM")
    with _viewing("xterm", "view", path) as terminal:
        terminal.wait_until(lambda _: terminal.exit_status == 2)
