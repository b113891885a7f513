"""What the association doctor proposes admits the peer: each proposal is judged again by the negotiation."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from raw_peer import CT, VERIFICATION, associate_request

from archive.commands.facility import facility_command
from archive.facilities import facilities
from archive.facility import Facility
from archive.network.admission import Accepted, Policy, introduce, negotiate
from archive.network.association_log import AssociationEntry
from archive.network.diagnosis import command_line, diagnose
from archive.network.operation import Peer
from archive.network.refusal import Rejected
from archive.settings import ReceiverSettings, SiteSettings

ADDRESS = "10.1.2.3:40000"
CT1 = Facility(
    name="CT",
    calling_ae_titles=("CT1",),
    addresses=("10.1.2.3",),
    operations=("echo", "store"),
    sop_classes=(CT,),
    maximum_associations=2,
    daily_quota_bytes=100,
)


def entry(reason="why", factor="", calling="CT1", called="NOCTIS_SCP", address=ADDRESS, **others):
    values = {"contexts": (CT, VERIFICATION)} | others
    return AssociationEntry(
        datetime.now(UTC), address, calling, called, "refused", reason, factor=factor, **values
    )


def judged(settings, calling="CT1", called="NOCTIS_SCP", address=ADDRESS):
    policy = Policy(
        settings.receiver.ae_title,
        settings.receiver.require_called_ae_title,
        16_384,
        {CT, VERIFICATION}.__contains__,
        frozenset({"1.2.840.10008.1.2"}),
        settings.facility,
        admits_others=settings.receiver.allow_anyone or not settings.facility,
    )
    body = associate_request(calling=calling, called=called)[6:]
    return negotiate(body, introduce(body, Peer("", "", address)), policy)


def refused(settings, **request):
    """Refuse a peer; return the log's entry of it."""
    rejected = judged(settings, **request)
    assert isinstance(rejected, Rejected)
    return entry(rejected.reason, rejected.factor, contexts=rejected.contexts, **request)


def with_proposal(settings, diagnosis):
    others = tuple(
        each
        for each in settings.facility
        if not (diagnosis.replaces and each.name == diagnosis.facility.name)
    )
    return settings.model_copy(update={"facility": (*others, diagnosis.facility)})


@pytest.mark.parametrize(
    ("facility", "request_"),
    [
        (CT1, {"calling": "NEW"}),
        (CT1, {"calling": "CT1", "address": "10.9.9.9:1"}),
        (CT1, {"calling": "CT", "address": "[fd00::7]:1"}),
        (CT1.model_copy(update={"called_ae_titles": ("ARCHIVE",)}), {}),
        (CT1.model_copy(update={"operations": ("find",)}), {}),
        (Facility(name="near", addresses=("192.168.0.0/16",)), {}),
    ],
)
def test_what_is_proposed_admits_the_peer(facility, request_):
    settings = SiteSettings(facility=(facility,))
    diagnosis = diagnose(refused(settings, **request_), settings)
    assert diagnosis.facility
    assert diagnosis.why.endswith(".")
    assert isinstance(judged(with_proposal(settings, diagnosis), **request_), Accepted)


def test_a_newcomer_is_proposed_as_narrowly_as_it_came():
    settings = SiteSettings(facility=(CT1,))
    diagnosis = diagnose(refused(settings, calling="CT"), settings)
    assert diagnosis.facility == Facility(
        name="CT-2", calling_ae_titles=("CT",), addresses=("10.1.2.3",), operations=("echo", "store")
    )
    assert not diagnosis.replaces
    assert diagnosis.command == (
        "noctis facility add CT-2 --calling CT --address 10.1.2.3 --operation echo --operation store"
    )
    assert diagnosis.why == "CT at 10.1.2.3 was refused: no facility has the calling AE title CT."


def test_who_tried_an_echo_may_send_and_who_was_admitted_since_need_only_try_again():
    settings = SiteSettings(facility=(CT1,))
    echo = entry("unknown", "calling_ae_title", calling="NEW", contexts=("1.2.840.10008.1.1",))
    diagnosis = diagnose(echo, settings)
    assert diagnosis.facility.operations == ("echo", "store")
    again = diagnose(echo, with_proposal(settings, diagnosis))
    assert again.facility is None
    assert "It is admitted by now, as one of NEW" in again.advice


