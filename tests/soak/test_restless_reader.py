"""Random keys, sizes, fonts and stops in real terminals leave no artefact; `benchmarks/soak.py` goes on."""

from __future__ import annotations

import pytest
from conftest import require_program
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from restless_reader import Reader, Restless, carry_out, write_study
from terminals import PROGRAMS

pytestmark = pytest.mark.terminal


@pytest.mark.parametrize("kind", ["xterm", "kitty"])
def test_the_last_screen_is_a_fresh_rendering(kind, tmp_path):
    require_program(kind, *PROGRAMS)
    study = write_study(tmp_path / "study")

    class Machine(Restless):
        def act(self, plan):
            carry_out(Reader(kind, study, tmp_path / "home", tmp_path / "evidence"), plan)

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=2,
            stateful_step_count=20,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
        ),
    )
