import numpy as np

from noctis_tui.graphics.encoding.sixel import encode_sixel
from noctis_tui.graphics.picture import Picture
from noctis_tui.graphics.sixel.tmux import with_every_register


def test_no_register_before_the_last_stays_undefined():
    sixels = b'\x1bP0;1;0q"1;1;2;6#2;2;5;5;5#4;2;9;9;9#2~#4~\x1b\\'
    whole = with_every_register(sixels)
    definitions = b"#0;2;0;0;0#1;2;0;0;0#2;2;5;5;5#3;2;0;0;0#4;2;9;9;9"
    assert whole == b'\x1bP0;1;0q"1;1;2;6' + definitions + b"#2~#4~\x1b\\"


def test_our_own_pictures_are_understood():
    overlay = np.zeros((12, 8), np.uint8)
    overlay[0, 0] = 8
    sixels = encode_sixel(Picture(np.full((12, 8), 200, np.uint8), overlay))
    whole = with_every_register(sixels)
    assert len(whole) > len(sixels)
    assert with_every_register(whole) == whole
    assert whole.endswith(sixels[-20:])


def test_what_is_no_sixel_stays():
    assert with_every_register(b"text") == b"text"
