"""What the strict decoder refuses: a test that passes it says something."""

import numpy as np
import pytest
from sixel_reader import read_sixel

HEAD = b'\x1bP0;1;0q"1;1;2;3'
GOOD = HEAD + b"#0;2;0;0;0#1;2;100;50;0#0FF$#1?F\x1b\\"
BAD = {
    "a colour that is never defined": HEAD + b"#0;2;0;0;0#5FF\x1b\\",
    "a colour selected before it is defined": HEAD + b"#0FF#0;2;0;0;0\x1b\\",
    "a colour defined after painting began": HEAD + b"#0;2;0;0;0#0FF#1;2;9;9;9\x1b\\",
    "a colour defined twice": HEAD + b"#0;2;0;0;0#0;2;9;9;9#0FF\x1b\\",
    "no colour selected, a definition does not": HEAD + b"#0;2;0;0;0FF\x1b\\",
    "more than 100 percent": HEAD + b"#0;2;0;101;0#0FF\x1b\\",
    "too wide": HEAD + b"#0;2;0;0;0#0FFF\x1b\\",
    "too wide by a run": HEAD + b"#0;2;0;0;0#0!3F\x1b\\",
    "too high": HEAD + b"#0;2;0;0;0#0NN\x1b\\",
    "a band too many": HEAD + b"#0;2;0;0;0#0FF-@\x1b\\",
    "a pixel that nothing paints": HEAD + b"#0;2;0;0;0#0FB\x1b\\",
    "a raster that is larger than what is painted": b'\x1bP0;1;0q"1;1;2;4#0;2;0;0;0#0FF\x1b\\',
    "no raster": b"\x1bP0;1;0q#0;2;0;0;0#0FF\x1b\\",
    "pixels that are not square": b'\x1bP0;1;0q"2;1;2;3#0;2;0;0;0#0FF\x1b\\',
    "an opaque background": b'\x1bP0;0;0q"1;1;2;3#0;2;0;0;0#0FF\x1b\\',
    "no end": HEAD + b"#0;2;0;0;0#0FF",
    "bytes of something else": HEAD + b"#0;2;0;0;0#0F\nF\x1b\\",
}


def test_what_is_right_is_read():
    black, orange = (0, 0, 0), (255, 128, 0)
    assert (read_sixel(GOOD) == np.array([[black, orange]] * 3)).all()


def test_painting_twice_is_refused_where_asked():
    with pytest.raises(AssertionError, match="painted twice"):
        read_sixel(GOOD, once=True)


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_what_a_picky_terminal_shows_wrong_is_refused(data):
    with pytest.raises((AssertionError, KeyError)):
        read_sixel(data)
