"""What is drawn before anybody asks for it."""

import numpy as np

from noctis_tui.graphics.canvas import Drawing
from noctis_tui.graphics.picture import Picture
from noctis_tui.graphics.site import CellBox, Site
from noctis_tui.graphics.wire.drafting import Drafting
from noctis_tui.graphics.wire.order import Ahead, Order

BOX = CellBox(0, 0, 10, 5)
SITE = Site(BOX, BOX, frozenset(), (8, 16))
ELSEWHERE = Site(BOX.moved(1, 0), BOX, frozenset(), (8, 16))


class Rendered:
    """A renderer that notes what it renders, and may do something meanwhile."""

    def __init__(self):
        self.keys = []
        self.meanwhile = lambda: None

    def of(self, key):
        def render(width, height):
            self.keys.append(key)
            self.meanwhile()
            return Picture(np.full((height, width), key, np.uint8))

        return render

    def order(self, key, number=1, **more):
        return Order(number, self.of(key), None, 0.0, key=key, **more)

    def ahead(self, key):
        return Ahead(key, self.of(key))


class Canvas:
    coarsest, finest_moving, good_moving, interleaves = 3, 0, 0, True

    def draw(self, picture, site, *, level, bytes_per_second=None):
        return Drawing(picture, site)


def shade(drawn):
    return int(drawn.drawing.picture.pixels[0, 0])


def foresee(drafting, ahead, site=SITE):
    return drafting.wish(ahead, site)(site, 2, None)


def test_what_was_foreseen_is_there_at_once_and_only_once():
    drafting, rendered = Drafting(Canvas()), Rendered()
    assert foresee(drafting, rendered.ahead(7)) is None
    drafting.put(rendered.order(7))
    drawn = drafting.take_foreseen(SITE)
    assert (shade(drawn), drawn.level, drawn.order.key) == (7, 2, 7)
    drafting.put(rendered.order(7))
    assert drafting.take_foreseen(SITE) is None
    assert shade(drafting.draw(SITE, 1)) == 7
    assert rendered.keys == [7, 7]


def test_anything_else_that_is_asked_for_makes_it_void():
    drafting, rendered = Drafting(Canvas()), Rendered()
    foresee(drafting, rendered.ahead(7))
    drafting.put(rendered.order(3))
    assert shade(drafting.draw(SITE, 1)) == 3
    drafting.put(rendered.order(7))
    assert drafting.take_foreseen(SITE) is None
    assert rendered.keys == [7, 3]


def test_for_another_site_or_the_rest_it_is_drawn_anew():
    drafting, rendered = Drafting(Canvas()), Rendered()
    foresee(drafting, rendered.ahead(7))
    drafting.put(rendered.order(7))
    assert drafting.take_foreseen(ELSEWHERE) is None
    assert drafting.draw(ELSEWHERE, 1).drawing.site == ELSEWHERE
    drafting.put(rendered.order(7, is_at_rest=True))
    assert drafting.take_foreseen(SITE) is None
    assert drafting.draw(SITE, 1).level == 0


def test_who_asks_while_it_is_drawn_gets_it_whatever_comes_after():
    drafting, rendered = Drafting(Canvas()), Rendered()

    def asked():
        rendered.meanwhile = lambda: None
        drafting.put(rendered.order(7, 1))
        assert drafting.adopts(SITE)
        drafting.put(rendered.order(8, 2))
        assert not drafting.adopts(SITE)

    rendered.meanwhile = asked
    drawn = foresee(drafting, rendered.ahead(7))
    assert (shade(drawn), drawn.order.number) == (7, 1)
    assert shade(drafting.draw(SITE, 1)) == 8
    assert rendered.keys == [7, 8]


def test_another_wish_of_the_reader_ends_a_drawing_that_nobody_asked_for():
    drafting, rendered = Drafting(Canvas()), Rendered()
    rendered.meanwhile = lambda: drafting.put(rendered.order(3))
    assert foresee(drafting, rendered.ahead(7)) is None
    drafting.put(rendered.order(7))
    assert drafting.take_foreseen(SITE) is None


def test_what_cannot_be_foreseen_is_drawn_for_who_asked():
    drafting, rendered = Drafting(Canvas()), Rendered()
    order = rendered.order(7)

    def broken(_width, _height):
        drafting.put(order)
        assert drafting.adopts(SITE)
        raise ValueError("not yet")

    drawn = foresee(drafting, Ahead(7, broken))
    assert (shade(drawn), drawn.order) == (7, order)


def test_nothing_is_foreseen_twice():
    drafting, rendered = Drafting(Canvas()), Rendered()
    foresee(drafting, rendered.ahead(7))
    assert drafting.wish(rendered.ahead(7), SITE) is None
    assert drafting.wish(rendered.ahead(8), SITE) is not None
