"""Two kitty pictures in one terminal under everything that happens to them, in any order."""

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from kitty_model import KittyModel
from kitty_views import CELL_PX, COLUMNS, IMAGE_BYTES, ROWS, Viewed, site_at, slice_of, wanted

from noctis_tui.graphics.kitty.store import KittyStore
from noctis_tui.graphics.site import CellBox


class Session(RuleBasedStateMachine):
    """Two views in one terminal under everything that happens to them; each keeps what it was last shown."""

    @initialize()
    def begin(self):
        self.store = KittyStore(limit_bytes=6 * IMAGE_BYTES, process_id=7)
        self.model = KittyModel((COLUMNS * 2, ROWS), CELL_PX)
        self.views = [Viewed(self.store, self.model) for _ in range(2)]
        self.sites = [site_at(0), site_at(COLUMNS)]
        self.shown = [None, None]  # (picture, drawing, level)

    @rule(
        place=st.integers(0, 1),
        number=st.integers(0, 9),
        level=st.sampled_from([0, 0, 0, 1, 2, 5]),
        line=st.none() | st.integers(0, 300),
        is_color=st.booleans(),
        stops=st.booleans(),
    )
    def show(self, place, number, level, line, is_color, stops):
        site, canvas = self.sites[place], self.views[place].canvas
        picture = slice_of(number, site, line=line, is_color=is_color and number % 3 == 0)
        drawing = canvas.draw(picture, site, level=level)
        pieces = canvas.show(drawing, site, again=False)
        assert pieces is not None
        if stops and len(pieces) > 1:
            self.model.read(pieces[0])
            self.model.read(canvas.abandon())
            return
        for piece in pieces:
            self.model.read(piece)
        self.shown[place] = picture, drawing, level

    @rule(place=st.integers(0, 1), number=st.integers(0, 9), level=st.integers(0, 1), stops=st.booleans())
    def send_ahead(self, place, number, level, stops):
        view, picture = self.views[place], slice_of(number, self.sites[place])
        upload = view.canvas.draw_ahead(
            number, lambda _width, _height: picture, self.sites[place], level=level
        )
        for piece in upload.pieces[: 1 if stops else None]:
            self.model.read(piece)
        ending = view.canvas.ended(upload, is_complete=not (stops and upload.pieces))
        if stops and upload.pieces:
            self.model.read(ending)

    @rule(place=st.integers(0, 1), again=st.booleans())
    def begin_to_mend_and_stop(self, place, again):
        if self.shown[place] is None:
            return
        view, (_, drawing, _) = self.views[place], self.shown[place]
        if view.canvas.show(drawing, self.sites[place], again=again) is not None:
            view.canvas.abandon()
        self.mend(place)

    @rule(place=st.integers(0, 1), number=st.integers(0, 9))
    def draw_and_never_show(self, place, number):
        self.views[place].canvas.draw(slice_of(number, self.sites[place]), self.sites[place], level=0)

    @precondition(lambda self: any(self.shown))
    @rule(
        place=st.integers(0, 1),
        x=st.sampled_from([0, 4, 30]),
        y=st.sampled_from([0, 2]),
        columns=st.integers(1, 20),
        rows=st.integers(1, 6),
        has_cover=st.booleans(),
    )
    def cover(self, place, x, y, columns, rows, has_cover):
        cover = [CellBox(x, y, min(columns, COLUMNS - x), rows)] if has_cover else []
        self.sites[place] = site_at(place * COLUMNS, covered=cover)
        self.mend(place)

    def mend(self, place):
        if self.shown[place] is None:
            return
        picture, drawing, level = self.shown[place]
        pieces = self.views[place].canvas.show(drawing, self.sites[place], again=True)
        if pieces is None:  # given up since: what the view does then
            drawing = self.views[place].canvas.draw(picture, self.sites[place], level=level)
            pieces = self.views[place].canvas.show(drawing, self.sites[place], again=False)
            self.shown[place] = picture, drawing, level
        for piece in pieces:
            self.model.read(piece)

    @rule(place=st.integers(0, 1))
    def hide(self, place):
        self.model.read(self.views[place].canvas.hide())
        assert (self.views[place].seen(self.sites[place]) == self.model.background).all()
        self.mend(place)

    @rule(place=st.integers(0, 1))
    def close(self, place):
        self.model.read(self.views[place].canvas.forget())
        self.views[place] = Viewed(self.store, self.model)
        self.shown[place] = None

    @rule()
    def stop_and_go_on(self):
        self.model.images.clear()
        for view in self.views:
            view.canvas.lost()
        for place in range(2):
            self.mend(place)

    @invariant()
    def each_view_shows_its_picture(self):
        for view, site, shown in zip(self.views, self.sites, self.shown, strict=True):
            seen = view.seen(site)
            if shown is None:
                assert (seen == self.model.background).all()
                continue
            picture, _, level = shown
            mask = np.ones(seen.shape[:2], bool)
            for cover in site.covered:
                mask[
                    cover.y * 16 : (cover.y + cover.height) * 16, cover.x * 8 : (cover.x + cover.width) * 8
                ] = 0
            assert (seen[~mask] == self.model.background).all()
            if level == 0:
                assert (seen == wanted(picture))[mask].all()

    @invariant()
    def the_terminal_keeps_little(self):
        assert self.model.size_bytes <= 14 * IMAGE_BYTES


TestSession = Session.TestCase
TestSession.settings = settings(max_examples=10, stateful_step_count=25, deadline=None)
