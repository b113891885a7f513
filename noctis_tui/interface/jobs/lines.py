"""The single lines of the jobs screen: title, the job under the cursor in full, hints, the empty state."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.text import Text

from archive.dicom.text import visible
from archive.job import State
from noctis_tui.interface.hints import hint_text
from noctis_tui.interface.jobs.rows import WITHOUT_WORDS, duration
from noctis_tui.interface.path_text import path_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from archive.job import Job
    from noctis_tui.interface.keymap import Keymap

_HINTS: Final = (
    ("jobs", "cancel_job", "stop"),
    ("jobs", "copy_output", "copy path"),
    ("everywhere", "help", "help"),
    ("everywhere", "back", "back"),
)
_OUTPUTS = 3


def title_line(jobs: Sequence[Job], width: int, colors: Mapping[str, str]) -> Text:
    """Return the name on the left, how many run and wait on the right."""
    left = Text(" noctis", style=f"bold {colors['accent']}").append("  jobs", style=colors["muted"])
    counts = ((State.RUNNING, "running"), (State.QUEUED, "waiting"))
    said = [f"{count} {word}" for state, word in counts if (count := sum(job.state is state for job in jobs))]
    right = Text(" · ".join(said) or f"{len(jobs)} jobs" if jobs else "", style=colors["foreground"])
    left.append(" " * max(1, width - left.cell_len - right.cell_len - 1))
    return left.append_text(right)


def hint_line(keymap: Keymap, width: int, colors: Mapping[str, str]) -> Text:
    """Return the reminder of keys."""
    return hint_text(keymap, _HINTS, width, colors)


def detail_text(job: Job, colors: Mapping[str, str]) -> Text:
    """Return everything about a job: how it was asked for, how long it took, what it wrote or why not."""
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(f" Job {job.number}", style=f"bold {colors['bright']}")
    text.append(
        f"  {visible(job.kind, 40)} of {visible(job.subject, 200) or 'a volume'}", colors["foreground"]
    )
    text.append(f"  {_course(job)}\n", style=colors["muted"])
    text.append(f" {_parameters(job)}\n", style=colors["muted"])
    if job.state is State.KILLED:
        text.append(f" {WITHOUT_WORDS.capitalize()}; nothing was written.", style=colors["error"])
    elif job.error:
        text.append(f" {visible(job.error, 400)}", style=colors["error"])
    else:
        shown = [path_text(Path(path), 400) for path in job.outputs[:_OUTPUTS]]
        more = len(job.outputs) - len(shown)
        text.append("\n".join(f" {path}" for path in shown), style=colors["accent"])
        text.append(f"\n and {more} more" if more else "", style=colors["muted"])
    return text


def _course(job: Job) -> str:
    if job.started_at is None:
        return job.state.value
    if job.finished_at is None:
        return f"{job.state.value}, process {job.pid}"
    return f"{job.state.value} after {duration(max(0.0, job.finished_at - job.started_at))}"


def _parameters(job: Job) -> str:
    said = (f"{name.replace('_', ' ')} {_value(value)}" for name, value in job.parameters.items())
    return visible(", ".join(said), 400)


def _value(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return " ".join(map(_value, value)) if isinstance(value, list) else str(value)


def empty_text(colors: Mapping[str, str]) -> Text:
    """Return what to do where there are no jobs."""
    text = Text("No jobs.\n\n", style=colors["bright"], justify="left")
    text.append("What takes longer than half a second is listed here, for 30 days:\n", style=colors["muted"])
    text.append(
        "  noctis reconstruct SERIES --kind mip --plane coronal --out mip.png", style=colors["accent"]
    )
    return text
