"""Every series and image of the corpus is the volume that its description tells of, or says why not."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
import SimpleITK
from loaded_volumes import modality, only

from noctis_tui.reading.volume_loading import LoadingOptions, load_volumes

pytestmark = pytest.mark.shared


def files_in(folder):
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]


VOLUMES = {
    "ct_chest_cmb_crc": [((60, 512, 512), (2.5, 0.898438, 0.898438))],
    "ct_head_phantom_5mm": [((28, 512, 512), (5, 0.451172, 0.451172))],
    "ct_head_phantom_tilt_neg18": [((14, 534, 512), (2.370834, 0.482422, 0.482422))],
    "mr_liver_haste_coronal": [((30, 256, 256), (8.75, 1.5625, 1.5625))],
    "mr_head_sag_prone_HFP": [((10, 256, 256), (4.8, 1.015625, 1.015625))],
    "mr_mosaic_fmri": [((50, 80, 80), (3.08, 2.5, 2.5))] * 2,
    "mr_dti_4d": [((4, 64, 64), (3.8, 3.4375, 3.4375))] * 4,
    "mr_rescale_per_slice": [((4, 28, 64), (0.5, 4.0, 6.4))],
    "mr_oblique_hitachi": [((4, 64, 64), (4, 2.34375, 2.34375))],
    "mr_four_syntaxes_one_series": [((4, 256, 256), (1, 1, 1))],
    "mr_head_t1_defaced": [((55, 384, 274), (4.667, 0.667, 0.7))],
    "ct_missing_slice": [],
    "ct_same_position": [],
    "mr_mixed_orientation": [],
    "rgb_series": [],
}
REFUSED = {
    "ct_missing_slice": "1 slice is missing: slices are 10.00 mm apart where the others are 5.00 mm apart.",
    "ct_same_position": "Both images lie at one position.",
    "mr_mixed_orientation": "The images have 2 orientations,"
    " and none has the 3 parallel slices that a volume takes.",
    "rgb_series": "Colour images have no values that a volume could hold.",
}


@pytest.mark.shared
@pytest.mark.parametrize("name", VOLUMES)
def test_every_shared_series_is_what_its_readme_says_or_says_why_not(shared_data, name):
    series = load_volumes(files_in(shared_data / "volumes" / name))
    assert [volume.shape for volume in series.volumes] == [shape for shape, _ in VOLUMES[name]]
    for volume, (_, spacing_mm) in zip(series.volumes, VOLUMES[name], strict=True):
        assert np.allclose(volume.spacing_mm, spacing_mm, atol=1e-3)
    reasons = [REFUSED[name]] if name in REFUSED else []
    assert [refusal.reason for refusal in series.refusals] == reasons
    assert all(uid for refusal in series.refusals for uid in refusal.sop_instance_uids)


@pytest.mark.shared
@pytest.mark.parametrize(
    "name",
    [
        "ct_chest_cmb_crc",
        "mr_liver_haste_coronal",
        "mr_head_sag_prone_HFP",
        "mr_oblique_hitachi",
        "mr_head_t1_defaced",
    ],
)
def test_values_and_places_are_simpleitk_s(shared_data, name):
    paths = files_in(shared_data / "volumes" / name)
    volume = only(load_volumes(paths))
    by_uid = {pydicom.dcmread(path, stop_before_pixels=True).SOPInstanceUID: path for path in paths}
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames([str(by_uid[uid]) for uid in volume.source_sop_instance_uids])
    image = reader.Execute()
    assert (SimpleITK.GetArrayViewFromImage(image) == modality(volume)).all()
    last = [length - 1 for length in volume.shape]
    for k, j, i in ((0, 0, 0), (0, last[1], last[2]), (last[0], 0, last[2]), tuple(last)):
        theirs = image.TransformIndexToPhysicalPoint((i, j, k))
        assert np.allclose(volume.patient_point(k, j, i), theirs, atol=0.02)


@pytest.mark.shared
def test_a_sheared_head_is_simpleitk_s_resampled_one(shared_data):
    paths = files_in(shared_data / "volumes" / "ct_head_phantom_tilt_neg18")
    volume = only(load_volumes(paths))
    slices = sorted(map(pydicom.dcmread, paths), key=lambda ds: float(ds.ImagePositionPatient[2]))
    stored = np.stack([ds.pixel_array for ds in slices]).astype(np.float32) - 1024
    first, last = (np.array(ds.ImagePositionPatient, float) for ds in (slices[0], slices[-1]))
    # ITK holds no shear: the stack stands in index space, and a transform leads there.
    orientation, pixel_mm = np.array(slices[0].ImageOrientationPatient, float), slices[0].PixelSpacing[0]
    column = orientation[3:] / np.linalg.norm(orientation[3:])
    to_index = np.linalg.inv(
        np.stack([orientation[:3] * pixel_mm, column * pixel_mm, (last - first) / (len(slices) - 1)], 1)
    )
    transform = SimpleITK.AffineTransform(3)
    transform.SetMatrix(to_index.ravel().tolist())
    transform.SetTranslation((-to_index @ first).tolist())
    grid = SimpleITK.Image(*volume.shape[::-1], SimpleITK.sitkFloat32)
    grid.SetSpacing(volume.spacing_mm[::-1])
    grid.SetOrigin(volume.index_to_patient[:3, 3].tolist())
    grid.SetDirection((volume.index_to_patient[:3, 2::-1] / volume.spacing_mm[::-1]).ravel().tolist())
    outside = -9999.0
    resampled = SimpleITK.GetArrayFromImage(
        SimpleITK.Resample(
            SimpleITK.GetImageFromArray(stored),
            grid,
            transform,
            SimpleITK.sitkLinear,
            outside,
            SimpleITK.sitkFloat32,
        )
    )
    place = np.indices(volume.shape)[1] - np.linspace(22, 0.6236847, len(slices))[:, None, None]
    inside = (place >= 0) & (place <= 511) & (resampled != outside)
    assert inside.mean() > 0.9
    assert np.abs(resampled - volume.stored_values)[inside].max() < 1e-3


SINGLE = {
    "enh_mr_coronal_t2.dcm": ([(15, 256, 256)], []),
    "enh_mr_siemens_xa_25f.dcm": ([(25, 64, 64)], []),
    "enh_mr_philips_dti_32f.dcm": ([(8, 128, 128)] * 4, []),
    "enh_mr_stacks.dcm": ([(3, 256, 256)] * 4, []),
    "legacy_enh_ct_3f.dcm": ([(3, 38, 23)], []),
    "enh_ct_supplemental_palette.dcm": (
        [],
        ["Two slices are too few for a volume: nothing shows that they are evenly apart."],
    ),
    "nm_heart_13f.dcm": ([], ["The images do not say where they lie in the patient."]),
    "pt_acrin_flt_029.dcm": ([], ["A single image is no volume."]),
    "seg_ct_binary.dcm": ([], ["A segmentation holds no values: it says what other images show."]),
    "sr_suv_qiicr.dcm": ([], ["The instance has no pixels to show."]),
}


@pytest.mark.shared
@pytest.mark.parametrize("name", SINGLE)
def test_every_multi_frame_image_is_a_volume_or_says_why_not(shared_data, name):
    series = load_volumes([shared_data / "single" / name])
    shapes, reasons = SINGLE[name]
    assert [volume.shape for volume in series.volumes] == shapes
    assert [refusal.reason for refusal in series.refusals] == reasons


@pytest.mark.shared
def test_every_broken_file_is_refused_in_a_sentence(shared_data):
    for path in files_in(shared_data / "broken"):
        series = load_volumes([path], options=LoadingOptions(memory_limit_bytes=1 << 28))
        for refusal in series.refusals:
            assert refusal.reason.endswith(".")
            assert refusal.reason.isprintable()
        assert series.volumes == () or all(volume.shape[0] > 2 for volume in series.volumes)
