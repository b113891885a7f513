from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file

from archive.errors import NoctisError
from noctis_tui.reading.derived.opening import opened_object
from noctis_tui.reading.documents.reading import page_count, read_document
from noctis_tui.reading.documents.waveform import channels_of, pages_of
from noctis_tui.reading.frame_reading import FrameReader, read_frame
from noctis_tui.reading.loaded_frame import LoadedFrame
from noctis_tui.reading.stack import FrameRef

ECG = Path(get_testdata_file("waveform_ecg.dcm"))


def changed(tmp_path, **attributes):
    ds = dcmread(ECG)
    for keyword, value in attributes.items():
        setattr(ds.WaveformSequence[0], keyword, value)
    path = tmp_path / "ecg.dcm"
    ds.save_as(path)
    return path


def test_values_are_those_that_pydicom_reads():
    ds = dcmread(ECG)
    with opened_object(ECG) as opened:
        for page in pages_of(opened):
            wanted = ds.waveform_array(page.group)
            channels = channels_of(opened, page)
            assert [channel.label for channel in channels[:4]] == ["I", "II", "III", "aVR"]
            assert {channel.unit for channel in channels} == {"mV"}
            for place, channel in enumerate(channels):
                part = wanted[page.first_sample : page.first_sample + len(channel.values), place]
                assert np.allclose(channel.values, part / 1000)  # the file says uV


def test_an_ecg_is_a_picture_with_its_leads():
    frame = read_frame(ECG)
    assert isinstance(frame, LoadedFrame)
    assert frame.is_color
    assert frame.image.modality == "ECG"
    assert frame.stored_values.max() > 200
    assert page_count(ECG) == 2


def test_the_trace_is_where_the_paper_says(tmp_path):
    """A step of 1 mV is 10 mm high: 50 pixels."""
    samples = np.zeros((10_000, 12), np.int16)
    samples[5_000:, 0] = 800  # 1.25 uV each
    path = changed(tmp_path, WaveformData=samples.tobytes())
    picture = read_document(path).stored_values.astype(int)
    bright = (picture.min(axis=2) > 200) & (np.arange(picture.shape[1]) > 100)
    before, after = (np.flatnonzero(bright[60:160, column]) for column in (400, 900))
    assert abs((before.mean() - after.mean()) - 50) <= 1


def test_pages_there_are_not_are_refused():
    with pytest.raises(NoctisError, match="There is no page 3"):
        read_document(ECG, 2)


@pytest.mark.parametrize(
    "lies",
    [
        {"NumberOfWaveformSamples": 4_000_000_000},
        {"NumberOfWaveformChannels": 0},
        {"NumberOfWaveformChannels": 60_000},
        {"SamplingFrequency": "0"},
        {"SamplingFrequency": "1e30"},
        {"SamplingFrequency": "0.01"},
        {"WaveformSampleInterpretation": "AB"},
        {"WaveformData": b""},
    ],
)
def test_lies_cost_a_sentence_or_nothing(tmp_path, lies):
    shown = FrameReader().read(FrameRef(changed(tmp_path, **lies), 0))
    assert shown.size_bytes < 64 << 20


def test_labels_are_made_visible(tmp_path):
    ds = dcmread(ECG)
    ds.WaveformSequence[0].ChannelDefinitionSequence[0].ChannelLabel = "\x1b[31mI"
    ds.PatientName = "A\x9b^B"
    path = tmp_path / "ecg.dcm"
    ds.save_as(path)
    with opened_object(path) as opened:
        assert channels_of(opened, pages_of(opened)[0])[0].label == "␛[31mI"
    read_frame(path)
