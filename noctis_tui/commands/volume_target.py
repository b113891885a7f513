"""TARGET as a volume: the series that a path or UID names, and a plane through it as a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import click

from archive.errors import BadInput

if TYPE_CHECKING:
    from archive.commands.site import Site
    from noctis_tui.commands.plane_options import PlaneOptions
    from noctis_tui.imaging.volume import Volume
    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.reconstruction.headless_plane import PlaneImage, PlaneRequest
    from noctis_tui.reading.viewport import ViewState
    from noctis_tui.reading.volume_loading import SeriesPlan


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
    image = cut_plane(volume, request)
    _say_what_is_empty(image)
    sources = plan.sources[chosen]
    middle = sources[len(sources) // 2]
    like = read_frame(middle.path, middle.frame_index)
    name = " ".join(filter(None, (request.plane or "oblique", plan.names[chosen])))
    return CutPlane(image, frame_of_plane(image, volume, like, name), volume)


def _chosen(plan: SeriesPlan, number: int | None) -> int:
    """Return the index of the volume that is meant; say on stderr what else there is."""
    from noctis_tui.reading.volume_refusals import others_told, refusal_text

    count = len(plan.volumes)
    if not count:
        raise BadInput(refusal_text(plan.refusals))
    if number is not None and number > count:
        raise BadInput(f"There is no volume {number}: {count} is the last.")
    for sentence in others_told(plan.names, plan.refusals, chosen=number is not None):
        click.echo(f"noctis: {sentence}", err=True)
    return (number or 1) - 1


def _say_what_is_empty(image: PlaneImage) -> None:
    from numpy import isnan

    if isnan(image.values).all():
        click.echo("noctis: The plane lies outside the volume: there is nothing but NaN.", err=True)
