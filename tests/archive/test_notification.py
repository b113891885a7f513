from __future__ import annotations

import re

import pytest

from archive.errors import BadInput
from archive.settings import read_settings

SECRET = "s3cr3t"
GOOD = f'name = "ward"\nurl = "json://user:{SECRET}@127.0.0.1/"\nevents = ["study_quiet"]\n'


def read(tmp_path, text):
    file = tmp_path / "noctis.toml"
    file.write_text(f"[[notification]]\n{text}")
    return read_settings(file)


def test_a_notification_is_read_and_never_shows_its_url(tmp_path):
    settings = read(tmp_path, GOOD + '[notification_targets]\nschemas = ["JSON"]\nhosts = ["127.0.0.1"]\n')
    (notification,) = settings.notification
    assert notification.url.get_secret_value().startswith("json://")
    assert settings.notification_targets.schemas == ("json",)
    assert not notification.patient_data
    assert SECRET not in repr(settings) + str(settings) + str(settings.model_dump())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            GOOD + "patient_date = true\n",
            "notification.1.patient_date is not a setting; did you mean patient_data?",
        ),
        (GOOD.replace("study_quiet", "study_loud"), "study_quiet"),
        (GOOD + 'url_env = "X"\n', "exactly one of url, url_env and url_file"),
        ('name = "ward"\nevents = ["study_quiet"]\n', "exactly one of url, url_env and url_file"),
        (GOOD.replace('["study_quiet"]', "[]"), "events"),
        (GOOD + 'template = "$patient_name"\n', "$patient_name needs patient_data = true"),
        (GOOD + 'template = "$free"\n', "a template of study_quiet knows no $free; it knows $ae_title"),
        (GOOD + 'template = "100 $ off"\n', "$$ is a dollar sign"),
        (GOOD + "[[notification]]\n" + GOOD, "two notifications are called ward"),
        (GOOD + '[notification_targets]\nhosts = ["http://x/"]\n', "mail.example.org"),
    ],
)
def test_what_cannot_be_meant_is_refused_without_the_url(tmp_path, text, sentence):
    with pytest.raises(BadInput, match=re.escape(sentence)) as refused:
        read(tmp_path, text)
    assert SECRET not in str(refused.value)


def test_patient_data_may_be_named_where_the_site_says_so(tmp_path):
    text = GOOD + 'patient_data = true\ntemplate = "$patient_name, $instances images"\n'
    assert read(tmp_path, text).notification[0].patient_data
