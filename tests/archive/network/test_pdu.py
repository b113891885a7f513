"""PDUs are framed alike however the stream is cut, and what PS3.8 forbids is refused at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynetdicom.pdu import A_ABORT_RQ, A_ASSOCIATE_RJ, A_RELEASE_RP, P_DATA_TF

from archive.network import pdu
from archive.network.pdu import AbortReason, PduReader, PduType, ProtocolViolation

MAXIMUM = 4_096


@dataclass
class Sink:
    pdus: list = field(default_factory=list)
    values: list = field(default_factory=list)
    open_value: bytearray = field(default_factory=bytearray)

    def pdu_started(self, pdu_type):
        self.pdus.append(pdu_type)

    def pdu_received(self, pdu_type, body):
        self.pdus.append((pdu_type, body))

    def fragment_received(self, context_id, control, data, *, ends):
        self.open_value += data
        if ends:
            self.values.append((context_id, control, bytes(self.open_value)))
            self.open_value.clear()


def p_data(*values):
    items = b"".join(
        pack(">IBB", len(data) + 2, context, control) + data for context, control, data in values
    )
    return pack(">BxI", 4, len(items)) + items


def feed(stream, sink=None, chunk=None):
    sink = sink or Sink()
    reader = PduReader(sink, MAXIMUM)
    for start in range(0, len(stream), chunk or len(stream) or 1):
        piece = memoryview(stream)[start : start + (chunk or len(stream))]
        while piece:
            piece = piece[reader.feed(piece) :]
    return sink, reader


values = st.tuples(st.integers(0, 255), st.integers(0, 3), st.binary(max_size=200))
pdata = st.lists(values, min_size=1, max_size=6).map(lambda items: (p_data(*items), items))
control_pdu = st.sampled_from([PduType.A_RELEASE_RQ, PduType.A_ABORT]).map(
    lambda kind: (pack(">BxI", kind, 4) + b"abcd", [])
)


@given(st.lists(st.one_of(pdata, control_pdu), max_size=8), st.integers(1, 300))
def test_however_the_stream_is_cut_the_values_are_the_same(parts, chunk):
    stream = b"".join(part for part, _ in parts)
    sink, reader = feed(stream, chunk=chunk)
    assert sink.values == [value for _, items in parts for value in items]
    assert reader.between_pdus
    assert reader.pdus_started == len(parts)
    assert sink.pdus == feed(stream)[0].pdus


@given(st.binary(min_size=1, max_size=400), st.integers(1, 50))
def test_noise_never_raises_anything_but_a_violation(noise, chunk):
    try:
        feed(noise, chunk=chunk)
    except ProtocolViolation:
        return


@given(st.binary(max_size=100), st.integers(0, 120), st.integers(0, 255))
def test_a_damaged_p_data_is_framed_or_refused(data, position, value):
    stream = bytearray(p_data((1, 2, data)) * 2)
    stream[position % len(stream)] = value
    try:
        feed(bytes(stream), chunk=7)
    except ProtocolViolation:
        return


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (b"GET / HTTP/1.1\r\n", AbortReason.UNRECOGNIZED_PDU),
        (b"\x16\x03\x01\x02\x00\x01", AbortReason.UNRECOGNIZED_PDU),
        (b"\x00", AbortReason.UNRECOGNIZED_PDU),
        (pack(">BxI", 1, 65_537), AbortReason.INVALID_PARAMETER),
        (pack(">BxI", 1, 0xFFFFFFFF), AbortReason.INVALID_PARAMETER),
        (pack(">BxI", 1, 67), AbortReason.INVALID_PARAMETER),
        (pack(">BxI", 4, MAXIMUM + 1), AbortReason.INVALID_PARAMETER),
        (pack(">BxI", 4, 0), AbortReason.INVALID_PARAMETER),
        (pack(">BxI", 5, 5), AbortReason.INVALID_PARAMETER),
        (pack(">BxI", 7, 0), AbortReason.INVALID_PARAMETER),
        (pack(">BxIIBB", 4, 20, 0, 1, 2), AbortReason.INVALID_PARAMETER),
        (pack(">BxIIBB", 4, 20, 1, 1, 2), AbortReason.INVALID_PARAMETER),
        (pack(">BxIIBB", 4, 20, 17, 1, 2), AbortReason.INVALID_PARAMETER),
        (pack(">BxIIBB", 4, 20, 0xFFFFFFFF, 1, 2), AbortReason.INVALID_PARAMETER),
        (pack(">BxIIBB", 4, 20, 13, 1, 2), AbortReason.INVALID_PARAMETER),
    ],
)
def test_what_cannot_be_a_pdu_is_refused_before_its_body_comes(header, reason):
    with pytest.raises(ProtocolViolation) as refused:
        feed(header)
    assert refused.value.reason is reason


def test_the_longest_pdu_that_was_offered_is_taken():
    sink, _ = feed(p_data((1, 2, bytes(MAXIMUM - 6))))
    assert len(sink.values[0][2]) == MAXIMUM - 6


def test_a_halted_reader_leaves_the_rest():
    class Halting(Sink):
        def fragment_received(self, *arguments, **words):
            super().fragment_received(*arguments, **words)
            reader.halted = True

    stream = memoryview(p_data((1, 2, b"first")) + p_data((1, 2, b"second")))
    reader = PduReader(sink := Halting(), MAXIMUM)
    used = reader.feed(stream)
    assert sink.values == [(1, 2, b"first")]
    reader.halted = False
    reader.feed(stream[used:])
    assert sink.values[1:] == [(1, 2, b"second")]


def test_many_tiny_values_do_not_keep_the_event_loop():
    stream = memoryview(p_data(*[(1, 0, b"x")] * 500) * 20)
    reader = PduReader(sink := Sink(), MAXIMUM)
    assert 0 < reader.feed(stream) < len(stream)
    assert len(sink.values) <= 1_000


def test_our_answers_are_what_pynetdicom_reads():
    release, abort, rejection = A_RELEASE_RP(), A_ABORT_RQ(), A_ASSOCIATE_RJ()
    release.decode(pdu.release_reply())
    abort.decode(pdu.abort(AbortReason.UNEXPECTED_PDU))
    rejection.decode(pdu.rejection(2, 3, 2))
    assert (abort.source, abort.reason_diagnostic) == (2, 2)
    assert (rejection.result, rejection.source, rejection.reason_diagnostic) == (2, 3, 2)


@given(st.binary(min_size=1, max_size=300), st.sampled_from([0, 1, 6, 7, 50, 16_384]))
def test_commands_fit_the_peers_maximum(command, maximum):
    stream = pdu.command_pdus(5, command, maximum)
    sink, _ = feed(stream)
    assert b"".join(data for _, _, data in sink.values) == command
    assert [control for _, control, _ in sink.values] == [1] * (len(sink.values) - 1) + [3]
    decoded = P_DATA_TF()
    decoded.decode(stream[: 6 + int.from_bytes(stream[2:6], "big")])
    if maximum > 6:
        assert decoded.pdu_length <= maximum
