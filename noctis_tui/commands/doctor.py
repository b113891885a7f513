"""`noctis doctor`: what works in this terminal, what does not, and the line that mends it."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from archive.commands.site import Site
    from noctis_tui.commands.check import Check
    from noctis_tui.graphics.terminal.detection import TerminalGraphics
    from noctis_tui.graphics.terminal.evidence import Evidence

PATTERN_CELLS = (120, 24)
"""The largest test pattern, in cells."""

LEAST_ROWS = 5

_JUDGE = "17 greys differ, the first and the last hold a patch; 9 colours; a round circle"


@click.group("doctor", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@click.pass_context
def doctor_command(ctx: click.Context, *, as_json: bool) -> None:
    """Say what works here, what does not, and the line that mends it.

    Ends with 1 when something fails. Example: noctis doctor graphics
    """
    if ctx.invoked_subcommand is None:
        _examine(ctx.obj, None, as_json=as_json)


@doctor_command.command("graphics")
@click.option(
    "--graphics",
    type=click.Choice(["sixel", "kitty", "blocks"]),
    help="Try this way instead of the best one found.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@click.pass_obj
def graphics_command(site: Site, graphics: str | None, *, as_json: bool) -> None:
    """Show a test pattern, how pictures reach this terminal and why, how fast, and what mends it.

    The screen flickers for half a second while the rate is measured. Example: noctis doctor graphics
    """
    _examine(site, graphics, as_json=as_json)


def _examine(site: Site, override: str | None, *, as_json: bool) -> None:
    from noctis_tui.commands.check import exit_code, lines_of, print_checks
    from noctis_tui.graphics.terminal.detection import choose, wished
    from noctis_tui.graphics.terminal.evidence import gather
    from noctis_tui.preferences import read_preferences

    wish = wished(override, read_preferences(site.config).graphics)
    evidence = gather()
    graphics = choose(evidence, wish)
    checks = _checks(evidence, graphics)
    if sys.stdout.isatty() and not as_json:
        _show_pattern(graphics, len(lines_of(checks)))
    print_checks(checks, as_json=as_json)
    if evidence.silent:
        from noctis_tui.graphics.terminal.probe import swallow_late_replies

        swallow_late_replies()
    sys.exit(exit_code(checks))


def _checks(evidence: Evidence, graphics: TerminalGraphics) -> list[Check]:
    from noctis_tui.commands.check import Check
    from noctis_tui.commands.graphics_checks import graphics_checks
    from noctis_tui.graphics.inline import fitting_size_px, inline
    from noctis_tui.graphics.terminal.pattern import noise

    speed = None
    if evidence.replies is not None:
        from noctis_tui.graphics.terminal.speed import measure

        # GNU screen has no alternate screen unless it is told to: what is drawn there would stay.
        is_measurable = evidence.multiplexer != "GNU screen"
        burst = inline(noise(*fitting_size_px(graphics)), graphics) if is_measurable else b""
        speed = measure(graphics, burst)
    checks = list(graphics_checks(evidence, graphics, speed))
    if not sys.stdout.isatty():
        checks.append(Check("test pattern", "warn", "not drawn: standard output is no terminal"))
    return checks


def _show_pattern(graphics: TerminalGraphics, lines: int) -> None:
    """Draw the pattern as large as the lines below it leave room for."""
    from noctis_tui.graphics.inline import fitting_size_px, inline
    from noctis_tui.graphics.terminal.pattern import pattern

    columns, rows = shutil.get_terminal_size()
    most_width, most_height = fitting_size_px(graphics)
    width = min(min(columns - 1, PATTERN_CELLS[0]) * graphics.cell_width_px, most_width)
    # tmux leaves two blank lines below a sixel picture, mlterm one.
    room = rows - lines - (5 if graphics.whole_bands else 4 if graphics.protocol == "sixel" else 3)
    height = min(max(room, LEAST_ROWS), PATTERN_CELLS[1]) * graphics.cell_height_px
    drawn = inline(pattern(width, min(height, most_height)), graphics)
    sys.stdout.flush()
    sys.stdout.buffer.write(drawn)
    sys.stdout.buffer.flush()
    click.echo(_JUDGE)
