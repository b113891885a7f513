"""`noctis show` into pipes: the same picture as the viewer's, in each protocol."""

import base64
import io
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.data import get_testdata_file
from sixel_reader import read_sixel

CT = get_testdata_file("CT_small.dcm", download=False)


def show(*arguments, **environment):
    variables = {
        **os.environ,
        "NOCTIS_GRAPHICS": "",
        "COLORTERM": "truecolor",
        "COLUMNS": "80",
        "LINES": "24",
    }
    return subprocess.run(
        [sys.executable, "-m", "noctis_tui", "show", *map(str, arguments)],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        env={**variables, **environment},
        timeout=60,
        check=False,
    )


def picture(*arguments):
    """What kitty would show, exactly."""
    sent = show(*arguments, "--graphics", "kitty").stdout
    payload = b"".join(re.findall(rb"\x1b_G[^;]*;([^\x1b]*)\x1b\\", sent))
    return np.asarray(Image.open(io.BytesIO(base64.standard_b64decode(payload))).convert("RGB"))


def test_sixel_and_kitty_show_the_same_picture():
    exact = picture(CT, "--size", "300x200")
    sixel = read_sixel(show(CT, "--size", "300x200", "--graphics", "sixel").stdout.rstrip(b"\n"))
    assert sixel.shape == exact.shape == (200, 300, 3)
    assert np.abs(sixel.astype(int) - exact).max() <= 5
    assert len(np.unique(exact)) > 50


def test_cells_show_it_too():
    done = show(CT, "--size", "60x40", "--graphics", "blocks")
    lines = done.stdout.decode().splitlines()
    assert len(lines) == 20
    assert all(len(re.sub(r"\x1b\[[\d;]*m", "", line)) == 60 for line in lines)
    assert all(line.endswith("\x1b[0m") for line in lines)


def test_without_a_terminal_and_without_a_wish_there_are_plain_characters():
    done = show(CT, "--size", "80x80")
    lines = done.stdout.decode().splitlines()
    assert set("".join(lines)) == set(" ░▒▓█")
    assert len(lines) == 40
    assert max(map(len, lines)) <= 80
    assert done.stderr == b""


def test_plain_characters_are_denser_where_the_picture_is_brighter():
    lines = show(CT, "--size", "320x320").stdout.decode().splitlines()
    density = np.array([[" ░▒▓█".index(letter) for letter in line.ljust(80)] for line in lines])
    exact = picture(CT, "--size", "320x320")[..., 0].astype(float)
    cells = exact.reshape(40, 8, 80, 4).mean(axis=(1, 3))
    middle = np.s_[10:30, 20:60]  # the labels are only in the other one
    assert np.corrcoef(density[middle].ravel(), cells[middle].ravel())[0, 1] > 0.9


def test_the_environment_may_wish():
    assert show(CT, NOCTIS_GRAPHICS="sixel").stdout.startswith(b"\x1bP0;1;0q")


def test_the_window_is_the_one_asked_for():
    lung, bone = (picture(CT, "--size", "128x128", "--preset", name) for name in ("lung", "bone"))
    assert lung.mean() > bone.mean() + 10
    assert (picture(CT, "--size", "128x128", "--window", "-600", "1500") == lung).mean() > 0.9


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nothing-like-this"], "no file"),
        ([CT, "--frame", "7"], "no frame 7"),
        ([CT, "--preset", "spleen"], "no preset spleen"),
        ([CT, "--preset", "lung", "--window", "1", "2"], "not both"),
        ([CT, "--window", "40", "0"], "greater than 0"),
        ([CT, "--size", "0x10"], "not a size"),
    ],
)
def test_what_cannot_be_shown_is_said_in_a_sentence(arguments, sentence, tmp_path):
    done = show(*arguments, NOCTIS_ARCHIVE=str(tmp_path / "none"))
    assert done.returncode == 2
    assert sentence in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
    assert done.stdout == b""


def test_a_window_is_applied_by_the_files_own_function_as_render_does(tmp_path):
    ds = dcmread(CT)
    ds.WindowCenter, ds.WindowWidth, ds.VOILUTFunction = 0, 400, "SIGMOID"
    ds.save_as(tmp_path / "sigmoid.dcm")
    asked = ("--window", 40, 400, "--size", "600x600")
    linear, sigmoid = picture(CT, *asked), picture(tmp_path / "sigmoid.dcm", *asked)
    assert np.abs(linear.astype(int) - sigmoid).max() > 10
    rendered = [sys.executable, "-m", "noctis_tui", "render", *map(str, (tmp_path / "sigmoid.dcm", *asked))]
    subprocess.run([*rendered, "--out", tmp_path / "render.png"], check=True, timeout=60)
    middle = np.s_[200:400, 200:400]  # the labels differ: their size is the terminal's
    exact = np.asarray(Image.open(tmp_path / "render.png").convert("RGB"))
    assert (exact[middle] == sigmoid[middle]).all()
