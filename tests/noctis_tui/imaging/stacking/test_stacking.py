from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import volume_phantoms as vp
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.pixels.acquisition_attributes import AcquisitionAttributes, AcquisitionTimes
from noctis_tui.imaging.patient_space import ImagePlane
from noctis_tui.imaging.slices import Slice
from noctis_tui.imaging.stacking import frame_grouping
from noctis_tui.imaging.stacking.stack_frame import StackFrame
from noctis_tui.imaging.stacking.stacking import stack_volumes

GRID = vp.Grid((5, 20, 30), (2.5, 0.7, 0.9), vp.AXIAL, (-20.0, 31.0, 12.0))


def frames_of(grid, *, digits=None, first=0, **attributes):
    """Return a frame for each slice; positions rounded to so many digits, attributes by slice."""
    rows, columns = grid.shape[1:]
    frames = []
    for k in range(grid.shape[0]):
        at = grid.point_mm(k, 0, 0)
        position = tuple(float(part) if digits is None else round(float(part), digits) for part in at)
        plane = ImagePlane(position, tuple(map(float, grid.orientation)), *grid.spacing_mm[1:])
        frames.append(
            StackFrame(
                Slice(plane, rows, columns, "1.2.3"),
                f"1.{first + k}",
                instance_number=first + k,
                **{name: value(k) if callable(value) else value for name, value in attributes.items()},
            )
        )
    return frames


def moved(frame, by_mm):
    plane = frame.place.plane
    position = tuple(float(part + step) for part, step in zip(plane.position_mm, by_mm, strict=True))
    return replace(frame, place=replace(frame.place, plane=replace(plane, position_mm=position)))


def acquired(**attributes):
    return AcquisitionAttributes(**attributes)


directions = st.tuples(*(st.floats(-1, 1) for _ in range(3))).filter(lambda axis: np.linalg.norm(axis) > 0.1)


@st.composite
def grids(draw, steepest=0.0):
    orientation = vp.turned(
        draw(st.sampled_from([vp.AXIAL, vp.CORONAL, vp.SAGITTAL])), draw(directions), draw(st.floats(0, 360))
    )
    spacing = tuple(draw(st.floats(0.3, 9)) for _ in range(3))
    along_columns = float(np.tan(np.radians(draw(st.floats(-steepest, steepest))))) * spacing[0]
    return vp.Grid(
        (draw(st.integers(3, 40)), draw(st.integers(1, 64)), draw(st.integers(1, 64))),
        spacing,
        orientation,
        tuple(draw(st.floats(-900, 900)) for _ in range(3)),
        (0.0, along_columns),
    )


def farthest_mm(plan, grid):
    """Return how far a pixel of any frame lies from the voxel that its values go to, at most."""
    shifts = zip(
        np.zeros(plan.shape[0]) if plan.row_shifts is None else plan.row_shifts,
        np.zeros(plan.shape[0]) if plan.column_shifts is None else plan.column_shifts,
        strict=True,
    )
    away = [0.0]
    for k, (down, right) in enumerate(shifts):
        for row, column in ((0, 0), (grid.shape[1] - 1, grid.shape[2] - 1)):
            voxel = plan.index_to_patient @ (k, row + down, column + right, 1)
            away.append(float(np.linalg.norm(voxel[:3] - grid.point_mm(k, row, column))))
    return max(away)


@settings(max_examples=80, deadline=None)
@given(grids(), st.randoms())
def test_any_straight_stack_is_one_volume_on_the_grid_it_came_from(grid, random):
    frames = frames_of(grid)
    random.shuffle(frames)
    stacking = stack_volumes(frames)
    (plan,) = stacking.volumes
    assert stacking.refusals == ()
    assert plan.name == ""
    assert plan.shape == grid.shape
    assert plan.is_as_stored
    assert [frame.sop_instance_uid for frame in plan.frames] == [f"1.{k}" for k in range(grid.shape[0])]
    assert np.allclose(plan.index_to_patient, grid.index_to_patient, atol=1e-6)


@settings(max_examples=80, deadline=None)
@given(grids(steepest=30.0))
def test_a_tilted_stack_is_put_upright_and_no_pixel_moves(grid):
    (plan,) = stack_volumes(frames_of(grid)).volumes
    axes = plan.index_to_patient[:3, :3]
    assert np.allclose(axes.T @ axes, np.diag(np.square(grid.spacing_mm)), atol=1e-6)
    drift = abs(grid.drift_mm[1]) * (grid.shape[0] - 1)
    if drift < 0.25 * grid.spacing_mm[1]:
        assert plan.tilt_degrees == 0
        assert farthest_mm(plan, grid) <= 0.25 * grid.spacing_mm[1] + 1e-6
    else:
        assert plan.tilt_degrees == pytest.approx(
            np.degrees(np.arctan2(grid.drift_mm[1], grid.spacing_mm[0]))
        )
        assert farthest_mm(plan, grid) < 1e-6
        assert plan.row_shifts.min() >= 0
        assert plan.row_shifts.max() + grid.shape[1] <= plan.shape[1] + 1e-6


