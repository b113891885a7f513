from hypothesis import given
from hypothesis import strategies as st

from noctis_tui.graphics.cells.labels import label_cells
from noctis_tui.graphics.picture import Label


@given(st.text(max_size=40), st.integers(1, 20), st.integers(1, 10))
def test_labels_never_leave_the_picture(text, columns, rows):
    for row, column in label_cells((Label(text, "bottom-right"),), columns, rows):
        assert 0 <= row < rows
        assert 0 <= column < columns
