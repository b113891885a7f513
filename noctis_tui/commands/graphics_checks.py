"""What `noctis doctor graphics` says about a terminal, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.commands.printing import size
from noctis_tui.commands.check import Check
from noctis_tui.graphics.terminal.protocol_choice import SAY_SO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from noctis_tui.commands.check import Status
    from noctis_tui.graphics.terminal.detection import TerminalGraphics
    from noctis_tui.graphics.terminal.evidence import Evidence
    from noctis_tui.graphics.terminal.speed import Speed

PROTOCOL_NAMES = {
    "sixel": "sixel graphics",
    "kitty": "the kitty graphics protocol",
    "blocks": "character cells",
}
LEAST_GREYS_REGISTERS = 64
FAR_SECONDS = 0.15
SLOW_SECONDS = 0.5


def graphics_checks(evidence: Evidence, graphics: TerminalGraphics, speed: Speed | None) -> Iterator[Check]:
    """Say what was found, why, and what mends it; `speed` is None when nothing could be measured."""
    yield _terminal(evidence)
    yield _pictures(graphics)
    if evidence.multiplexer:
        yield _multiplexer(evidence)
    yield from _pixels(evidence, graphics)
    yield _colors(graphics)
    yield _synchronized(graphics)
    if speed is not None:
        yield from _speed(speed, graphics)


def _terminal(evidence: Evidence) -> Check:
    term = evidence.environment.get("TERM", "")
    named = f"TERM={term}" if term else "TERM is not set"
    if evidence.silent:
        detail = f"did not answer within 2 s ({named})"
        return Check("terminal", "fail", detail, SAY_SO)
    if evidence.replies is None:
        return Check("terminal", "warn", f"nobody was asked: standard input is no terminal ({named})")
    if evidence.multiplexer == "tmux":
        return Check("terminal", "ok", f"{evidence.terminal_name}, outside tmux; {named}")
    if evidence.multiplexer:
        return Check("terminal", "ok", f"hidden behind {evidence.multiplexer}; {named}")
    known = evidence.known
    name = evidence.answer or (known.title if known else "a terminal that does not tell its name")
    milliseconds = max(evidence.replies.milliseconds, 1)
    return Check("terminal", "ok", f"{name}; {named}; answered all questions in {milliseconds:.0f} ms")


def _pictures(graphics: TerminalGraphics) -> Check:
    how = PROTOCOL_NAMES[graphics.protocol]
    if graphics.placeholders:
        how += " through tmux, in Unicode placeholders"
    status: Status = "warn" if graphics.protocol == "blocks" else "ok"
    return Check("pictures", status, f"{how}: {graphics.reason}", graphics.remedy)


def _multiplexer(evidence: Evidence) -> Check:
    client = evidence.tmux
    if client is None:
        return Check("multiplexer", "ok", evidence.multiplexer)
    passes = "on" if client.passthrough else "off"
    features = ", ".join(sorted(client.features & {"RGB", "sixel", "sync"})) or "none that matter"
    shown = f"{client.term} {client.answer}".strip() or "no terminal"
    detail = f"tmux {client.version} in {shown}; allow-passthrough {passes}; features: {features}"
    return Check("multiplexer", "ok", detail)


def _pixels(evidence: Evidence, graphics: TerminalGraphics) -> Iterator[Check]:
    told = (evidence.tmux and evidence.tmux.cell_px) or (evidence.replies and evidence.replies.cell_px)
    if told:
        yield Check("cell", "ok", f"{told[0]} x {told[1]} pixels")
    elif graphics.protocol == "blocks":
        yield Check("cell", "ok", "size not told; taken to be twice as high as wide")
    else:
        remedy = "export NOCTIS_GRAPHICS=blocks   (if the circle is not round)"
        guess = f"size not told; taken to be {graphics.cell_width_px} x {graphics.cell_height_px} pixels"
        yield Check("cell", "warn", guess, remedy)
    if graphics.protocol == "blocks":
        yield Check("cell shapes", "ok", f"{graphics.cells.shapes} (NOCTIS_CELLS chooses others)")
    if graphics.protocol == "sixel":
        yield from _sixel(evidence, graphics)


def _sixel(evidence: Evidence, graphics: TerminalGraphics) -> Iterator[Check]:
    largest = graphics.max_picture_px
    detail = (
        f"{largest[0]} x {largest[1]} pixels; larger ones are cut into tiles" if largest else "no limit told"
    )
    yield Check("largest picture", "ok", detail)
    told = evidence.replies.color_registers if evidence.replies else None
    if told is None:
        yield Check("registers", "ok", f"not told; {graphics.color_registers} are used at most")
    elif told < LEAST_GREYS_REGISTERS:
        remedy = "XTerm*numColorRegisters: 256   (in ~/.Xresources)"
        yield Check("registers", "warn", f"only {told} colours at once: greys are coarse", remedy)
    else:
        whose = " of tmux's own; the terminal outside may have fewer" if evidence.tmux else ""
        yield Check("registers", "ok", f"{told} colours at once{whose}")


def _colors(graphics: TerminalGraphics) -> Check:
    names = {"true": "24-bit colours", "256": "256 colours", "16": "16 colours", "8": "8 colours"}
    detail = f"{names.get(graphics.cells.colors, 'no colours')}: {graphics.color_reason}"
    return Check("colours", "ok" if graphics.true_color else "warn", detail, graphics.color_remedy)


def _synchronized(graphics: TerminalGraphics) -> Check:
    if graphics.synchronized:
        return Check("synchronized", "ok", "each frame appears at once (mode 2026)")
    return Check("synchronized", "ok", "no mode 2026: half of a frame may be seen for a moment")


def _speed(speed: Speed, graphics: TerminalGraphics) -> Iterator[Check]:
    trip, rate = speed.round_trip_seconds, speed.bytes_per_second
    if trip is None:
        yield Check("round trip", "warn", "the terminal does not answer: pictures are paced by the clock")
        return
    far = trip > FAR_SECONDS
    meaning = ": each key is seen that much later" if far else ""
    yield Check("round trip", "warn" if far else "ok", f"{max(trip * 1000, 0.1):.1f} ms{meaning}")
    if not speed.burst_bytes:
        return
    if rate is None:
        yield Check("rate", "warn", "one picture took longer than 10 s")
        return
    seconds = speed.burst_bytes / rate
    detail = f"{size(round(rate))}/s: {size(speed.burst_bytes)}, a noisy picture, in {seconds * 1000:.0f} ms"
    if seconds <= SLOW_SECONDS:
        yield Check("rate", "ok", detail)
        return
    remedy = "ssh -C   (sixel graphics shrink when compressed)" if graphics.protocol == "sixel" else ""
    yield Check("rate", "warn", f"{detail}; coarser pictures are sent while you scroll", remedy)