@settings(max_examples=60, deadline=None)
@given(grids(), st.integers(1, 4))
def test_positions_rounded_as_scanners_round_them_still_make_a_volume(grid, digits):
    if min(grid.spacing_mm) < 0.7:
        digits = max(digits, 2)
    frames = frames_of(replace(grid, orientation=vp.AXIAL), digits=digits)
    stacking = stack_volumes(frames)
    (plan,) = stacking.volumes
    assert plan.spacing_between_slices_mm == pytest.approx(grid.spacing_mm[0], abs=0.1 / (grid.shape[0] - 1))


@settings(max_examples=30, deadline=None)
@given(grids(), st.randoms())
def test_cosines_rounded_differently_do_not_move_two_images_at_one_position_apart(grid, random):
    grid = replace(grid, first_mm=(900.0, -900.0, 900.0))
    frames = [
        replace(
            frame,
            place=replace(frame.place, plane=replace(frame.place.plane, orientation=rounded)),
            sop_instance_uid=f"{time}.{k}",
            acquisition=acquired(temporal_position=time),
        )
        for time in (1, 2)
        for k, frame in enumerate(frames_of(grid))
        for rounded in [tuple(part + random.uniform(-5e-5, 5e-5) for part in frame.place.plane.orientation)]
    ]
    random.shuffle(frames)
    stacking = stack_volumes(frames)
    assert [plan.name for plan in stacking.volumes] == ["time 1/2", "time 2/2"]
    for time, plan in enumerate(stacking.volumes, 1):
        order = [frame.sop_instance_uid for frame in plan.frames]
        assert order == [f"{time}.{k}" for k in range(grid.shape[0])]


@settings(max_examples=60, deadline=None)
@given(grids(), st.data())
def test_a_slice_that_is_missing_or_moved_is_told_with_its_neighbours(grid, data):
    grid = replace(grid, shape=(max(grid.shape[0], 5), *grid.shape[1:]))
    frames = frames_of(grid)
    place = data.draw(st.integers(1, len(frames) - 2))
    missing = stack_volumes(frames[:place] + frames[place + 1 :])
    (refusal,) = missing.refusals
    assert missing.volumes == ()
    assert refusal.reason.startswith("1 slice is missing: ")
    assert set(refusal.sop_instance_uids) == {f"1.{place - 1}", f"1.{place + 1}"}

    normal = np.cross(grid.orientation[:3], grid.orientation[3:])
    frames[place] = moved(frames[place], normal * 0.3 * grid.spacing_mm[0])
    uneven = stack_volumes(frames)
    (refusal,) = uneven.refusals
    assert uneven.volumes == ()
    assert refusal.reason.startswith("The slices are not evenly apart: ")
    assert f"1.{place}" in refusal.sop_instance_uids


def test_uneven_slices_are_resampled_when_that_is_asked_for():
    frames = frames_of(GRID)
    frames[3] = moved(frames[3], (0, 0, 1.0))
    (plan,) = stack_volumes(frames, resample_uneven=True).volumes
    assert plan.shape == GRID.shape
    assert np.allclose(plan.source_slices, [0, 1, 2, 2 + 2.5 / 3.5, 4])
    assert np.allclose(plan.index_to_patient, GRID.index_to_patient)
    assert plan.sop_instance_uids == ("1.0", "1.1", "1.2", "1.3", "1.4")


def test_a_gap_is_bridged_only_when_that_is_asked_for():
    frames = frames_of(GRID)
    del frames[2]
    assert stack_volumes(frames).volumes == ()
    (plan,) = stack_volumes(frames, resample_uneven=True).volumes
    assert plan.shape == GRID.shape
    assert np.allclose(plan.source_slices, [0, 1, 1.5, 2, 3])


def test_resampling_does_not_make_thousands_of_slices_of_a_few():
    frames = [*frames_of(GRID), moved(frames_of(GRID)[0], (0, 0, 1e5))]
    frames[-1] = replace(frames[-1], sop_instance_uid="1.99")
    stacking = stack_volumes(frames, resample_uneven=True)
    assert stacking.volumes == ()
    assert "too many to resample" in stacking.refusals[0].reason


