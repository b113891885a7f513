"""Random keys, sizes, fonts and stops in real terminals leave no artefact; `benchmarks/soak.py` goes on."""

from __future__ import annotations

import pytest
from conftest import require_program
from hypothesis import Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from restless_plans import Restless
from restless_reader import Reader, carry_out, write_study
from terminals import PROGRAMS

pytestmark = pytest.mark.terminal

ONE_SEQUENCE = settings(
    max_examples=2,  # the first is the simplest, and is left out
    stateful_step_count=10,
    database=None,
    deadline=None,
    phases=[Phase.generate],
)


@pytest.mark.parametrize(("kind", "number"), [("xterm", 71), ("kitty", 58)])
def test_the_last_screen_is_a_fresh_rendering(kind, number, tmp_path):
    require_program(kind, *PROGRAMS)
    study = write_study(tmp_path / "study")
    done = []

    class Machine(Restless):
        def act(self, plan):
            reader = Reader(kind, study, tmp_path / "home", tmp_path / "evidence")
            carry_out(reader, plan)
            done.extend(reader.done)

    # A number whose sequence has dialogs, messages, sizes, fonts and stops.
    run_state_machine_as_test(seed(number)(Machine), settings=ONE_SEQUENCE)
    assert len(done) > 10


@pytest.mark.parametrize("kind", ["xterm", "kitty"])
def test_everything_is_there_again_after_the_programme_was_stopped(kind, tmp_path):
    require_program(kind, *PROGRAMS)
    reader = Reader(kind, write_study(tmp_path / "study"), tmp_path / "home")
    carry_out(reader, [["stop", "\x1b[2J\x1b[H$ fg\r\n"]])
