from __future__ import annotations

import volume_phantoms as vp
from phantoms import image
from pydicom.dataset import Dataset
from pydicom.uid import MRImageStorage

from archive.pixels.acquisition_attributes import (
    GROUPS,
    AcquisitionAttributes,
    AcquisitionTimes,
    read_acquisition_attributes,
    read_acquisition_times,
)
from archive.pixels.frames import ImageFile
from archive.pixels.functional_groups import FunctionalGroups


def read(path, frame_index=0):
    with ImageFile.open(path) as file:
        ds = file.data_set(GROUPS)
        groups = FunctionalGroups(ds).of_frame(frame_index)
        return read_acquisition_attributes(ds, groups), read_acquisition_times(ds, groups)


def test_a_single_image_says_it_in_its_own_elements(tmp_path):
    (path,) = vp.write_series(
        tmp_path,
        vp.Grid((1, 4, 4)),
        vp.ramp((1, 0, 0)),
        ImageType=["ORIGINAL", "PRIMARY", "M"],
        AcquisitionNumber=3,
        AcquisitionDate="20240102",
        AcquisitionTime="101112.5",
        TemporalPositionIdentifier=2,
        TriggerTime="31.5",
        FrameReferenceTime="1500",
        EchoNumbers=2,
        EchoTime="80.1",
        DiffusionBValue=700.0,
        DiffusionGradientOrientation=[0.0, 0.6, 0.8],
        ConvolutionKernel="B30f",
    )
    attributes, times = read(path)
    assert attributes == AcquisitionAttributes(
        image_type=("ORIGINAL", "PRIMARY", "M"),
        acquisition_number=3,
        temporal_position=2,
        echo_number=2,
        echo_time_ms=80.1,
        diffusion_b_value=700.0,
        diffusion_gradient=(0.0, 0.6, 0.8),
        convolution_kernel=("B30f",),
    )
    assert times == AcquisitionTimes("20240102101112.5", 31.5, 1500.0)


def item(**values):
    ds = Dataset()
    for keyword, value in values.items():
        setattr(ds, keyword, value)
    return ds


def test_a_frame_says_it_in_its_functional_groups(tmp_path):
    path = vp.write_enhanced(tmp_path / "enhanced", vp.Grid((2, 4, 4)), vp.ramp((1, 0, 0)))
    import pydicom

    ds = pydicom.dcmread(path)
    ds.AcquisitionNumber, ds.EchoTime = 9, "1"
    content = ds.PerFrameFunctionalGroupsSequence[1].FrameContentSequence[0]
    content.TemporalPositionIndex, content.FrameAcquisitionNumber = 4, 5
    content.FrameAcquisitionDateTime = "20240102101112"
    frame = ds.PerFrameFunctionalGroupsSequence[1]
    frame.MREchoSequence = [item(EffectiveEchoTime=33.5)]
    frame.MRImageFrameTypeSequence = [
        item(FrameType=["ORIGINAL", "PRIMARY", "T1", "NONE"], ComplexImageComponent="MAGNITUDE")
    ]
    frame.MRDiffusionSequence = [
        item(
            DiffusionBValue=800.0,
            DiffusionGradientDirectionSequence=[item(DiffusionGradientOrientation=[1.0, 0.0, 0.0])],
        )
    ]
    frame.CardiacSynchronizationSequence = [item(NominalCardiacTriggerDelayTime=12.5)]
    ds.save_as(path)

    attributes, times = read(path, 1)

    assert attributes == AcquisitionAttributes(
        image_type=("ORIGINAL", "PRIMARY", "T1", "NONE", "MAGNITUDE"),
        acquisition_number=5,
        temporal_position=4,
        echo_time_ms=33.5,
        diffusion_b_value=800.0,
        diffusion_gradient=(1.0, 0.0, 0.0),
        stack_id="1",
        dimension_index_values=(2,),
    )
    assert times == AcquisitionTimes("20240102101112", 12.5, None)
    assert read(path, 0)[0].acquisition_number == 9


def test_what_is_not_said_or_does_not_read_is_left_out(tmp_path):
    import numpy as np
    import pydicom

    ds = image(np.zeros((2, 2), np.uint16), SOPClassUID=MRImageStorage)
    with pydicom.config.disable_value_validation():
        ds.add_new("EchoTime", "LO", "abc")
        ds.add_new("TriggerTime", "LO", "nan")
        ds.save_as(tmp_path / "odd", enforce_file_format=True)
    assert read(tmp_path / "odd") == (AcquisitionAttributes(), AcquisitionTimes())
