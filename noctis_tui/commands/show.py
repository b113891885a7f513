"""`noctis show`: a picture inline in this terminal, or its escape sequences into a pipe."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import click

from noctis_tui.commands.picture_target import load_target, picture_options, view_of
from noctis_tui.commands.plane_options import PlaneOptions, plane_options

if TYPE_CHECKING:
    from archive.commands.site import Site
    from noctis_tui.commands.picture_target import TargetFrame
    from noctis_tui.commands.volume_target import CutPlane
    from noctis_tui.imaging.enhancing.enhancement import Enhancement


@click.command("show")
@picture_options
@plane_options
@click.option("--graphics", type=click.Choice(["sixel", "kitty", "blocks"]), help="Do not ask the terminal.")
@click.pass_obj
def show_command(
    site: Site,
    target: str,
    frame_number: int | None,
    window: tuple[float, float] | None,
    preset: str | None,
    enhance: Enhancement | None,
    size: tuple[int, int] | None,
    graphics: str | None,
    cut: PlaneOptions,
) -> None:
    """Show an image, or a plane through a volume, inline in this terminal, as the viewer would.

    TARGET is a file, a UID, or a unique prefix of one. With --graphics the picture also goes into a pipe;
    without it a pipe gets the picture in plain characters. A report is printed as text.

    Planes are cut as `noctis render` cuts them; --size is the picture's.

    Example: noctis show ct.dcm --preset lung

    Example: noctis show ct/ --plane sagittal --slab 20
    """
    from noctis_tui.commands.volume_target import CutPlane
    from noctis_tui.graphics.cells.shades import shades
    from noctis_tui.graphics.inline import asked_size_px, fitting_size_px, inline
    from noctis_tui.graphics.terminal.detection import detect, wished
    from noctis_tui.reading.documents.page import ReadAsText
    from noctis_tui.reading.overlay import ALONE
    from noctis_tui.reading.rendering import render

    try:
        shown = _shown(site, target, frame_number, cut)
    except ReadAsText as text:
        click.echo("\n".join(text.page.plain()))
        return
    view = view_of(window, preset, site.config, shown.frame).with_enhancement(enhance)
    if isinstance(shown, CutPlane):
        view = shown.looked_at(view)
    terminal = detect(graphics)
    width_px, height_px = asked_size_px(terminal, size) if size else fitting_size_px(terminal)
    picture = render(
        shown.frame,
        view,
        width_px,
        height_px,
        whereabouts=ALONE if isinstance(shown, CutPlane) else shown.whereabouts,
        line_px=terminal.cell_height_px,
    )
    if terminal.protocol == "blocks" and not (wished(graphics) or sys.stdout.isatty()):
        click.echo(shades(picture, shutil.get_terminal_size().columns), nl=False)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(inline(picture, terminal))
    sys.stdout.buffer.flush()
    if terminal.answers_late:
        from noctis_tui.graphics.terminal.probe import swallow_late_replies

        swallow_late_replies()


def _shown(site: Site, target: str, frame_number: int | None, cut: PlaneOptions) -> TargetFrame | CutPlane:
    from noctis_tui.commands.volume_target import load_plane

    request = cut.request(None, frame_number)
    if request is None:
        return load_target(site.archive, target, frame_number)
    return load_plane(site, target, request, cut)
