import warnings

import pytest
from derived_objects import ct_data_sets, ct_files, saved
from pydicom.uid import generate_uid

from archive.errors import NoctisError
from noctis_tui.reading.derived.key_objects import key_images_in


def test_a_selection_names_its_images(tmp_path):
    import highdicom as hd
    from pydicom.sr.codedict import codes

    sources = ct_data_sets()
    content = hd.ko.KeyObjectSelection(codes.DCM.OfInterest, sources[1:3], description="Look\x1b[0m at these")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        document = hd.ko.KeyObjectSelectionDocument(
            sources, content, generate_uid(), 1, generate_uid(), 1, manufacturer="Noctis"
        )
    found = key_images_in(saved(document, tmp_path / "ko.dcm"))
    assert found.title == "Of Interest"
    assert found.description == "Look␛[0m at these"
    assert [uid for uid, _ in found.images] == [source.SOPInstanceUID for source in sources[1:3]]


def test_an_image_is_no_selection():
    with pytest.raises(NoctisError, match="no Key Object Selection"):
        key_images_in(ct_files()[0])
