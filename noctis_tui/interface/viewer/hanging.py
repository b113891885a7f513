"""Hanging a study: the rule that fits lays the panes out, once the first picture is there."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from archive.dicom.text import visible
from archive.errors import NoctisError
from noctis_tui.imaging.patient_space import turn_to_show

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from noctis_tui.interface.dialogs.choice import Choice
    from noctis_tui.interface.viewer.pane import Pane
    from noctis_tui.interface.viewer.screen import ViewerScreen
    from noctis_tui.interface.viewer.shelf import Entry
    from noctis_tui.reading.hanging import HangingRule
    from noctis_tui.reading.hanging_candidates import Candidate

    Hung = tuple[Candidate | None, ...]

_LOOK_SECONDS, _PATIENCE = 0.02, 100


class Hanging:
    """The part of the viewer that hangs pictures by rules."""

    def __init__(self, screen: ViewerScreen) -> None:
        self._screen = screen
        self._rules: dict[str, HangingRule] | None = None
        self._done: tuple[str, Hung] | None = None

    async def hang(self) -> None:
        """Hang by the first automatic rule that fits, as long as the reader did nothing."""
        screen = self._screen
        if screen.is_touched or not self._entries:
            return
        await self._first_picture()
        async for name, rule, hung in self._fitting(automatic=True):
            if (name, hung) != self._done and not screen.is_touched:
                await self._hang(name, rule, hung)
            return

    async def _first_picture(self) -> None:
        """Leave the processor to it."""
        for _ in range(_PATIENCE):
            if self._screen.active.is_seen:
                return
            await asyncio.sleep(_LOOK_SECONDS)

    async def choices(self) -> Sequence[Choice]:
        """Return the hanging layouts that fit what is read, for the layout chooser."""
        from noctis_tui.interface.dialogs.choice import Choice  # noqa: PLC0415 - with the dialog

        return [
            Choice(rule.layout, visible(rule.title, 60), partial(self._choose, name, rule, hung))
            async for name, rule, hung in self._fitting(automatic=False)
            if rule.grid.count > 1
        ]

    def _choose(self, name: str, rule: HangingRule, hung: Hung) -> None:
        self._screen.touched()
        hang: Callable[[], Awaitable[None]] = partial(self._hang, name, rule, hung)
        self._screen.run_worker(hang, group="hanging", exclusive=True)

    # ---- what fits

    @property
    def _entries(self) -> list[Entry]:
        """What may be hung: the series with pictures of the study that is read."""
        screen = self._screen
        here = screen.active.entry
        entries = [entry for entry in screen.shelf.entries if entry.has_pictures]
        return [entry for entry in entries if here is None or entry.study.id == here.study.id]

    async def _fitting(self, *, automatic: bool) -> AsyncIterator[tuple[str, HangingRule, Hung]]:
        entries = self._entries
        modalities = {entry.series.modality for entry in entries}
        description = entries[0].study.study_description if entries else ""
        known: dict[bool, list[Candidate]] = {}
        for name, rule in (await self._all_rules()).items():
            if (automatic and not rule.automatic) or not rule.may_fit(modalities, description):
                continue
            if rule.asks_images not in known:
                known[rule.asks_images] = await self._candidates(entries, ask_images=rule.asks_images)
            hung = rule.hung(known[rule.asks_images])
            if hung is not None:
                yield name, rule, hung

    async def _all_rules(self) -> dict[str, HangingRule]:
        if self._rules is None:
            from noctis_tui.interface.app import NoctisApp  # noqa: PLC0415 - it imports screens
            from noctis_tui.reading.hanging import every_rule  # noqa: PLC0415 - the first picture goes first

            app = self._screen.app
            own = app.preferences.hanging if isinstance(app, NoctisApp) else {}
            rules, refused = await asyncio.to_thread(every_rule, own, "config.toml")
            self._rules = rules
            if refused:
                self._screen.say(visible(refused, 400))
            return rules
        return self._rules

    async def _candidates(self, entries: Sequence[Entry], *, ask_images: bool) -> list[Candidate]:
        from archive.index.worklist import instances_of  # noqa: PLC0415 - the first picture goes first
        from noctis_tui.reading.hanging_candidates import candidates_of  # noqa: PLC0415 - the same

        archive = self._screen.archive
        if archive is None:
            return []
        series = [entry.series for entry in entries]
        try:
            of_series = partial(instances_of, archive.index)
            return await archive.index.call(partial(candidates_of, series, of_series, ask_images=ask_images))
        except (NoctisError, OSError):
            return []

    # ---- hanging

    async def _hang(self, name: str, rule: HangingRule, hung: Hung) -> None:
        screen = self._screen
        self._done = name, hung
        if rule.grid.count == 1 and screen.grid.count == 1 and not rule.panes:
            return  # it is what is shown anyway
        screen.stop_playing()
        screen.activate(screen.panes[0])
        screen.spread_over(rule.grid)
        for number, (pane, candidate) in enumerate(zip(screen.shown_panes, hung, strict=False)):
            place = screen.shelf.place_of(candidate.series_id) if candidate is not None else None
            if candidate is None or place is None:
                screen.empty([pane], "There is no picture for this pane.")
            else:
                await self._show(pane, screen.shelf.entries[place], candidate, rule.orientation_of(number))
        screen.panes_changed()

    async def _show(
        self, pane: Pane, entry: Entry, candidate: Candidate, orientation: tuple[str, str] | None
    ) -> None:
        screen = self._screen
        if pane.begun is not entry or candidate.sop_instance_uid:
            await screen.show_series(pane, entry)
        uid = candidate.sop_instance_uid
        places = (
            i for i, frame in enumerate(pane.state.stack.frames) if uid and frame.sop_instance_uid == uid
        )
        pane.state = pane.state.at(next(places, pane.state.frame_index))
        turn = turn_to_show(candidate.letters, *orientation) if orientation else None
        if turn is not None:
            pane.state = pane.state.with_view(pane.state.view.hung_as(*turn))
        screen.look(pane)
