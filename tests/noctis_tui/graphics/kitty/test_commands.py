import base64
import io
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from noctis_tui.graphics.flattening import flatten
from noctis_tui.graphics.kitty import commands as kitty
from noctis_tui.graphics.labels import draw_labels
from noctis_tui.graphics.picture import OVERLAY_COLORS, Label, Picture

sides = st.integers(1, 60)


def commands(data):
    """Control keys and payload of each graphics command; nothing else may be between them."""
    found = re.findall(rb"\x1b_G([^;\x1b]*)(?:;([^\x1b]*))?\x1b\\", data)
    assert (
        b"".join(b"\x1b_G%b%b\x1b\\" % (keys, b";" + load if load else b"") for keys, load in found) == data
    )
    return [(dict(pair.split(b"=") for pair in keys.split(b",")), payload) for keys, payload in found]


def picture_of(data):
    sent = commands(data)
    assert all(len(payload) <= kitty.CHUNK for _, payload in sent)
    assert [int(keys[b"m"]) for keys, _ in sent] == [1] * (len(sent) - 1) + [0]
    assert all(keys[b"q"] == b"2" for keys, _ in sent), "a reply would arrive as keys"
    content = base64.standard_b64decode(b"".join(payload for _, payload in sent))
    image = Image.open(io.BytesIO(content))
    return np.asarray(image.convert("RGB") if image.mode == "P" else image)


@given(arrays(np.uint8, st.tuples(sides, sides)))
@settings(max_examples=80, deadline=None)
def test_greys_arrive_exactly(pixels):
    assert (picture_of(kitty.transmit(7, Picture(pixels))) == pixels).all()


@given(arrays(np.uint8, st.tuples(sides, sides, st.just(3))))
@settings(max_examples=80, deadline=None)
def test_colors_arrive_exactly(pixels):
    assert (picture_of(kitty.transmit(7, Picture(pixels))) == pixels).all()


@given(arrays(np.uint8, st.tuples(sides, sides)), st.data())
@settings(max_examples=40, deadline=None)
def test_overlay_over_exact_greys(pixels, data):
    overlay = data.draw(arrays(np.uint8, pixels.shape, elements=st.integers(0, len(OVERLAY_COLORS))))
    shown = picture_of(kitty.transmit(7, Picture(pixels, overlay)))
    if shown.ndim == 2:
        shown = np.repeat(shown[..., None], 3, axis=2)
    wanted = np.where(
        overlay[..., None] > 0, np.array([(0, 0, 0), *OVERLAY_COLORS])[overlay], pixels[..., None]
    )
    assert (shown == wanted).all()


def test_a_large_picture_is_sent_in_chunks():
    pixels = np.random.default_rng(1).integers(0, 256, (300, 300), np.uint8)
    sent = commands(kitty.transmit(9, Picture(pixels)))
    assert len(sent) > 10
    assert sent[0][0][b"i"] == b"9"


@pytest.mark.parametrize(
    "command",
    [
        kitty.place(3, 2, source_px=(0, 1, 2, 3), cells=(4, 5), layer=1),
        kitty.hide(3, 2),
        kitty.shrink(3),
        kitty.hide_all(3),
    ],
)
def test_commands_name_their_image_and_ask_for_no_reply(command):
    (keys, payload), *more = commands(command)
    assert not more
    assert payload in {b"", b"AAAAAA=="}
    assert keys[b"i"] == b"3"
    assert keys.get(b"q") == b"2" or keys[b"a"] == b"d", "only deletions are never answered"


def test_the_cursor_stays_at_a_placement():
    ((keys, _),) = commands(kitty.place(3, 2, source_px=(0, 1, 2, 3), cells=(4, 5), layer=1))
    assert keys[b"C"] == b"1"


def test_labels_cover_what_is_below_them_by_text_and_outline():
    picture = Picture(np.full((60, 200), 200, np.uint8), None, (Label("WW 400", "top-left", 1),))
    shown = flatten(draw_labels(picture, 20))
    assert (shown[:40, :120] == OVERLAY_COLORS[0]).all(axis=2).sum() > 100
    assert (shown[:40, :120] == 0).all(axis=2).sum() > 100
    assert (shown[45:, 150:] == 200).all()