def test_slices_shifted_sideways_unevenly_are_no_volume():
    frames = frames_of(GRID)
    frames[2] = moved(frames[2], (3.0, 0, 0))
    (refusal,) = stack_volumes(frames).refusals
    assert refusal.reason == "The slices are shifted sideways against each other unevenly."


def test_a_shift_that_no_gantry_makes_is_refused():
    (refusal,) = stack_volumes(frames_of(replace(GRID, drift_mm=(0.0, 5.0)))).refusals
    assert refusal.reason == "The slices are shifted sideways by 63 degrees: no gantry tilts so far."


@pytest.mark.parametrize(
    ("count", "reason"),
    [
        (1, "A single image is no volume."),
        (2, "Two slices are too few for a volume: nothing shows that they are evenly apart."),
    ],
)
def test_too_few_slices_are_no_volume(count, reason):
    (refusal,) = stack_volumes(frames_of(GRID)[:count]).refusals
    assert refusal.reason == reason
    assert refusal.sop_instance_uids == ("1.0", "1.1")[:count]


@pytest.mark.parametrize(("count", "who"), [(2, "Both"), (3, "All 3")])
def test_images_at_one_position_are_no_volume(count, who):
    same = [replace(frames_of(GRID)[0], sop_instance_uid=f"2.{number}") for number in range(count)]
    (refusal,) = stack_volumes(same).refusals
    assert refusal.reason == f"{who} images lie at one position."
    assert len(refusal.sop_instance_uids) == count


def test_a_second_image_at_one_position_is_told_with_its_twin():
    frames = frames_of(GRID)
    (refusal,) = stack_volumes([*frames, replace(frames[2], sop_instance_uid="2.2")]).refusals
    assert refusal.reason == ("2 images share one position, and nothing says which of them belong together.")
    assert set(refusal.sop_instance_uids) == {"1.2", "2.2"}


def test_the_same_instance_twice_counts_once():
    frames = frames_of(GRID)
    assert len(stack_volumes(frames + frames).volumes) == 1


def test_color_and_images_without_a_place_are_refused_beside_a_volume():
    colored = [
        replace(frame, is_color=True, sop_instance_uid=f"2.{n}") for n, frame in enumerate(frames_of(GRID))
    ]
    nowhere = StackFrame(None, "3.1")
    stacking = stack_volumes([*frames_of(GRID), *colored, nowhere])
    assert len(stacking.volumes) == 1
    assert [refusal.reason for refusal in stacking.refusals] == [
        "Colour images have no values that a volume could hold.",
        "The images do not say where they lie in the patient.",
    ]
    assert stacking.refusals[0].sop_instance_uids == tuple(f"2.{n}" for n in range(5))


@pytest.mark.parametrize("spacing", [1e-9, 1e300])
def test_a_geometry_that_no_patient_has_is_refused(spacing):
    frames = frames_of(replace(GRID, spacing_mm=(2.5, spacing, spacing)))
    (refusal,) = stack_volumes(frames).refusals
    assert refusal.reason == "The images say that they lie where no patient can be."


def test_different_orientations_are_different_volumes():
    coronal = replace(GRID, orientation=vp.CORONAL)
    stacking = stack_volumes(frames_of(GRID) + frames_of(coronal, first=10))
    assert [plan.name for plan in stacking.volumes] == ["axial", "coronal"]


def test_a_localizer_with_few_slices_in_each_orientation_is_refused_in_one_sentence():
    frames = frames_of(replace(GRID, shape=(2, 8, 8)))
    frames += frames_of(replace(GRID, shape=(2, 8, 8), orientation=vp.SAGITTAL), first=10)
    (refusal,) = stack_volumes(frames).refusals
    assert refusal.reason == (
        "The images have 2 orientations, and none has the 3 parallel slices that a volume takes."
    )
    assert len(refusal.sop_instance_uids) == 4


def test_different_frames_of_reference_are_different_volumes():
    other = [
        replace(frame, place=replace(frame.place, frame_of_reference_uid="9"), sop_instance_uid=f"2.{n}")
        for n, frame in enumerate(frames_of(GRID))
    ]
    assert [plan.name for plan in stack_volumes(frames_of(GRID) + other).volumes] == ["axial 1", "axial 2"]


def several(*acquisitions):
    """Return the grid once for each, all at the same positions."""
    return [
        frame
        for number, acquisition in enumerate(acquisitions)
        for frame in frames_of(GRID, first=100 * number, acquisition=acquisition)
    ]


