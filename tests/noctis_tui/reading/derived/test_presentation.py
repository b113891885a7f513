import warnings

import mosaics
import numpy as np
import pytest
from derived_objects import ct_data_sets, ct_files, items, saved, shown
from fuzzing import drawn_objects
from fuzzing.written import encoded
from hypothesis import given
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.uid import generate_uid

from archive.annotations.annotation import Kind
from archive.errors import NoctisError
from archive.pixels.display import display_values
from archive.pixels.voi_lut import Window
from noctis_tui.graphics.picture import nearest_index
from noctis_tui.reading.derived import graphics
from noctis_tui.reading.derived.displayed_area import DisplayedArea
from noctis_tui.reading.derived.presentation import PresentationState
from noctis_tui.reading.frame_reading import read_frame
from noctis_tui.reading.marks import Note, Stroke
from noctis_tui.reading.measurement_cache import MeasurementCache
from noctis_tui.reading.pixel_values import value_text
from noctis_tui.reading.placement import ImageShape, place
from noctis_tui.reading.viewport import ViewState


def made(path, sources=None, *, graphics=(), texts=(), **attributes):
    """Make a state by highdicom, about all four slices unless told otherwise."""
    import highdicom as hd

    sources = sources or ct_data_sets()
    layer = hd.pr.GraphicLayer("LAYER", 1, display_color=hd.color.CIELabColor.from_rgb(250, 200, 30))
    drawn = bool(graphics or texts)
    annotations = None
    if drawn:
        annotations = [hd.pr.GraphicAnnotation(sources, layer, graphic_objects=graphics, text_objects=texts)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        state = hd.pr.GrayscaleSoftcopyPresentationState(
            sources,
            generate_uid(),
            400,
            generate_uid(),
            1,
            "Noctis",
            "a test",
            "1",
            "1",
            "LABEL",
            content_description="What it is about",
            graphic_layers=[layer] if drawn else None,
            graphic_annotations=annotations,
            voi_lut_transformations=[hd.pr.SoftcopyVOILUTTransformation(window_center=40, window_width=300)],
        )
    for keyword, value in attributes.items():
        setattr(state, keyword, value)
    return saved(state, path)


def test_greys_are_those_of_the_state(tmp_path):
    state = PresentationState.open(made(tmp_path / "pr.dcm"))
    assert state.name == "LABEL · What it is about"
    frame, _ = shown(ct_files()[1])
    presented = state.presented(frame)
    (window,) = presented.attributes.windows
    assert (window.center, window.width) == (40, 300)
    assert presented.attributes.units == "HU"
    wanted = display_values(frame.stored_values, frame.attributes, voi=Window(40, 300))
    assert np.array_equal(display_values(presented.stored_values, presented.attributes), wanted)
    assert state.presented(presented).attributes == presented.attributes


def test_inverse_and_a_table_turn_the_greys(tmp_path):
    frame, _ = shown(ct_files()[1])
    plain = display_values(frame.stored_values, frame.attributes, voi=Window(40, 300))
    inverse = PresentationState.open(made(tmp_path / "i.dcm", PresentationLUTShape="INVERSE")).presented(
        frame
    )
    assert np.array_equal(display_values(inverse.stored_values, inverse.attributes), 255 - plain)
    path = made(tmp_path / "t.dcm")
    ds = dcmread(path)
    del ds.PresentationLUTShape
    table = items(LUTDescriptor=[256, 0, 8])
    table.add_new("LUTData", "OW", np.arange(255, -1, -1, dtype=np.uint16).tobytes())
    ds.PresentationLUTSequence = [table]
    ds.save_as(path)
    tabled = PresentationState.open(path).presented(frame)
    shown_values = display_values(tabled.stored_values, tabled.attributes).astype(int)
    assert np.abs(shown_values - (255 - plain.astype(int))).max() <= 1


def test_without_greys_of_its_own_it_shows_the_stored_values(tmp_path):
    path = made(tmp_path / "pr.dcm")
    ds = dcmread(path)
    del ds.SoftcopyVOILUTSequence, ds.RescaleSlope, ds.RescaleIntercept
    ds.save_as(path)
    frame, _ = shown(ct_files()[1])
    presented = PresentationState.open(path).presented(frame)
    assert presented.attributes.rescale is None
    assert presented.attributes.units is None
    (window,) = presented.attributes.windows
    assert window.width == (1 << frame.attributes.bits_stored) - 1


def test_other_images_stay_as_they_are(tmp_path):
    state = PresentationState.open(made(tmp_path / "pr.dcm", ct_data_sets()[:1]))
    assert state.presented(shown(ct_files()[0])[0]) is not shown(ct_files()[0])[0]
    frame, _ = shown(ct_files()[1])
    assert state.presented(frame) is frame
    assert state.marks_on(frame) == ()


def test_the_shutter_is_the_states(tmp_path):
    path = made(
        tmp_path / "pr.dcm",
        ShutterShape="RECTANGULAR",
        ShutterLeftVerticalEdge="3",
        ShutterRightVerticalEdge="10",
        ShutterUpperHorizontalEdge="2",
        ShutterLowerHorizontalEdge="8",
        ShutterPresentationValue=0,
    )
    visible = PresentationState.open(path).presented(shown(ct_files()[1])[0]).shutter_visible
    rows, columns = np.nonzero(visible)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (1, 7, 2, 9)


@pytest.mark.parametrize(
    ("rotation", "flip", "top_left"),
    # Which corner of the stored image comes to the top left: (column, row) of a 16 x 16 image.
    [
        (0, "N", (0, 0)),
        (90, "N", (0, 16)),
        (180, "N", (16, 16)),
        (270, "N", (16, 0)),
        (0, "Y", (16, 0)),
        (90, "Y", (0, 0)),
        (180, "Y", (0, 16)),
        (270, "Y", (16, 16)),
    ],
)
def test_turned_first_then_mirrored(tmp_path, rotation, flip, top_left):
    path = made(tmp_path / "pr.dcm", ImageRotation=rotation, ImageHorizontalFlip=flip)
    state = PresentationState.open(path)
    frame, _ = shown(ct_files()[1])
    view = state.view_of(frame, ViewState(), (160, 160))
    assert place(frame.shape, view, 160, 160).image_point(0, 0) == pytest.approx(top_left)


@given(
    turns=st.integers(0, 3),
    mirrored=st.booleans(),
    left=st.integers(1, 60),
    top=st.integers(1, 40),
    width=st.integers(4, 60),
    height=st.integers(4, 50),
    pane=st.tuples(st.integers(80, 900), st.integers(80, 700)),
)
def test_the_corners_of_an_area_lie_where_it_is_seen(turns, mirrored, left, top, width, height, pane):
    """What is drawn in units of the display lies at its share of the area as it stands on the screen."""
    shape = ImageShape(100, 130)
    area = DisplayedArea((left, top), (left + width - 1, top + height - 1))
    view = area.view_of(shape, ViewState(quarter_turns=turns, mirrored=mirrored), pane)
    placement = place(shape, view, *pane)
    origin, right, down = (
        placement.screen_point(column + 0.5, row + 0.5)
        for column, row in area.corners(turns, mirrored=mirrored)
    )
    assert right[0] > origin[0]
    assert right[1] == pytest.approx(origin[1])
    assert down[1] > origin[1]
    assert down[0] == pytest.approx(origin[0])
    across, along = right[0] - origin[0], down[1] - origin[1]
    assert across <= pane[0] + 1
    assert along <= pane[1] + 1
    assert max(across / pane[0], along / pane[1]) == pytest.approx(1, abs=0.02)
    middle = (origin[0] + right[0]) / 2, (origin[1] + down[1]) / 2
    assert middle == pytest.approx((pane[0] / 2, pane[1] / 2), abs=1)


def test_graphics_and_texts(tmp_path):
    import highdicom as hd

    kinds, units = hd.pr.GraphicTypeValues, hd.pr.AnnotationUnitsValues
    graphics = [
        hd.pr.GraphicObject(kinds.POLYLINE, np.array([[1.0, 2.0], [5.0, 6.0]]), units.PIXEL),
        hd.pr.GraphicObject(kinds.POLYLINE, np.array([[0.0, 0.0], [1.0, 1.0]]), units.DISPLAY),
        hd.pr.GraphicObject(kinds.CIRCLE, np.array([[8.0, 8.0], [11.0, 8.0]]), units.PIXEL),
        hd.pr.GraphicObject(
            kinds.ELLIPSE, np.array([[4.0, 8.0], [12.0, 8.0], [8.0, 6.0], [8.0, 10.0]]), units.PIXEL
        ),
    ]
    text = hd.pr.TextObject(
        "See\x07 here",
        units=units.PIXEL,
        bounding_box=(2.0, 3.0, 9.0, 5.0),
        anchor_point=(8.0, 8.0),
        anchor_point_visible=True,
    )
    state = PresentationState.open(made(tmp_path / "pr.dcm", graphics=graphics, texts=[text]))
    line, box, circle, ellipse, pointer, note = state.marks_on(shown(ct_files()[1])[0])
    assert isinstance(line, Stroke)
    assert line.points == ((0.5, 1.5), (4.5, 5.5))
    assert line.rgb == pytest.approx((250, 200, 30), abs=10)
    assert box.points == ((-0.5, -0.5), (15.5, 15.5))
    radii = [np.hypot(x - 7.5, y - 7.5) for x, y in circle.points]
    assert radii == pytest.approx([3] * len(radii))
    columns, rows = zip(*ellipse.points, strict=True)
    assert (min(columns), max(columns), min(rows), max(rows)) == pytest.approx((3.5, 11.5, 5.5, 9.5))
    assert pointer.points == ((1.5, 2.5), (7.5, 7.5))
    assert isinstance(note, Note)
    assert note.text == "See␇ here"
    assert note.color_index == nearest_index(line.rgb) == 2  # yellow, as its layer


def test_what_is_no_state_and_what_lies(tmp_path):
    with pytest.raises(NoctisError):
        PresentationState.open(ct_files()[0])
    path = made(tmp_path / "pr.dcm", ImageRotation=91)
    ds = dcmread(path)
    ds.DisplayedAreaSelectionSequence[0].DisplayedAreaTopLeftHandCorner = [-(2**31), 5]
    ds.save_as(path)
    state = PresentationState.open(path)
    assert state.areas == ()
    frame, _ = shown(ct_files()[1])
    assert state.view_of(frame, ViewState(), (10, 10)).quarter_turns == 1


@pytest.mark.shared
def test_a_real_state_is_read(shared_data):
    state = PresentationState.open(shared_data / "single" / "pr_gsps_softneta.dcm")
    assert state.name == "PRESENTATION · hip"
    assert len(state.references) == 1
    (annotation,) = state.annotations.annotations
    assert len(annotation.graphics) == 1
    assert annotation.texts[0].text.startswith("Mean: 2651.41")


def test_values_are_told_and_measured_by_the_image_whatever_the_state_makes_of_its_greys(tmp_path):
    path = made(tmp_path / "pr.dcm")
    ds = dcmread(path)
    del ds.RescaleSlope, ds.RescaleIntercept, ds.RescaleType
    ds.save_as(path)
    frame, _ = shown(ct_files()[1])
    presented = PresentationState.open(path).presented(frame)
    assert presented.attributes.rescale is None
    assert value_text(presented, 3, 3) == value_text(frame, 3, 3)
    cache, corners = MeasurementCache(), ((2.0, 2.0), (9.0, 9.0))
    first = cache.measured(Kind.RECTANGLE, corners, presented)
    assert first == MeasurementCache().measured(Kind.RECTANGLE, corners, frame)
    assert first.value_unit == "HU"


def test_what_lies_over_a_mosaic_lies_over_none_of_its_slices(tmp_path):
    import highdicom as hd

    shutter = {
        "ShutterShape": "RECTANGULAR",
        "ShutterLeftVerticalEdge": 8,
        "ShutterRightVerticalEdge": 18,
        "ShutterUpperHorizontalEdge": 8,
        "ShutterLowerHorizontalEdge": 18,
    }
    said = {"PatientBirthDate": "", "PatientSex": "", "StudyDate": "", "StudyTime": "", "StudyID": ""}
    said |= {"AccessionNumber": "", "ReferringPhysicianName": "", "RescaleSlope": 1, "RescaleIntercept": 0}
    path = mosaics.written(tmp_path / "m.dcm", mosaics.COUNTED, RescaleType="US", **said, **shutter)
    whole, slice_ = read_frame(path, 0), read_frame(path, 1)
    assert whole.shutter_visible is not None
    assert slice_.shutter_visible is None
    line = hd.pr.GraphicObject("POLYLINE", np.array([[1.0, 1.0], [5.0, 5.0]]), "PIXEL")
    state = PresentationState.open(made(tmp_path / "pr.dcm", [dcmread(path)], graphics=[line]))
    assert state.marks_on(state.presented(whole))
    assert state.marks_on(state.presented(slice_)) == ()
    assert state.presented(slice_).attributes.windows[0].center == 40


def test_no_more_is_drawn_than_there_is_room_for(tmp_path, monkeypatch):
    path = tmp_path / "state.dcm"
    path.write_bytes(encoded(drawn_objects._state()))
    frame, _ = drawn_objects._shown()
    whole = len(PresentationState.open(path).marks_on(frame))
    monkeypatch.setattr(graphics, "DRAWN_POINTS_LIMIT", 2)
    assert len(PresentationState.open(path).marks_on(frame)) == 1
    monkeypatch.setattr(graphics, "DRAWN_POINTS_LIMIT", 1_000)
    monkeypatch.setattr(graphics, "DRAWN_LIMIT", 2)
    assert len(PresentationState.open(path).marks_on(frame)) == 2 < whole
