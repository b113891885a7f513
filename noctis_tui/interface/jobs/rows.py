"""How a job reads in a row: what it is, how far it is, what has become of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from archive.dicom.text import visible
from archive.job import State
from noctis_tui.interface.path_text import path_text
from noctis_tui.interface.worklist.cells import fit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.job import Job

_NUMBER, _STATE, _KIND, _AGE = 4, 11, 8, 6
_BAR_LEAST, _BAR_MOST = 14, 40
_SUBJECT_MOST = 44
"""Cells beyond which the rest of a row would be too far from what it is about."""
_WIDE = 100
_SIGNS: Final = {
    State.QUEUED: ("○", "muted"),
    State.RUNNING: ("▶", "accent"),
    State.DONE: ("✓", "success"),
    State.FAILED: ("✗", "error"),
    State.CANCELLED: ("–", "warning"),
    State.KILLED: ("✗", "error"),
}
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
WITHOUT_WORDS: Final = "its process was killed"


def job_titles(width: int) -> str:
    """Return the titles above the jobs."""
    return "".join(text for text, _ in _row(("No.", "State", "What", "Of", "Age", "How far"), width))


def job_cells(job: Job, width: int, now: float) -> Iterator[tuple[str, str]]:
    """Draw a job for a width."""
    sign, style = _SIGNS[job.state]
    facts = (
        str(job.number),
        f"{sign} {job.state.value}",
        visible(job.kind, 20),
        visible(job.subject, 200) or "–",
        duration(max(0.0, now - job.created_at)),
    )
    *cells, outcome = _row((*facts, outcome_text(job)), width, style)
    yield from cells
    yield from _progress_cells(job, len(outcome[0])) if job.state is State.RUNNING else (outcome,)


def _row(facts: tuple[str, ...], width: int, style: str = "muted") -> list[tuple[str, str]]:
    number, state, kind, subject, age, outcome = facts
    fixed = 1 + _NUMBER + 2 + _STATE + 2 + _KIND + 2 + 2 + _AGE + 2
    room = max(0, width - fixed)
    subject_cells = min(room * 2 // 5, _SUBJECT_MOST)
    return [
        (f" {fit(number, _NUMBER, right=True)}  ", "muted"),
        (f"{fit(state, _STATE)}  ", style),
        (f"{fit(kind, _KIND)}  ", "bright"),
        (f"{fit(subject, subject_cells)}  ", "text"),
        (f"{fit(age, _AGE, right=True)}  ", "muted"),
        (fit(outcome, room - subject_cells), style if style in {"error", "warning"} else "muted"),
    ]


def _progress_cells(job: Job, room: int) -> Iterator[tuple[str, str]]:
    """Draw a bar as long as there is room for, its share in percent, and what is being done."""
    share = share_of(job)
    cells = min(max(room // 2, min(room - 6, _BAR_LEAST)), _BAR_MOST)
    if share is None or cells < 4:
        yield fit(visible(job.progress.what, 80) or "under way", room), "accent"
        return
    done, rest = bar(share, cells)
    yield done, "accent"
    yield rest, "muted"
    yield f" {int(share * 100):>3} %", "text"
    left = room - cells - 6
    yield fit(f"  {visible(job.progress.what, 80)}", left) if left > 8 else " " * max(left, 0), "muted"


def share_of(job: Job) -> float | None:
    """Return how much of a job is done, None while that is unknown."""
    total = job.progress.total
    return min(max(job.progress.done / total, 0.0), 1.0) if total else None


def bar(share: float, cells: int) -> tuple[str, str]:
    """Return the done and the open part of a bar."""
    eighths = round(share * cells * 8)
    whole, part = divmod(eighths, 8)
    done = "█" * whole + (_EIGHTHS[part] if part else "")
    return done, "·" * (cells - len(done))


def outcome_text(job: Job) -> str:
    """Return what has become of a job, in a line."""
    if job.state is State.KILLED:
        return WITHOUT_WORDS
    if job.error:
        return visible(job.error, 300)
    if job.outputs:
        more = f" and {len(job.outputs) - 1} more" if len(job.outputs) > 1 else ""
        return f"{path_text(Path(job.outputs[0]))}{more}"
    return "waits for another job" if job.state is State.QUEUED else ""


def duration(seconds: float) -> str:
    """Return a time as 12 s, 4 min, 2 h or 3 d."""
    for unit, name in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= unit:
            return f"{int(seconds // unit)} {name}"
    return f"{int(seconds)} s"
