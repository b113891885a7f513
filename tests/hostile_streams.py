"""What no DICOM peer sends: before an association, and in one."""

from __future__ import annotations

import struct

from raw_peer import RELEASE, RELEASE_RP, VERIFICATION, associate_request, command_set, p_data

HOSTILE = {
    "http": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "tls": bytes.fromhex("1603010200010001fc0303") + bytes(100),
    "noise": bytes(range(255, 0, -1)),
    "associate too long": struct.pack(">BxI", 1, 1 << 20) + bytes(100),
    "associate just too long, and nothing of it": struct.pack(">BxI", 1, 65_537),
    "associate over 4 GiB": struct.pack(">BxI", 1, 0xFFFFFFFF) + bytes(100),
    "associate of noise": struct.pack(">BxI", 1, 200) + b"\0\1\0\0" + b"A" * 32 + bytes(range(164)),
    "p-data first": p_data((1, 2, b"data")),
    "release first": RELEASE,
    "accept first": struct.pack(">BxI", 2, 100) + bytes(100),
}
HOSTILE_LATER = {
    "associate again": associate_request(),
    "an answer to nothing": struct.pack(">BxI", RELEASE_RP, 4) + bytes(4),
    "over the maximum": struct.pack(">BxI", 4, 262_145) + bytes(100),
    "just over the maximum, and nothing of it": struct.pack(">BxI", 4, 262_145),
    "value overruns": struct.pack(">BxIIBB", 4, 10, 100, 1, 2) + bytes(10),
    "value of nothing": struct.pack(">BxIIBB", 4, 10, 0, 1, 2) + bytes(10),
    "value of one": struct.pack(">BxIIBB", 4, 10, 1, 1, 2) + bytes(10),
    "unknown context": p_data((5, 3, command_set(0x30, VERIFICATION, has_data_set=False))),
    "truncated command": p_data((3, 3, command_set(0x30, VERIFICATION, has_data_set=False)[:-3])),
    "data without command": p_data((1, 2, b"data")),
    "response": p_data((3, 3, command_set(0x8030, VERIFICATION, has_data_set=False))),
    "context 0": p_data((0, 3, command_set(0x30, VERIFICATION, has_data_set=False))),
    "command without end": p_data((3, 1, bytes(16_000))) * 2,
    "a length that runs over": p_data((3, 3, struct.pack("<HHI", 0, 0x0100, 0xFFFFFFFF) + b"0")),
    "http": HOSTILE["http"],
}
