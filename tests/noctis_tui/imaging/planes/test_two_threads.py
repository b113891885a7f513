"""Work in parts, by two threads."""

import threading

import pytest

from noctis_tui.imaging.planes.two_threads import share


def test_every_part_is_done_once():
    done = []
    share(done.append, range(100))
    assert sorted(done) == list(range(100))


def test_two_threads_work_when_parts_take_their_time():
    met = threading.Barrier(2, timeout=10)
    threads = set()

    def work(part):
        met.wait()
        threads.add(threading.get_ident())

    share(work, range(2))
    assert len(threads) == 2


def test_an_error_ends_the_work_and_reaches_who_asked():
    begun = []

    def work(part):
        begun.append(part)
        if part == 3:
            raise ValueError(part)

    with pytest.raises(ValueError, match="3"):
        share(work, range(1000))
    assert len(begun) < 1000


def test_a_busy_helper_holds_nobody_up():
    leave, entered = threading.Event(), threading.Barrier(3, timeout=10)

    def wait(part):
        entered.wait()
        assert leave.wait(10)

    busy = threading.Thread(target=share, args=(wait, range(2)))
    busy.start()
    entered.wait()
    done = []
    share(done.append, range(5))
    leave.set()
    busy.join()
    assert done == [0, 1, 2, 3, 4]