def test_a_device_that_moved_keeps_its_pins_and_limits():
    pinned = CT1.model_copy(update={"certificates": ("ab" * 32,)})
    settings = SiteSettings(facility=(pinned,))
    diagnosis = diagnose(entry("moved", "address", address="10.9.9.9:1"), settings)
    assert diagnosis.replaces
    assert diagnosis.facility == pinned.model_copy(update={"addresses": ("10.1.2.3", "10.9.9.9")})


@pytest.mark.parametrize(
    ("said", "change"),
    [
        (
            entry("released", instance_factor="sop_class", refused_sop_classes=("1.2.3", CT)),
            {"sop_classes": (CT, "1.2.3")},
        ),
        (entry("CT may have no more than 2 associations", "limit"), {"maximum_associations": 4}),
        (entry("released", instance_factor="quota"), {"daily_quota_bytes": 200}),
    ],
)
def test_what_its_facility_lacks_is_proposed_in_its_place(said, change):
    diagnosis = diagnose(said, SiteSettings(facility=(CT1,)))
    assert diagnosis.replaces
    assert diagnosis.facility == CT1.model_copy(update=change)


@pytest.mark.parametrize(
    ("said", "settings", "words"),
    [
        (entry("there are 9", "limit"), SiteSettings(), "receiver.maximum_associations (now 256)"),
        (entry("too often", "rate"), SiteSettings(), "receiver.connections_per_minute"),
        (entry("noise", "protocol", calling="", called=""), SiteSettings(), "port scan"),
        (entry("it fell silent", "silence", calling="", called=""), SiteSettings(), "health check"),
        (entry("the receiver shuts down", "stopping"), SiteSettings(), "may try again"),
        (entry("it speaks TLS", "tls"), SiteSettings(), "Turn TLS off at the peer"),
        (entry("no certificate", "certificate"), SiteSettings(facility=(CT1,)), "fingerprint"),
        (entry("expired", "certificate", calling="", called=""), SiteSettings(), "receiver.tls.ca must hold"),
        (
            entry("it does not call us", "called_ae_title", called="X"),
            SiteSettings(receiver=ReceiverSettings(require_called_ae_title=True)),
            "require_called_ae_title = false",
        ),
        (entry("bad", "calling_ae_title", calling="\x1b[2J"), SiteSettings(facility=(CT1,)), "1 to 16"),
        (entry("CT may have 2", "limit", calling="GONE"), SiteSettings(facility=(CT1,)), "maximum_assoc"),
        (entry("CT stored", "quota", calling="GONE"), SiteSettings(facility=(CT1,)), "changed meanwhile"),
        (
            entry("released", instance_factor="sop_class", refused_sop_classes=(CT,)),
            SiteSettings(facility=(CT1,)),
            "changed meanwhile",
        ),
        (
            entry("CT may only echo", "operation"),
            SiteSettings(facility=(Facility(name="CT"),)),
            "changed meanwhile",
        ),
    ],
)
def test_where_no_facility_helps_the_advice_says_what_does(said, settings, words):
    diagnosis = diagnose(said, settings)
    assert words in diagnosis.advice
    assert diagnosis.facility is None
    assert diagnosis.command == ""
    assert "\x1b" not in diagnosis.why + diagnosis.advice


def test_what_was_not_refused_needs_no_doctor():
    assert diagnose(entry("released", instances={"recorded": 3}), SiteSettings()) is None
    assert diagnose(entry("new", "a factor of a later version"), SiteSettings()) is None


@pytest.mark.parametrize(
    "facility",
    [
        CT1,
        Facility(name="it's $(here)"),
        Facility(name="--json", calling_ae_titles=("-X",)),
        Facility(
            name="all",
            called_ae_titles=("A B", "-C"),
            certificates=("ab" * 32, "cd" * 32),
            connections_per_minute=9,
            bytes_per_second=100_000,
        ),
    ],
)
def test_the_command_line_adds_exactly_the_facility(tmp_path, facility):
    class Site:
        archive = tmp_path

    for replace in (False, True):
        words = shlex.split(command_line(facility, replace=replace))
        assert words[:2] == ["noctis", "facility"]
        done = CliRunner().invoke(facility_command, words[2:], obj=Site())
        assert done.exit_code == 0, done.output
        assert facilities(tmp_path) == (facility,)
