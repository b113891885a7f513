"""How the receiver reports to a service manager: on its event loop, and well only while its line is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archive.network.service_manager import ServiceManager
    from archive.services.receiver import Receiver

REPORT_SECONDS = 2.0
STUCK_SECONDS = 30.0
"""A group that takes longer, or half of the watchdog's time, is stuck in the disk or in the index."""


async def report(receiver: Receiver, manager: ServiceManager) -> None:
    """Report until cancelled.

    The ping runs on the event loop: it stops by itself when the loop does. It is left out when the line,
    which is a thread of its own, has died or is stuck; the service manager then starts the receiver again.
    """
    watched = manager.watchdog_seconds
    patience = min(STUCK_SECONDS, watched / 2) if watched else STUCK_SECONDS
    pause = min(REPORT_SECONDS, watched / 4) if watched else REPORT_SECONDS
    while manager.listens:
        stuck = receiver.stuck_seconds
        if stuck < patience:
            if watched:
                manager.ping()
            manager.status(_how_it_goes(receiver))
        else:
            manager.status("Nothing can be stored: what keeps instances is stuck.")
        await asyncio.sleep(pause)


def _how_it_goes(receiver: Receiver) -> str:
    associations = receiver.association_count
    plural = "" if associations == 1 else "s"
    return f"Receiving: {associations} association{plural}, {receiver.waiting_count} instances wait."
