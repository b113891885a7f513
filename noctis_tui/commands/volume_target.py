"""TARGET as a volume: the series that a path or UID names, and a plane through it as a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import click

from archive.dicom.text import visible
from archive.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.commands.site import Site
    from noctis_tui.commands.plane_options import PlaneOptions
    from noctis_tui.imaging.stack_frame import Refusal
    from noctis_tui.imaging.volume import Volume
    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.reconstruction.headless_plane import PlaneImage, PlaneRequest
    from noctis_tui.reading.viewport import ViewState
    from noctis_tui.reading.volume_loading import SeriesPlan

_SHOWN_UIDS, _SHOWN_NAMES, _SHOWN_REFUSALS = 3, 8, 4


class CutPlane(NamedTuple):
    """A plane through a volume, and as a frame that can be shown."""

    image: PlaneImage
    frame: LoadedFrame
    volume: Volume

    def looked_at(self, view: ViewState) -> ViewState:
        """Return the view with the volume's own window, where nobody says one: the same for every plane."""
        from noctis_tui.reading.reconstruction.volume_window import view_of_volume

        return view_of_volume(view, self.frame, self.volume)


def load_plane(site: Site, target: str, request: PlaneRequest, cut: PlaneOptions) -> CutPlane:
    """Load the volume that TARGET and `--volume` name, and cut a plane out of it.

    Raises
    ------
    NoctisError
        Nothing answers to the target, it makes no volume (the sentence says why), there is no such volume, or
        the plane cannot be.
    """
    from archive.commands.progress_bar import progress_bar
    from noctis_tui.commands.target_frames import frames_of_target
    from noctis_tui.preferences import read_preferences
    from noctis_tui.reading.frame_reading import read_frame
    from noctis_tui.reading.reconstruction.coverage import coverage_of
    from noctis_tui.reading.reconstruction.headless_plane import cut_plane
    from noctis_tui.reading.reconstruction.plane_frame import frame_of_plane
    from noctis_tui.reading.volume_loading import LoadingOptions, load_volume, plan_volumes

    stack = frames_of_target(target, site.archive, largest=True)
    most_bytes = read_preferences(site.config).volume_memory_mib << 20
    options = LoadingOptions(resample_uneven=bool(cut.resample), memory_limit_bytes=most_bytes)
    with progress_bar() as listener:
        plan = plan_volumes(stack, listener=listener, options=options)
        chosen = _chosen(plan, cut.volume)
        volume = load_volume(plan, chosen, listener=listener, options=options)
    image = cut_plane(volume, request, coverage=coverage_of(plan.volumes[chosen], volume))
    _say_what_is_empty(image)
    sources = plan.sources[chosen]
    middle = sources[len(sources) // 2]
    like = read_frame(middle.path, middle.frame_index)
    name = " ".join(filter(None, (request.plane or "oblique", plan.names[chosen])))
    return CutPlane(image, frame_of_plane(image, volume, like, name), volume)


def _chosen(plan: SeriesPlan, number: int | None) -> int:
    """Return the index of the volume that is meant; say on stderr what else there is."""
    count = len(plan.volumes)
    if not count:
        raise BadInput(refusal_text(plan.refusals))
    if number is not None:
        if number > count:
            raise BadInput(f"There is no volume {number}: {count} is the last.")
        return number - 1
    if count > 1:
        shown = enumerate(plan.names[:_SHOWN_NAMES], 1)
        names = ", ".join(f"{place} ({visible(name, 60)})" for place, name in shown)
        more = ", ..." if count > _SHOWN_NAMES else ""
        click.echo(f"noctis: The first of {count} volumes; --volume N takes another: {names}{more}", err=True)
    for refusal in plan.refusals[:_SHOWN_REFUSALS]:
        click.echo(f"noctis: Left out: {_told(refusal)}", err=True)
    return 0


def refusal_text(refusals: Sequence[Refusal]) -> str:
    """Return why a series is no volume, in one sentence with the instances that are the reason."""
    if not refusals:
        return "There are no images to make a volume of."
    return f"No volume: {_told(refusals[0])}"


def _told(refusal: Refusal) -> str:
    """Return the reason and the first of its instances as one sentence."""
    uids = [visible(uid, 64) for uid in refusal.sop_instance_uids if uid]
    part = f"{visible(refusal.name, 60)}: " if refusal.name else ""
    reason = part + visible(refusal.reason, 400).rstrip(".")
    if not uids:
        return f"{reason}."
    which = "instance" if len(uids) == 1 else "instances"
    more = f" and {len(uids) - _SHOWN_UIDS} more" if len(uids) > _SHOWN_UIDS else ""
    return f"{reason} ({which} {', '.join(uids[:_SHOWN_UIDS])}{more})."


def _say_what_is_empty(image: PlaneImage) -> None:
    from numpy import isnan

    if isnan(image.values).all():
        click.echo("noctis: The plane lies outside the volume: there is nothing but NaN.", err=True)
