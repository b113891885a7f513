"""Pictures in real terminals, compared with what they should be, pixel by pixel."""

import sys
import time
from pathlib import Path

import kitty_frames
import numpy as np
import picture_app
import pytest
from conftest import REPOSITORY, require_program
from terminals import PROGRAMS, Terminal

from noctis_tui.graphics.canvas import font_px
from noctis_tui.graphics.flattening import flatten
from noctis_tui.graphics.labels import draw_labels

pytestmark = pytest.mark.terminal

TOLERANCE = {"xterm": 9, "kitty": 1}
"""Grey levels: one dither step of 64 greys and half a percent in sixel; rounding in a shader in kitty."""


@pytest.fixture(params=["xterm", "kitty"])
def kind(request):
    require_program(request.param, *PROGRAMS)
    return request.param


def running(kind, *, views="one", columns=60, rows=20):
    command = [sys.executable, str(Path(picture_app.__file__)), views]
    return Terminal(kind, command, columns, rows, environment={"PYTHONPATH": str(REPOSITORY)})


def reference(terminal, number=0, *, is_color=False, cells=None, line=0):
    """What the terminal should show for a view of that many cells (columns, rows)."""
    columns, rows = cells or (terminal.columns, terminal.rows - 1)
    width, height = terminal.cell_px
    picture = picture_app.picture(number, columns * width, rows * height, is_color=is_color, line=line)
    pixels = flatten(draw_labels(picture, font_px(height)))
    return pixels.astype(int)


def shows(terminal, wanted, *, at=(0, 0), where=None):
    """A test of a screenshot: the wanted pixels are there (where the mask is set)."""
    rows, columns = wanted.shape[:2]
    mask = np.ones((rows, columns), bool) if where is None else where

    def holds(pixels):
        seen = pixels[at[1] : at[1] + rows, at[0] : at[0] + columns].astype(int)
        return seen.shape == wanted.shape and np.abs(seen - wanted)[mask].max() <= TOLERANCE[terminal.kind]

    return holds


def test_a_picture_is_shown_and_stays(kind):
    with running(kind) as terminal:
        terminal.wait_until(shows(terminal, reference(terminal)))

        for _ in range(12):
            terminal.press("n")
        terminal.wait_until(shows(terminal, reference(terminal, 12)))

        terminal.press("d")
        terminal.wait_until(has_dialog)
        stays_beside_a_dialog(terminal)
        terminal.press("Escape")
        terminal.wait_until(shows(terminal, reference(terminal, 12)))

        terminal.press("o")
        terminal.wait_until(lambda pixels: share_of_blue(pixels) > 0.9)
        terminal.press("Escape")
        terminal.wait_until(shows(terminal, reference(terminal, 12)))

        terminal.press("h")
        terminal.wait_until(lambda pixels: is_plain(pixels[terminal.cell_px[1] : -2, :-2]))
        terminal.press("h")
        terminal.wait_until(shows(terminal, reference(terminal, 12)))

        toast_covers_while_the_picture_changes(terminal)

        terminal.resize(75, 24)
        terminal.wait_until(shows(terminal, reference(terminal, 13)))
        terminal.resize(50, 16)
        terminal.wait_until(shows(terminal, reference(terminal, 13)))

        terminal.press("q")
        assert exit_status(terminal) == 0
        terminal.wait_until(is_gone)


def stays_beside_a_dialog(terminal):
    """To the pixel, and when a smaller dialog takes the place of a larger one where that was, too."""
    wanted = reference(terminal, 12)
    for size in (picture_app.DIALOG_CELLS, picture_app.SMALLER_CELLS):
        dialog = box_px(terminal, *size)
        outside = np.ones(wanted.shape[:2], bool)
        outside[dialog] = False
        terminal.wait_until(
            lambda pixels, outside=outside, dialog=dialog: (
                shows(terminal, wanted, where=outside)(pixels) and share_of_blue(pixels[dialog]) > 0.9
            )
        )
        terminal.press("s")


