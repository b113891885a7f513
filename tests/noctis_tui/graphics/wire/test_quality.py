"""Which level a moving picture gets."""

import time

from hypothesis import given
from hypothesis import strategies as st

from noctis_tui.graphics.wire.link import Link
from noctis_tui.graphics.wire.quality import FRAME_SECONDS, GOOD_FRAME_SECONDS, Quality

MEGAPIXEL = 1_000_000
SIZES = {0: 430_000, 1: 250_000, 2: 150_000, 3: 60_000}
LOCAL = Link(0.001, 40e6, 0.0, 10)
FAR = Link(0.05, 1.25e6, 0.0, 10)


def seasoned(sizes=SIZES, seconds=0.005):
    quality = Quality(3)
    for level, size in sizes.items():
        quality.drawn(level, MEGAPIXEL, size, seconds)
    return quality


def test_a_fast_terminal_gets_everything_while_moving():
    assert seasoned().next_level(LOCAL, MEGAPIXEL) == 0


def test_what_is_never_sent_while_moving_is_not_chosen():
    quality = Quality(3, 2)
    assert quality.next_level(LOCAL, MEGAPIXEL) == 2
    quality.drawn(0, MEGAPIXEL, 430_000, 0.005)
    assert quality.next_level(LOCAL, MEGAPIXEL) == 2
    assert quality.next_level(Link(0.05, 1e4, 0.0, 9), MEGAPIXEL) == 3


def test_the_last_good_level_may_take_longer_than_finer_and_coarser_ones():
    between = (FRAME_SECONDS + GOOD_FRAME_SECONDS) / 2
    for good, chosen in ((None, 2), (0, 0), (1, 1), (2, 2)):
        quality = Quality(3, good=good)
        for level, seconds in enumerate((between, between, FRAME_SECONDS / 2)):
            for _ in range(30):
                quality.drawn(level, MEGAPIXEL, SIZES[level], seconds)
        assert quality.next_level(LOCAL, MEGAPIXEL) == chosen
    quality = Quality(3, good=1)
    for level, size in SIZES.items():
        quality.drawn(level, MEGAPIXEL, size, 0.005)
    assert quality.next_level(Link(0.001, SIZES[1] / between, 0.0, 10), MEGAPIXEL) == 1
    assert quality.next_level(Link(0.001, SIZES[2] / between, 0.0, 10), MEGAPIXEL) == 3


def test_a_slow_link_gets_what_it_carries_in_time():
    quality = seasoned()
    assert quality.next_level(FAR, MEGAPIXEL) == 3
    assert quality.next_level(FAR, MEGAPIXEL // 20) == 0
    assert quality.next_level(Link(0.05, 1e4, 0.0, 9), MEGAPIXEL) == 3


@given(rate=st.floats(1e4, 1e9), pixels=st.integers(1, 4 * MEGAPIXEL), sharing=st.integers(1, 9))
def test_the_finest_level_that_fits_is_taken(rate, pixels, sharing):
    level = seasoned(seconds=0.0).next_level(Link(0.05, rate, 0.0, 10), pixels, sharing)
    fits = [size * pixels / MEGAPIXEL / rate <= FRAME_SECONDS / sharing for size in SIZES.values()]
    assert level == (3 if True not in fits[:3] else fits.index(True))


def test_views_that_move_together_share_the_link():
    link = Link(0.001, 1.05 * SIZES[0] / FRAME_SECONDS, 0.0, 10)
    assert seasoned().next_level(link, MEGAPIXEL) == 0
    assert seasoned().next_level(link, MEGAPIXEL, sharing=4) == 3


def test_what_takes_long_to_draw_is_drawn_coarser():
    quality = Quality(2)
    quality.drawn(0, MEGAPIXEL, 1000, 0.2)
    quality.drawn(1, MEGAPIXEL, 1000, 0.01)
    assert quality.next_level(LOCAL, MEGAPIXEL) == 1


def test_what_took_long_once_is_tried_again():
    quality, now = Quality(2), time.monotonic()
    quality.drawn(0, MEGAPIXEL, 1000, 0.2, now - 20)
    quality.drawn(1, MEGAPIXEL, 1000, 0.01, now)
    assert quality.next_level(LOCAL, MEGAPIXEL) == 0


def test_what_every_picture_takes_is_no_reason_for_a_coarse_one():
    assert seasoned().next_level(Link(0.001, 40e6, 0.06, 10), MEGAPIXEL) == 0


def test_levels_that_were_never_seen_are_guessed_and_then_known():
    quality = seasoned({0: 430_000})
    link = Link(0.05, 112_000 / FRAME_SECONDS, 0.0, 10)
    assert quality.next_level(link, MEGAPIXEL) == 2
    quality.drawn(2, MEGAPIXEL, 150_000, 0.005)
    assert quality.next_level(link, MEGAPIXEL) == 3


def test_a_level_is_left_at_once_and_taken_again_with_a_margin():
    quality, just = seasoned(), SIZES[2] / FRAME_SECONDS
    assert quality.next_level(Link(0.05, just * 1.05, 0.0, 10), MEGAPIXEL) == 3 - 1
    assert quality.next_level(Link(0.05, just * 0.95, 0.0, 10), MEGAPIXEL) == 3
    assert quality.next_level(Link(0.05, just * 1.05, 0.0, 10), MEGAPIXEL) == 3
    assert quality.next_level(Link(0.05, just * 1.5, 0.0, 10), MEGAPIXEL) == 2


def test_content_that_grows_grows_at_every_level():
    quality = seasoned()
    link = Link(0.05, SIZES[2] / FRAME_SECONDS * 1.2, 0.0, 10)
    assert quality.next_level(link, MEGAPIXEL) == 2
    for _ in range(10):
        quality.drawn(3, MEGAPIXEL, 3 * SIZES[3], 0.005)
    assert quality.next_level(link, MEGAPIXEL) == 3


def test_before_anything_is_known_a_near_terminal_gets_everything_and_a_far_one_a_draft():
    assert Quality(3).next_level(Link(), MEGAPIXEL) == 0
    assert Quality(3, is_far=True).next_level(Link(), MEGAPIXEL) == 3
    assert Quality(3, is_far=True).next_level(Link(), 100 * 100) == 0


def test_a_level_that_takes_longer_than_promised_is_left_and_tried_again_later():
    quality = seasoned()
    assert quality.next_level(LOCAL, MEGAPIXEL) == 0
    for _ in range(3):
        quality.taken_in(0, 0.01, 0.09)
    assert quality.next_level(LOCAL, MEGAPIXEL) == 1
    forgetful = seasoned()
    for _ in range(3):
        forgetful.taken_in(0, 0.01, 0.09, now=time.monotonic() - 30)
    assert forgetful.next_level(LOCAL, MEGAPIXEL) == 0


def test_there_may_be_one_level_only():
    assert Quality(0).next_level(FAR, MEGAPIXEL) == 0


def test_empty_views_and_pictures_that_the_terminal_has_teach_nothing_wrong():
    quality = seasoned()
    quality.drawn(0, 0, 10, 0.1)
    assert quality.next_level(FAR, MEGAPIXEL) == 3
