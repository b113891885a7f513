"""Why a series is no volume, in one sentence with the instances that are the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.dicom.text import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noctis_tui.imaging.stacking.stack_frame import Refusal

_SHOWN_UIDS, _SHOWN_REFUSALS, _SHOWN_NAMES = 3, 4, 8


def refusal_text(refusals: Sequence[Refusal]) -> str:
    """Return why there is no volume."""
    if not refusals:
        return "There are no images to make a volume of."
    return f"No volume: {refusal_told(refusals[0])}"


def refusal_told(refusal: Refusal) -> str:
    """Return the reason and the first of its instances as one sentence."""
    uids = [visible(uid, 64) for uid in refusal.sop_instance_uids if uid]
    part = f"{visible(refusal.name, 60)}: " if refusal.name else ""
    reason = part + visible(refusal.reason, 400).rstrip(".")
    if not uids:
        return f"{reason}."
    which = "instance" if len(uids) == 1 else "instances"
    more = f" and {len(uids) - _SHOWN_UIDS} more" if len(uids) > _SHOWN_UIDS else ""
    return f"{reason} ({which} {', '.join(uids[:_SHOWN_UIDS])}{more})."


def others_told(names: Sequence[str], refusals: Sequence[Refusal], *, chosen: bool) -> list[str]:
    """Return, in sentences, what else a series holds beside the volume that is taken.

    Parameters
    ----------
    names
        Of all its volumes.
    chosen
        Whether one of them was asked for; else the first one is taken.
    """
    if chosen:
        return []
    told = [f"Left out: {refusal_told(refusal)}" for refusal in refusals[:_SHOWN_REFUSALS]]
    if len(names) > 1:
        shown = ", ".join(
            f"{place} ({visible(name, 60)})" for place, name in enumerate(names[:_SHOWN_NAMES], 1)
        )
        more = ", ..." if len(names) > _SHOWN_NAMES else ""
        told.insert(0, f"The first of {len(names)} volumes; --volume N takes another: {shown}{more}")
    return told


def left_out_told(refusals: tuple[Refusal, ...]) -> str:
    """Say what of the series is in no volume."""
    images = len({uid for refusal in refusals for uid in refusal.sop_instance_uids})
    more = "" if len(refusals) == 1 else f" There are {len(refusals) - 1} more reasons."
    return f"{images} images are left out. {refusals[0].reason}{more}"
