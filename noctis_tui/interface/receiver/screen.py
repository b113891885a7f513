"""The receiver's screen: how receiving goes and went, who called, why somebody was refused."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.text import Text
from textual.containers import Container, Horizontal, Vertical
from textual.widgets import Input, Static

from archive.network.activity import Activity, read_activity
from archive.network.association_log import LOG_NAME, AssociationEntry, read_associations
from noctis_tui.interface.guard import made_visible
from noctis_tui.interface.keyed_screen import KeyedScreen
from noctis_tui.interface.receiver import lines
from noctis_tui.interface.receiver.admit_dialog import AdmitDialog
from noctis_tui.interface.receiver.association_dialog import AssociationDialog
from noctis_tui.interface.receiver.doctor import advise
from noctis_tui.interface.receiver.facts import facts_text
from noctis_tui.interface.receiver.log_filters import EVERYTHING, LogNarrowing
from noctis_tui.interface.receiver.log_rows import (
    association_cells,
    association_titles,
    peer_cells,
    peer_titles,
)
from noctis_tui.interface.receiver.status_line import READ_ONLY, trouble
from noctis_tui.interface.receiver.traffic_graph import TrafficGraph
from noctis_tui.interface.row_list import RowList

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

    from archive.local_archive import LocalArchive
    from archive.network.peer_counts import PeerCounts
    from noctis_tui.interface.receiver.doctor import Advice
    from noctis_tui.interface.receiver.reception import Reception
    from noctis_tui.interface.receiver.traffic_graph import Span

_TICK_SECONDS = 1.0
_MOST_ENTRIES = 2_000
"""Associations that are shown; filters reach further back."""
_SPANS: tuple[Span, ...] = ((300.0, "5 min"), (86_400.0, "24 h"))

_LINES = ("title", "state", "banner", "peer-titles", "log-filters", "log-titles", "hints")


@dataclass(frozen=True, slots=True)
class _LogState:
    """What a reading of the log depends on: read again only when it differs."""

    narrowing: LogNarrowing
    size: int
    file: int


class ReceiverScreen(KeyedScreen):
    """Shows the receiver of an archive, whoever runs it.

    Parameters
    ----------
    reception
        Who receives; watched by the worklist.
    """

    CONTEXT = "receiver"

    def __init__(self, archive: LocalArchive, reception: Reception) -> None:
        super().__init__()
        self._archive = archive
        self._reception = reception
        self._span = _SPANS[0]
        self._activity: Activity | None = None
        self._narrowing = EVERYTHING
        self._log_state: _LogState | None = None
        self._failure = ""
        self._reading = asyncio.Lock()
        self.associations: RowList[AssociationEntry] = RowList(
            association_cells, lambda entry: (entry.at, entry.peer, *entry.likeness), id="associations"
        )
        self.peers: RowList[PeerCounts] = RowList(
            peer_cells, lambda peer: (peer.calling_ae_title, peer.address), id="peers"
        )
        self._images = TrafficGraph("images/s", lambda rate: f"{rate:.0f}")
        self._megabytes = TrafficGraph("MB/s", lambda rate: f"{rate / 1e6:.1f}")
        self._filter = Input(id="filter", placeholder="AE title, address, reason")
        self._lines = {
            name: Static(id=name, markup=False, classes="titles" if name.endswith("titles") else "line")
            for name in _LINES
        }
        self._facts = Static(id="facts-of-receiver", markup=False)
        self._nothing = Static(id="no-associations", markup=False)

    def compose(self) -> ComposeResult:
        """Lay out the state, the graphs, the facts, the peers and the associations."""
        shown = self._lines
        yield from (shown["title"], shown["state"], shown["banner"])
        with Horizontal(id="graphs"):
            yield self._images
            yield self._megabytes
        with Container(id="middle"):
            yield self._facts
            with Vertical(id="who"):
                yield shown["peer-titles"]
                yield self.peers
        yield from (shown["log-filters"], shown["log-titles"])
        yield self.associations
        yield self._nothing
        yield shown["hints"]
        yield self._filter

    def on_mount(self) -> None:
        """Begin to look."""
        self._filter.display = False
        self.associations.focus()
        self.set_interval(_TICK_SECONDS, self._look_soon)
        self._look_soon()

    def on_resize(self, event: events.Resize) -> None:
        """Make the most of the size."""
        self.set_class(event.size.height < 30, "-low")
        self.set_class(event.size.height < 20, "-lowest")
        self.set_class(event.size.height >= 50, "-tall")
        self.set_class(event.size.width >= 150, "-wide")
        self.call_after_refresh(self._draw)

    # ---- looking

    def _look_soon(self) -> None:
        if self.is_current:
            self.run_worker(self._look(), group="look")

    async def _look(self) -> None:
        """Read what the receiver says and, when it has grown, its log; draw both."""
        if self._reading.locked():
            return
        async with self._reading:
            self._activity = await asyncio.to_thread(read_activity, self._archive)
            await self._read_log()
        self._draw()

    async def _read_log(self) -> None:
        state = await asyncio.to_thread(self._state_of_log)
        if state == self._log_state:
            return
        wanted = state.narrowing.association_filter(datetime.now(UTC).astimezone())
        try:
            entries = await asyncio.to_thread(read_associations, self._archive.layout, wanted, _MOST_ENTRIES)
            self._failure = ""
        except OSError as error:
            entries, self._failure = [], error.strerror or str(error)
        if state.narrowing == self._narrowing:
            self._log_state = state
            self.associations.show(entries)

    def _state_of_log(self) -> _LogState:
        try:
            facts = (self._archive.layout.log / LOG_NAME).stat()
        except OSError:
            return _LogState(self._narrowing, -1, -1)
        return _LogState(self._narrowing, facts.st_size, facts.st_ino)

    # ---- drawing

    def preferences_changed(self) -> None:
        """Draw the lines with other keys and colours."""
        super().preferences_changed()
        self._draw()

    def _draw(self) -> None:
        activity = self._activity
        if activity is None or not self.is_attached:
            return
        colors, width = self.app.theme_variables, self.size.width
        vitals = self._reception.vitals
        vitals = replace(vitals, status=activity.status or vitals.status)
        self._say("title", lines.title_line(activity.status, self._narrowing, width, colors))
        self._say("state", lines.state_line(vitals, colors))
        banner = trouble(vitals)
        self._say("banner", Text(f" {banner}", style=colors["warning"], no_wrap=True, overflow="ellipsis"))
        self._lines["banner"].display = bool(banner)
        self._say("log-filters", lines.log_filter_line(self._narrowing, self.keymap, width, colors))
        self._say("hints", lines.hint_line(self.keymap, width, colors))
        self._draw_graphs(activity)
        self._draw_lists(activity)

    def _draw_graphs(self, activity: Activity) -> None:
        status, now = activity.status, time.time()
        rates = activity.seconds if self._span is _SPANS[0] else activity.minutes
        images = status.instances_per_second if status is not None else 0.0
        received = status.bytes_per_second if status is not None else 0.0
        self._images.show(rates.instances, rates, (now, images), self._span)
        self._megabytes.show(rates.bytes, rates, (now, received), self._span)

    def _draw_lists(self, activity: Activity) -> None:
        colors = self.app.theme_variables
        self._facts.update(facts_text(activity, colors, self._facts.size.width or self.size.width))
        self.peers.styles.height = max(1, len(activity.peers))
        self.peers.show(sorted(activity.peers, key=lambda peer: -peer.instances))
        self._say("peer-titles", Text(peer_titles(self.peers.row_cells), style=colors["muted"], no_wrap=True))
        titles = association_titles(self.associations.row_cells or self.size.width)
        self._say("log-titles", Text(titles, style=colors["muted"], no_wrap=True))
        empty = self.associations.row is None
        self.set_class(empty, "-no-associations")
        if not empty and self.focused is None:  # a list that was hidden has lost the keys
            self.call_after_refresh(self.associations.focus)
        if empty:
            address = self._reception.address
            self._nothing.update(lines.no_associations(self._narrowing, address, self._failure, colors))

    def _say(self, name: str, text: Text) -> None:
        self._lines[name].update(text)

    # ---- what can be asked for

    @property
    def _list(self) -> RowList[AssociationEntry] | RowList[PeerCounts]:
        return self.peers if self.peers.has_focus else self.associations

    def action_move_by(self, rows: float) -> None:
        """Move the cursor by so many lines."""
        self._list.move_by(int(rows))

    def action_move_by_pages(self, pages: float) -> None:
        """Move the cursor by so many pages."""
        self._list.move_by(int(pages * self._list.page_rows) or (1 if pages > 0 else -1))

    def action_first(self) -> None:
        """Go to the first line."""
        self._list.move_to(0)

    def action_last(self) -> None:
        """Go to the last line."""
        self._list.move_to_end()

    def action_next_pane(self) -> None:
        """Give the keys to the peers, or back to the associations."""
        (self.associations if self.peers.has_focus else self.peers).focus()

    def action_previous_pane(self) -> None:
        """There are two panes: the one before is the next one."""
        self.action_next_pane()

    def action_span(self) -> None:
        """Show the other span of time."""
        self._span = _SPANS[1 - _SPANS.index(self._span)]
        self._draw()

    def action_start_receiver(self) -> None:
        """Start the embedded receiver again."""
        self._reception.start(self._draw)

    def action_log_filter(self, key: int) -> None:
        """Turn a quick filter on or off."""
        self._narrow(self._narrowing.toggled(key))

    def action_only_this_peer(self) -> None:
        """Show only the associations of the peer under the cursor, or of all again."""
        row = self._list.row
        if self._narrowing.peer is not None:
            self._narrow(replace(self._narrowing, peer=None))
        elif row is not None:
            self._narrow(replace(self._narrowing, peer=(row.calling_ae_title, row.address)))
            self.associations.focus()

    def action_filter(self) -> None:
        """Type what to look for."""
        self._lines["hints"].display = False
        self._filter.display = True
        self._filter.focus()

    def action_cancel(self) -> None:
        """Give the keys back to the associations; there, show all of them again; else go back."""
        if self._filter.has_focus:
            self._filter.value = ""
            self._close_filter()
        elif self.peers.has_focus:
            self.associations.focus()
        elif not self._narrowing.is_everything:
            self._filter.value = ""
            self._narrow(EVERYTHING)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter as it is typed."""
        self._narrow(replace(self._narrowing, text=event.value))

    def on_input_submitted(self) -> None:
        """Go back to the associations, narrowed."""
        self._close_filter()

    async def action_explain(self) -> None:
        """Say what happened to an association; show the associations of a peer."""
        if self.peers.has_focus:
            self.action_only_this_peer()
            return
        entry = self.associations.row
        if entry is not None:
            advice = await asyncio.to_thread(advise, self._archive, entry)
            self.app.push_screen(AssociationDialog(entry, advice, lambda: self._admit(advice)))

    async def action_admit(self) -> None:
        """Ask whether the peer of the association shall be admitted."""
        entry = self.associations.row
        if entry is None or self.peers.has_focus:
            self._tell("Choose a refused association first.")
        else:
            self._admit(await asyncio.to_thread(advise, self._archive, entry))

    def _admit(self, advice: Advice) -> None:
        diagnosis = advice.diagnosis
        if diagnosis is None:
            self._tell("Nothing was refused: this peer is admitted.")
        elif diagnosis.facility is None:
            self._tell(f"No facility helps here. {diagnosis.advice}")
        elif not self._reception.vitals.writable:
            self._tell(READ_ONLY)
        else:
            self.app.push_screen(
                AdmitDialog(
                    self._archive.root,
                    diagnosis.facility,
                    replaces=diagnosis.replaces,
                    is_first=advice.is_first,
                )
            )

    def _tell(self, sentence: str) -> None:
        self.notify(made_visible(sentence), markup=False)

    async def on_row_list_chosen(self) -> None:
        """Explain what was double-clicked."""
        await self.action_explain()

    def _narrow(self, narrowing: LogNarrowing) -> None:
        self._narrowing = narrowing
        self._look_soon()
        self._draw()

    def _close_filter(self) -> None:
        self._filter.display = False
        self._lines["hints"].display = True
        self.associations.focus()
