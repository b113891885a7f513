"""Frames of enhanced multi-frame images: whatever their order in the file, read in space, then in time."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np
import phantoms
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from archive.pixels.frame_order import OrderedFrame, ordered_frames
from archive.pixels.frames import ImageFile

if TYPE_CHECKING:
    from pathlib import Path

AXIAL, CORONAL = [1, 0, 0, 0, 1, 0], [1, 0, 0, 0, 0, -1]


def one(**attributes) -> Sequence:
    item = Dataset()
    for keyword, value in attributes.items():
        setattr(item, keyword, value)
    return Sequence([item])


def frame(z: float, orientation: list[float] = AXIAL, b_value: float | None = None, **content) -> Dataset:
    position = [0, 0, z] if orientation is AXIAL else [0, z, 0]
    item = Dataset()
    item.PlanePositionSequence = one(ImagePositionPatient=position)
    item.PlaneOrientationSequence = one(ImageOrientationPatient=orientation)
    if content:
        item.FrameContentSequence = one(**content)
    if b_value is not None:
        item.MRDiffusionSequence = one(DiffusionBValue=b_value)
    return item


def order_of(tmp_path: Path, frames: list[Dataset]) -> tuple[OrderedFrame, ...]:
    path = phantoms.write_image(
        tmp_path / "e.dcm",
        np.zeros((len(frames), 2, 2), np.int16),
        Modality="MR",
        PerFrameFunctionalGroupsSequence=Sequence(frames),
    )
    with ImageFile.open(path) as image:
        return ordered_frames(image, len(frames))


def indices(order: tuple[OrderedFrame, ...]) -> list[int]:
    return [place.frame_index for place in order]


def test_space_is_scrolled_through_before_time(tmp_path: Path):
    frames = [
        frame(3.0 * place, InStackPositionNumber=place + 1, TemporalPositionIndex=time)
        for place in range(4)
        for time in (1, 2)
    ]
    assert indices(order_of(tmp_path, frames)) == [0, 2, 4, 6, 1, 3, 5, 7]


def test_any_order_in_the_file_is_put_right(tmp_path: Path):
    wanted = [
        (b, gradient, place) for b, gradients in ((0, 1), (700, 3)) for gradient in range(gradients)
        for place in range(3)
    ]  # fmt: skip
    shuffled = random.Random(5).sample(wanted, len(wanted))
    frames = [
        frame(5.0 * place, b_value=b, DimensionIndexValues=[1, place + 1, 1 + (b > 0), gradient + 1])
        for b, gradient, place in shuffled
    ]
    # nothing but positions says which way: as the frames come, more often than not
    order = order_of(tmp_path, frames)
    read = [shuffled[index] for index in indices(order)]
    volumes = [read[start : start + 3] for start in range(0, len(read), 3)]
    assert [volume[0][:2] for volume in volumes] == [(0, 0), (700, 0), (700, 1), (700, 2)]
    assert all(sorted(volume) in (volume, volume[::-1]) for volume in volumes)


def test_in_stack_numbers_say_which_end_is_the_first(tmp_path: Path):
    frames = [frame(-2.5 * place, InStackPositionNumber=place + 1) for place in (2, 0, 1)]
    order = order_of(tmp_path, frames)
    assert indices(order) == [1, 2, 0]
    assert [place.position_mm for place in order] == [0, -2.5, -5]


def test_orientations_and_stack_ids_are_stacks_of_their_own(tmp_path: Path):
    frames = [
        frame(0, StackID="1"),
        frame(0, CORONAL, StackID="2"),
        frame(9, StackID="3"),
        frame(2, StackID="1"),
        frame(2, CORONAL, StackID="2"),
    ]
    order = order_of(tmp_path, frames)
    assert [(place.frame_index, place.part) for place in order] == [(0, 0), (3, 0), (1, 1), (4, 1), (2, 2)]


def test_places_that_are_met_again_begin_another_volume(tmp_path: Path):
    assert indices(order_of(tmp_path, [frame(z) for z in (0, 4, 8, 0, 4, 8)])) == [0, 1, 2, 3, 4, 5]
    assert indices(order_of(tmp_path, [frame(z) for z in (0, 0, 4, 4)])) == [0, 2, 1, 3]


def test_frames_without_places_stay_in_their_order(tmp_path: Path):
    items = []
    for _ in range(3):
        item = Dataset()
        item.FrameContentSequence = one(FrameAcquisitionNumber=1)
        items.append(item)
    assert order_of(tmp_path, items) == tuple(OrderedFrame(index, 0, None) for index in range(3))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("enh_mr_philips_dti_32f.dcm", [0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13]),
        ("enh_mr_siemens_xa_25f.dcm", [*range(12)]),
        ("legacy_enh_ct_3f.dcm", [2, 1, 0]),
        ("enh_ct_supplemental_palette.dcm", [1, 0]),
    ],
)
def test_real_files(shared_data: Path, name, expected):
    with ImageFile.open(shared_data / "single" / name) as image:
        assert indices(ordered_frames(image, image.frame_count))[: len(expected)] == expected


def test_stacks_of_a_real_file_that_are_not_parallel(shared_data: Path):
    with ImageFile.open(shared_data / "single/enh_mr_stacks.dcm") as image:
        order = ordered_frames(image, image.frame_count)
    assert [place.part for place in order] == [0] * 9 + [1] * 3
    assert [place.position_mm for place in order[9:]] == pytest.approx([6.3, 13.8, 21.3])