@pytest.mark.parametrize(
    ("acquisitions", "names"),
    [
        (
            [acquired(echo_time_ms=80.0, echo_number=2), acquired(echo_time_ms=12.0, echo_number=1)],
            ["echo 1 (12 ms)", "echo 2 (80 ms)"],
        ),
        ([acquired(diffusion_b_value=b) for b in (0.0, 1000.0)], ["b = 0 s/mm²", "b = 1000 s/mm²"]),
        (
            [acquired(diffusion_b_value=700.0, diffusion_gradient=g) for g in ((0, 0, 1), (0, 1, 0))],
            ["gradient 1/2", "gradient 2/2"],
        ),
        (
            [acquired(image_type=("ORIGINAL", "PRIMARY", kind, "NONE")) for kind in "MP"],
            ["m", "p"],
        ),
        ([acquired(temporal_position=t) for t in (3, 1, 2)], ["time 1/3", "time 2/3", "time 3/3"]),
        ([acquired(acquisition_number=a) for a in (7, 4)], ["acquisition 4", "acquisition 7"]),
        ([acquired(convolution_kernel=(k,)) for k in ("B30f", "B70f")], ["B30f", "B70f"]),
        ([acquired(dimension_index_values=(n,)) for n in (2, 1)], ["part 1/2", "part 2/2"]),
        ([acquired(), acquired()], ["volume 1/2", "volume 2/2"]),
    ],
)
def test_what_was_acquired_several_times_is_several_volumes(acquisitions, names):
    stacking = stack_volumes(several(*acquisitions))
    assert [plan.name for plan in stacking.volumes] == names
    assert stacking.refusals == ()
    for plan in stacking.volumes:
        assert plan.shape == GRID.shape
        assert len({frame.acquisition for frame in plan.frames}) == 1


def test_cardiac_phases_are_taken_in_turns_where_trigger_times_differ_from_slice_to_slice():
    frames = [
        frame
        for phase in range(3)
        for frame in frames_of(
            GRID,
            first=100 * phase,
            times=lambda k, phase=phase: AcquisitionTimes("", 40.0 * phase + 0.7 * k, None),
        )
    ]
    stacking = stack_volumes(frames[::-1])
    assert [plan.name for plan in stacking.volumes] == ["phase 1/3", "phase 2/3", "phase 3/3"]
    for phase, plan in enumerate(stacking.volumes):
        assert [frame.instance_number for frame in plan.frames] == [100 * phase + k for k in range(5)]


def test_interleaved_acquisitions_are_one_volume():
    frames = frames_of(GRID, acquisition=lambda k: acquired(acquisition_number=k % 2, temporal_position=k))
    (plan,) = stack_volumes(frames).volumes
    assert plan.shape == GRID.shape


def test_a_time_that_differs_from_slice_to_slice_parts_nothing():
    frames = frames_of(GRID, times=lambda k: AcquisitionTimes(f"1200{k:02}", 10.0 * k, 1000.0 * k))
    assert len(stack_volumes(frames).volumes) == 1


def test_two_ranges_of_two_acquisitions_are_two_volumes():
    far = replace(GRID, first_mm=(-20.0, 31.0, 400.0))
    frames = frames_of(GRID, acquisition=acquired(acquisition_number=1))
    frames += frames_of(far, first=10, acquisition=acquired(acquisition_number=2))
    assert [plan.name for plan in stack_volumes(frames).volumes] == ["acquisition 1", "acquisition 2"]


def test_the_last_time_may_be_incomplete():
    frames = several(*(acquired(temporal_position=t) for t in (1, 2)))
    stacking = stack_volumes(frames[:-2])
    assert [(plan.name, plan.shape[0]) for plan in stacking.volumes] == [("time 1/2", 5), ("time 2/2", 3)]
    stacking = stack_volumes([*frames[:7], *frames[8:]])
    assert [plan.name for plan in stacking.volumes] == ["time 1/2"]
    assert [refusal.name for refusal in stacking.refusals] == ["time 2/2"]


def test_more_stacks_than_any_series_has_are_refused_at_once(monkeypatch):
    monkeypatch.setattr(frame_grouping, "MOST_GROUPS", 3)
    frames = [
        replace(
            frames_of(replace(GRID, orientation=vp.turned(vp.AXIAL, (1, 0, 0), 5.0 * n)))[0],
            sop_instance_uid=f"{n}",
        )
        for n in range(4)
    ]
    (refusal,) = stack_volumes(frames).refusals
    assert refusal.reason == "The images lie in more than 3 different planes."


def test_no_frames_make_no_volume_and_no_refusal():
    assert stack_volumes([]) == stack_volumes(())
    assert stack_volumes([]).volumes == stack_volumes([]).refusals == ()
