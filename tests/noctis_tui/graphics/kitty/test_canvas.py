"""Kitty pictures against a model of the terminal: what is on its screen, what it keeps, what it is sent."""

import numpy as np
import pytest
from kitty_model import KittyModel
from kitty_views import CELL_PX, COLUMNS, IMAGE_BYTES, ROWS, Viewed, site_at, slice_of, wanted
from PIL import Image

from noctis_tui.graphics.canvas import font_px
from noctis_tui.graphics.canvases import canvas_for
from noctis_tui.graphics.kitty.canvas import KittyCanvas
from noctis_tui.graphics.kitty.layers import key_of
from noctis_tui.graphics.kitty.store import KittyStore
from noctis_tui.graphics.labels import draw_labels
from noctis_tui.graphics.picture import Label, Picture
from noctis_tui.graphics.site import CellBox
from noctis_tui.graphics.terminal.detection import TerminalGraphics


@pytest.mark.parametrize("is_color", [False, True])
def test_at_rest_every_pixel_is_the_reference(is_color):
    viewed, site = Viewed(), site_at(3, 2)
    picture = slice_of(1, site, is_color=is_color)
    viewed.show(picture, site)
    assert (viewed.seen(site) == wanted(picture)).all()


WRAPPING = b"\x1b[?2026h\x1b7\x1b8\x1b[?2026l\x1b[6n"


@pytest.mark.parametrize(("has_text", "most_bytes"), [(False, 100), (True, 160)])
def test_a_picture_shown_before_costs_a_hundred_bytes_and_its_text_sixty(has_text, most_bytes):
    viewed, site = Viewed(KittyStore(process_id=4194303)), site_at(11, 11)

    def shown(number):
        picture = slice_of(number, site)
        return picture if has_text else Picture(picture.pixels, picture.overlay)

    for number in range(6):
        viewed.show(shown(number), site)
    for number in (4, 3, 2, 1, 0, 1, 2, 5):
        cost = viewed.show(shown(number), site, level=2)
        assert cost + len(WRAPPING) <= most_bytes
        assert (viewed.seen(site) == wanted(shown(number))).all()


def test_a_mark_that_moves_is_sent_alone():
    viewed, site = Viewed(), site_at()
    whole = viewed.show(slice_of(1, site), site)
    for line in (20, 90, 200):
        cost = viewed.show(slice_of(1, site, line=line), site)
        assert cost < whole / 10
        assert (viewed.seen(site) == wanted(slice_of(1, site, line=line))).all()


def test_a_line_across_the_picture_is_freed_when_it_is_gone():
    viewed, site = Viewed(), site_at()
    viewed.show(slice_of(1, site), site)
    sizes = []
    for line in (20, 90, 200, None, None, None):
        viewed.show(slice_of(1, site, line=line), site)
        sizes.append(viewed.model.size_bytes)
    assert sizes[1] > 1.5 * IMAGE_BYTES
    assert sizes[-1] < 1.2 * IMAGE_BYTES


def test_pixels_of_another_shape_are_others():
    flat = np.zeros((4, 4), np.uint8)
    assert key_of(flat) != key_of(flat.reshape(2, 8))
    assert key_of(flat) == key_of(flat.copy())


def test_what_stands_there_already_is_nothing_to_send():
    viewed, site = Viewed(), site_at()
    viewed.show(slice_of(1, site), site, level=1)
    drawing = viewed.canvas.draw(slice_of(1, site), site, level=0)
    assert not viewed.canvas.show(drawing, site, again=False)


def test_text_that_stays_is_not_sent_with_what_changes():
    viewed, site = Viewed(), site_at()
    costs = []
    for number in range(2):
        plain = Picture(np.full(site.size_px[::-1], number, np.uint8), None, slice_of(number, site).labels)
        costs.append(viewed.show(plain, site))
    assert costs[1] < costs[0]
    (top_right,) = [sheet for sheet in viewed.canvas._shown.sheets if sheet.box.y == 0 and sheet.layer]
    assert not top_right.commands