def box_px(terminal, columns, rows):
    """Where a dialog of that size stands in the middle of the screen."""
    width, height = terminal.cell_px
    x, y = (terminal.columns - columns) // 2, (terminal.rows - rows) // 2
    return np.s_[y * height : (y + rows) * height, x * width : (x + columns) * width]


def test_pictures_that_were_sent_ahead_are_exact_the_way_there_and_back():
    require_program("kitty", *PROGRAMS)
    with running("kitty") as terminal:
        terminal.wait_until(shows(terminal, reference(terminal)))
        terminal.press("a")
        time.sleep(1.5)
        for number, key in [(1, "n"), (2, "n"), (3, "n"), (4, "n"), (3, "p"), (2, "p"), (3, "n")]:
            terminal.press(key)
            terminal.wait_until(shows(terminal, reference(terminal, number)))
        terminal.press("d")
        terminal.wait_until(has_dialog)
        terminal.press("Escape")
        terminal.wait_until(shows(terminal, reference(terminal, 3)))
        terminal.resize(50, 16)
        terminal.wait_until(shows(terminal, reference(terminal, 3)))
        terminal.press("q")
        assert exit_status(terminal) == 0
        terminal.wait_until(is_gone)


def test_kitty_is_never_bare_while_pictures_replace_each_other():
    require_program("kitty", *PROGRAMS)
    with running("kitty") as terminal:
        wanted = reference(terminal)
        terminal.wait_until(shows(terminal, wanted))
        height, width = wanted.shape[:2]
        y, x = np.mgrid[:height, :width]
        bright = ((y // 16 + x // 16) % 7 != 0) & (y > 80) & (y < height - 60)
        for keys in (["n"] * 12, ["p"] * 8, ["n", "p"] * 6):
            for key in keys:
                terminal.press(key)
                for _ in range(2):
                    bare = (terminal.screenshot()[:height, :width].max(axis=2) == 0)[bright].mean()
                    assert bare < 0.1  # a draft of few greys shows the darkest as black


def test_kitty_frees_what_the_limit_leaves_no_room_for():
    require_program("kitty", *PROGRAMS)
    script = [sys.executable, str(Path(kitty_frames.__file__))]
    with Terminal("kitty", ["sleep", "30"], 90, 30) as terminal:
        cell = [str(side) for side in terminal.cell_px]
    command = [*script, "100", "20", *cell]
    with Terminal("kitty", command, 90, 30, environment={"PYTHONPATH": str(REPOSITORY)}) as terminal:
        sizes = []
        while terminal.exit_status is None and len(sizes) < 600:
            sizes.append(terminal.resident_mib)
            time.sleep(0.1)
        assert terminal.exit_status == 0
    # A picture takes 1.4 MB there: 100 would be 140 if they stayed.
    assert max(sizes) - sizes[0] < 80


def toast_covers_while_the_picture_changes(terminal):
    wanted = reference(terminal, 13)
    width, height = terminal.cell_px
    outside = np.ones(wanted.shape[:2], bool)
    outside[-5 * height :, width * 10 :] = False

    terminal.press("t")
    terminal.wait_until(lambda pixels: not shows(terminal, reference(terminal, 12))(pixels))
    terminal.press("n")
    covered = terminal.wait_until(shows(terminal, wanted, where=outside))
    toast = covered[-4 * height : -2 * height, -20 * width : -4 * width].reshape(-1, 3)
    assert (toast == toast[0]).all(axis=1).mean() > 0.6, "the picture shows through the toast"
    terminal.wait_until(shows(terminal, wanted))


def test_a_line_moves_over_the_picture_and_below_a_dialog(kind):
    with running(kind) as terminal:
        terminal.wait_until(shows(terminal, reference(terminal)))
        for line in range(1, 6):
            terminal.press("m")
            terminal.wait_until(shows(terminal, reference(terminal, line=line)))
        terminal.press("d")
        terminal.wait_until(has_dialog)
        terminal.strike(*"mmmmm")
        outside = np.ones(reference(terminal).shape[:2], bool)
        outside[box_px(terminal, *picture_app.DIALOG_CELLS)] = False
        terminal.wait_until(shows(terminal, reference(terminal, line=10), where=outside))
        assert has_dialog(terminal.screenshot())
        terminal.press("Escape")
        terminal.wait_until(shows(terminal, reference(terminal, line=10)))


def test_what_xterm_forgets_is_sent_again_when_its_window_is_seen_again():
    """Of all sixel pictures xterm keeps 16, of which it gives up the topmost first."""
    require_program("xterm", *PROGRAMS)
    with running("xterm", views="four", columns=64, rows=21) as terminal:
        terminal.wait_until(shows_third(terminal, 0))
        for number in range(1, 6):
            terminal.press("n")
            terminal.wait_until(shows_third(terminal, number))
        before = terminal.settle()
        terminal.hide_and_show()
        terminal.wait_until(lambda pixels: (pixels == before).all())


def shows_third(terminal, number):
    return shows(terminal, reference(terminal, number + 2, cells=(32, 10)), at=(0, 10 * terminal.cell_px[1]))


@pytest.mark.parametrize("larger", [True, False])
def test_another_font_takes_another_picture(larger):
    require_program("xterm", *PROGRAMS)
    with running("xterm") as terminal:
        terminal.wait_until(shows(terminal, reference(terminal)))
        terminal.change_font(larger=larger)
        terminal.wait_until(shows(terminal, reference(terminal)))
        terminal.press("d")
        terminal.wait_until(has_dialog)
        terminal.press("Escape")
        terminal.wait_until(shows(terminal, reference(terminal)))


def test_four_pictures_at_once_and_none_after_a_crash(kind):
    with running(kind, views="four", columns=64, rows=21) as terminal:
        width, height = terminal.cell_px
        for place in range(4):
            wanted = reference(terminal, place, is_color=place == 3, cells=(32, 10))
            at = (place % 2 * 32 * width, place // 2 * 10 * height)
            is_dithered_color = place == 3 and kind == "xterm"
            terminal.wait_until(
                looks_like(wanted, at) if is_dithered_color else shows(terminal, wanted, at=at)
            )

        third = shows(terminal, reference(terminal, 2, cells=(32, 10)), at=(0, 10 * height))
        terminal.press("d")
        terminal.wait_until(has_dialog)
        terminal.press("Escape")
        terminal.wait_until(third)

        terminal.press("x")
        assert exit_status(terminal) == 1
        assert (terminal.settle()[-2 * height :].max(axis=2) < 40).mean() > 0.5
        assert not third(terminal.screenshot())


def share_of_blue(pixels):
    return (np.abs(pixels.astype(int) - picture_app.DIALOG_BACKGROUND).max(axis=2) <= 2).mean()


def has_dialog(pixels):
    """The dialog is there and whole."""
    rows, columns = np.nonzero(np.abs(pixels.astype(int) - picture_app.DIALOG_BACKGROUND).max(axis=2) <= 2)
    if not len(rows):
        return False
    box = pixels[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    return share_of_blue(box) > 0.9 and len(rows) > 5000


def looks_like(wanted, at):
    """Colours are dithered: means over small squares are compared."""
    rows, columns = (side // 8 * 8 for side in wanted.shape[:2])

    def means(pixels):
        return pixels[:rows, :columns].reshape(rows // 8, 8, columns // 8, 8, 3).mean(axis=(1, 3))

    def holds(pixels):
        seen = pixels[at[1] : at[1] + rows, at[0] : at[0] + columns].astype(float)
        return np.abs(means(seen) - means(wanted)).max() < 20

    return holds


def is_plain(pixels):
    return (pixels == pixels[0, 0]).all()


def is_gone(pixels):
    """Nothing but text on black."""
    return (pixels.max(axis=2) < 40).mean() > 0.9


def exit_status(terminal, within_seconds=15):
    end = time.monotonic() + within_seconds
    while terminal.exit_status is None and time.monotonic() < end:
        time.sleep(0.1)
    return terminal.exit_status
