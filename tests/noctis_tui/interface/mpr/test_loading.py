import threading
import time

import pytest
from volume_phantoms import Grid, index_ramp, write_phases

from noctis_tui.interface.mpr.loading import Filled, NotLoaded, Planned, VolumeLoading
from noctis_tui.reading.volume_loading import LoadingOptions

GRID = Grid((6, 16, 16))


@pytest.fixture(scope="module")
def phases(tmp_path_factory):
    fields = [index_ramp(GRID, first=first) for first in (0, 100, 200)]
    return [path for phase in write_phases(tmp_path_factory.mktemp("4d"), GRID, fields) for path in phase]


def until(holds):
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def whole(posted):
    return [each.number for each in posted if isinstance(each, Filled) and each.part is each.volume]


def test_every_volume_is_loaded_the_wanted_one_first(phases):
    posted = []
    loading = VolumeLoading(phases, posted.append)
    loading.want(2)
    loading.start()
    until(lambda: len(whole(posted)) == 3)
    loading.close()
    assert isinstance(posted[0], Planned)
    assert whole(posted) == [2, 0, 1]
    assert loading.want(1) is not None


def test_what_has_no_room_is_loaded_again_when_it_is_asked_for(phases):
    posted = []
    size = 6 * 16 * 16 * 2
    loading = VolumeLoading(phases, posted.append, LoadingOptions(memory_limit_bytes=size))
    loading.start()
    until(lambda: whole(posted) == [0])
    assert loading.want(1) is None
    until(lambda: whole(posted) == [0, 1])
    assert loading.want(0) is None
    until(lambda: whole(posted) == [0, 1, 0])
    loading.close()


def test_closing_ends_the_thread_at_the_next_slice(phases):
    began, go = threading.Event(), threading.Event()

    def post(message):
        if isinstance(message, Planned):
            began.set()
            go.wait(30)

    loading = VolumeLoading(phases, post)
    loading.start()
    assert began.wait(30)
    (thread,) = (each for each in threading.enumerate() if each.name == "volumes")
    loading.close()
    go.set()
    thread.join(20)
    assert not thread.is_alive()


def test_what_cannot_be_read_is_said(tmp_path, phases):
    posted = []
    short = tmp_path / "short.dcm"
    short.write_bytes(phases[2].read_bytes()[:-100])
    loading = VolumeLoading([*phases[:2], short, *phases[3:6]], posted.append)
    loading.start()
    until(lambda: whole(posted) or any(isinstance(each, NotLoaded) for each in posted))
    loading.close()
    assert not whole(posted)
    assert [each.sentence for each in posted if isinstance(each, NotLoaded)]