@pytest.mark.parametrize("level", range(2, KittyCanvas.coarsest + 1))
def test_a_draft_is_near_the_picture_and_its_text_is_exact(level):
    viewed, site = Viewed(), site_at()
    width, height = site.size_px
    smooth = (np.add.outer(np.arange(height), np.arange(width)) // 3).astype(np.uint8)
    picture = Picture(smooth, None, (Label("Im: 12", "bottom-left"),))
    viewed.show(picture, site, level=level)
    labelled = draw_labels(picture, font_px(CELL_PX[1]))
    inked = labelled.overlay != 0
    assert (viewed.seen(site)[inked] == wanted(picture)[inked]).all()
    assert np.abs(viewed.seen(site).astype(int) - wanted(picture))[smooth < 250].mean() < 8


def test_an_enlarged_image_moves_in_its_own_pixels():
    site = site_at()
    width, height = site.size_px
    own = np.random.default_rng(1).integers(0, 256, (height // 2, width // 2), np.uint8)
    enlarged = np.asarray(Image.fromarray(own).resize((width, height), Image.Resampling.BILINEAR))
    picture = Picture(enlarged, native=lambda: own)
    viewed = Viewed()
    assert viewed.show(picture, site, level=1) < Viewed().show(picture, site, level=0) / 2
    assert np.abs(viewed.seen(site)[..., 0].astype(int) - enlarged).max() <= 1
    assert viewed.show(picture, site, level=0) > Viewed().show(picture, site, level=5)
    assert (viewed.seen(site)[..., 0] == enlarged).all()


def test_a_moving_picture_takes_a_tenth_and_is_exact_at_rest():
    site = site_at()
    own = np.random.default_rng(2).normal(120, 20, (96, 160)).clip(0, 255).astype(np.uint8)
    enlarged = np.asarray(Image.fromarray(own).resize(site.size_px, Image.Resampling.BICUBIC))
    picture = Picture(enlarged, native=lambda: own)
    viewed = Viewed()
    moving = viewed.show(picture, site, level=viewed.canvas.finest_moving)
    seen = viewed.seen(site)[..., 0].astype(float)
    assert 10 * np.log10(255**2 / np.mean((seen - enlarged) ** 2)) > 30
    assert viewed.show(picture, site, level=0) > 7 * moving
    assert (viewed.seen(site)[..., 0] == enlarged).all()
    assert viewed.show(picture, site, level=viewed.canvas.finest_moving) < 100
    assert (viewed.seen(site)[..., 0] == enlarged).all()


@pytest.mark.parametrize(("moving", "finest"), [("small", 2), ("exact", 1)])
def test_a_person_chooses_how_pictures_move(moving, finest):
    graphics = TerminalGraphics("kitty", 8, 16, 256, "asked for", moving=moving)
    assert canvas_for(graphics).finest_moving == finest


def test_each_level_takes_fewer_bytes():
    site = site_at()
    costs = [Viewed().show(slice_of(1, site), site, level=level) for level in range(KittyCanvas.coarsest + 1)]
    assert costs[0] == costs[1]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] < costs[0] / 4


def test_what_covers_the_view_is_left_out():
    viewed = Viewed()
    cover = CellBox(5, 3, 10, 4)
    site = site_at(covered=[cover])
    for level in (0, 2):
        viewed.show(slice_of(level, site), site, level=level)
        box = viewed.seen(site)[3 * 16 : 7 * 16, 5 * 8 : 15 * 8]
        assert (box == viewed.model.background).all()
    viewed.show(slice_of(0, site), site)
    outside = np.ones(viewed.seen(site).shape[:2], bool)
    outside[3 * 16 : 7 * 16, 5 * 8 : 15 * 8] = False
    assert (viewed.seen(site) == wanted(slice_of(0, site)))[outside].all()


def test_another_cover_takes_the_place_of_the_one_before():
    viewed, site = Viewed(), site_at(covered=[CellBox(5, 3, 10, 4)])
    drawing = viewed.canvas.draw(slice_of(1, site), site, level=0)
    for cover in ([CellBox(5, 3, 10, 4)], [CellBox(0, 6, COLUMNS, ROWS - 6)], []):
        now = site_at(covered=cover)
        for piece in viewed.canvas.show(drawing, now, again=True):
            viewed.model.read(piece)
        free = np.ones(viewed.seen(site).shape[:2], bool)
        for box in cover:
            free[box.y * 16 : (box.y + box.height) * 16, box.x * 8 : (box.x + box.width) * 8] = False
        assert ((viewed.seen(site) == wanted(slice_of(1, site))).all(axis=2) == free).all()


def test_nothing_is_bare_while_one_picture_replaces_another():
    viewed, site = Viewed(), site_at()
    viewed.show(slice_of(0, site), site, level=1)
    for number, level in enumerate((0, 0, 2, 3, 0), 1):
        drawing = viewed.canvas.draw(slice_of(number, site), site, level=level)
        content = b"".join(viewed.canvas.show(drawing, site, again=False))
        for command in content.replace(b"\x1b\\", b"\x1b\\\0").split(b"\0"):
            viewed.model.read(command)
            assert not (viewed.seen(site) == viewed.model.background).all(axis=2).any()


def test_the_terminal_keeps_a_bounded_number_of_images():
    store = KittyStore(limit_bytes=5 * IMAGE_BYTES, process_id=7)
    viewed, site = Viewed(store), site_at()
    sizes = []
    for number in range(60):
        viewed.show(slice_of(number, site), site, level=number % 3)
        sizes.append(viewed.model.size_bytes)
    assert max(sizes) <= 7 * IMAGE_BYTES
    assert len(viewed.model.images) < 200
    viewed.model.read(viewed.canvas.forget())
    assert viewed.model.size_bytes < 1000
    assert (viewed.model.screen() == viewed.model.background).all()


def test_a_picture_that_stops_halfway_leaves_the_one_before():
    viewed, site = Viewed(), site_at(columns=60, rows=20)
    viewed.model = KittyModel((60, 20), CELL_PX)
    viewed.show(slice_of(0, site), site)
    viewed.show(slice_of(1, site, line=20), site)
    drawing = viewed.canvas.draw(slice_of(2, site), site, level=0)
    pieces = viewed.canvas.show(drawing, site, again=False)
    assert len(pieces) > 2
    viewed.model.read(pieces[0])
    viewed.model.read(viewed.canvas.abandon())
    assert (viewed.seen(site) == wanted(slice_of(1, site, line=20))).all()
    assert viewed.canvas.show(drawing, site, again=True) is None
    for number in (2, 1, 2):
        viewed.show(slice_of(number, site), site)
        assert (viewed.seen(site) == wanted(slice_of(number, site))).all()


def sent_ahead(viewed, picture, site, *, level=0, key="key"):
    upload = viewed.canvas.draw_ahead(key, lambda _width, _height: picture, site, level=level)
    for piece in upload.pieces:
        viewed.model.read(piece)
    viewed.canvas.ended(upload, is_complete=True)
    return upload


def test_a_picture_sent_ahead_is_not_seen_until_it_is_asked_for_and_costs_nothing_then():
    viewed, site = Viewed(), site_at()
    viewed.show(slice_of(1, site), site)
    sent_ahead(viewed, slice_of(2, site), site)
    assert (viewed.seen(site) == wanted(slice_of(1, site))).all()
    assert viewed.show(slice_of(2, site), site, level=3) < 200
    assert (viewed.seen(site) == wanted(slice_of(2, site))).all()


def test_what_was_sent_ahead_is_not_rendered_again():
    viewed, site = Viewed(), site_at()
    sent_ahead(viewed, slice_of(2, site), site, key=2)

    def never(_width, _height):
        raise AssertionError

    assert not viewed.canvas.draw_ahead(2, never, site, level=0).pieces
    viewed.canvas.lost()
    assert sent_ahead(viewed, slice_of(2, site), site, key=2).pieces


def test_a_wrong_key_never_shows_a_wrong_picture():
    viewed, site = Viewed(), site_at()
    for number in (1, 2):
        sent_ahead(viewed, slice_of(number, site), site, key="the same")
    viewed.show(slice_of(2, site), site)
    assert (viewed.seen(site) == wanted(slice_of(2, site))).all()


def test_a_frame_that_is_not_loaded_yet_is_not_sent():
    viewed, site = Viewed(), site_at()
    assert viewed.canvas.draw_ahead(1, lambda _width, _height: None, site, level=0) is None


def test_what_is_sent_ahead_stops_halfway_and_leaves_nothing():
    viewed, site = Viewed(model=KittyModel((60, 20), CELL_PX)), site_at(columns=60, rows=20)
    viewed.show(slice_of(1, site), site)
    upload = viewed.canvas.draw_ahead(2, lambda _width, _height: slice_of(2, site), site, level=0)
    viewed.model.read(upload.pieces[0])
    viewed.model.read(viewed.canvas.ended(upload, is_complete=False))
    for number in (2, 1):
        viewed.show(slice_of(number, site), site)
        assert (viewed.seen(site) == wanted(slice_of(number, site))).all()


def test_a_terminal_that_lost_its_images_is_sent_them_again():
    viewed, site = Viewed(), site_at()
    drawing = viewed.canvas.draw(slice_of(1, site), site, level=0)
    for piece in viewed.canvas.show(drawing, site, again=False):
        viewed.model.read(piece)
    viewed.model = KittyModel((COLUMNS, ROWS), CELL_PX)
    viewed.canvas.lost()
    assert viewed.canvas.show(drawing, site, again=False) is None
    viewed.show(slice_of(1, site), site)
    assert (viewed.seen(site) == wanted(slice_of(1, site))).all()


def test_programs_and_processes_have_ids_of_their_own():
    ids = [
        KittyStore(process_id=process).take(b"k", 1, object(), None, keep=True).image_id for process in (7, 8)
    ]
    assert ids[0] != ids[1]
    assert all(0 < image_id < 1 << 32 for image_id in ids)
