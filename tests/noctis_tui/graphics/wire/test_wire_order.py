"""Who is written when, without a terminal."""

import asyncio

from textual.app import App

from noctis_tui.graphics.wire.sending import Sending
from noctis_tui.graphics.wire.wire import GUESS_SECONDS, Wire


def sending(pieces, finished, *, is_patient=False):
    return Sending(
        pieces,
        lambda is_complete: finished.append((pieces, is_complete)),
        owner=object(),
        ending=lambda: b"",
        written=lambda _pieces: None,
        is_patient=is_patient,
        is_exclusive=True,
        is_synchronized=False,
    )


def test_a_picture_that_needs_no_byte_holds_up_no_other():
    finished = []

    async def send_both():
        wire = Wire(App())
        wire.send(sending([b""], finished))
        wire.send(sending([b"picture"], finished))
        await asyncio.sleep(GUESS_SECONDS * 4)

    asyncio.run(send_both())
    assert finished == [([b""], True), ([b"picture"], True)]
