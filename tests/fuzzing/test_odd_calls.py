"""What the fuzzer found in the compiled loops of volumes, once each: refused, for good."""

from __future__ import annotations

import numpy as np
import pytest
from fuzzing.odd_calls import Guarded

from noctis_tui.imaging.curves import compiled_lines
from noctis_tui.imaging.planes import compiled_reslice
from noctis_tui.imaging.turning import compiled_turning
from noctis_tui.imaging.volume import Volume

STORED = np.arange(60, dtype=np.int16).reshape(3, 4, 5)
LARGEST = 2**63 - 1
REFUSED = r"belong together|voxels|fit together"


def calls(stored=STORED):
    """Return every compiled loop that takes a volume with all that it takes."""
    everything = (
        (compiled_turning.points, "values", (np.zeros((3, 2)), np.zeros(2), 0, 2)),
        (compiled_turning.points, "differences", (np.zeros((3, 2)), np.zeros((3, 2)), 0, 2)),
        (compiled_turning.points, "entries", (np.zeros((3, 2)), np.zeros(2), 0, 2, 1.0, 0.0, 0.0, 0.5, 1.0)),
        (
            compiled_lines.loops,
            "sample_lines",
            (np.zeros((1, 6)), np.zeros((1, 3), np.float32)),
        ),
        (
            compiled_reslice.loops,
            "sample",
            (np.zeros((1, 3)), np.zeros((2, 3)), 0, 0, np.zeros((2, 3), np.float32)),
        ),
        (compiled_reslice.projections, "project", (0, 0, np.zeros((4, 5), np.int16))),
        (compiled_turning.loops, "lay_slices", laying()),
    )
    if not all(module for module, _, _ in everything):
        pytest.skip("installed without a compiler")
    return [(getattr(module, name), (stored, *rest)) for module, name, rest in everything]


def laying(share=0.0):
    picture, starts = np.zeros((4, 5), np.float32), np.zeros((2, 3), np.int32)
    return picture, starts, np.full((2, 3), share, np.float32), None, None, 0, 0, 0, 4


def test_all_that_fits_is_done():
    for function, arguments in calls():
        function(*arguments)


def test_values_that_lie_between_the_machines_words_are_refused():
    guard = Guarded(STORED.shape, STORED.dtype, STORED.tobytes(), offset=1)
    for function, arguments in calls(guard.view):
        with pytest.raises(ValueError, match=REFUSED):
            function(*arguments)


def test_results_that_lie_between_the_machines_words_are_refused():
    for function, arguments in calls():
        place = max(place for place, each in enumerate(arguments) if isinstance(each, np.ndarray))
        result = arguments[place]
        guard = Guarded(result.shape, result.dtype, offset=1)
        odd = (*arguments[:place], guard.view, *arguments[place + 1 :])
        with pytest.raises(ValueError, match=REFUSED):
            function(*odd)
        assert guard.is_untouched_around()


def test_rows_beyond_the_last_number_are_refused():
    sample, arguments = calls()[4]
    stored, origins, steps, _, projection, out = arguments
    with pytest.raises(ValueError, match="voxels"):
        sample(stored, origins, steps, LARGEST, projection, out)


@pytest.mark.parametrize("share", [1.0, -1.0, 0.75, float("nan")])
def test_slices_nearer_to_another_pixel_are_refused(share):
    lay_slices, _ = calls()[-1]
    with pytest.raises(ValueError, match="belong together"):
        lay_slices(STORED, *laying(share))


def test_lines_without_points_have_no_values(monkeypatch):
    from noctis_tui.imaging.curves.line_sampling import values_on_lines

    monkeypatch.setattr(compiled_lines, "loops", None)
    assert values_on_lines(Volume(STORED, np.eye(4)), np.zeros((2, 3)), np.ones((2, 3)), 0).shape == (2, 0)
