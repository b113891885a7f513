"""Who did what with which study, in a chain that shows when it was tampered with (DICOM PS3.15 A.5).

Records are lines of JSON in ``audit/`` of the archive, only ever appended to. They carry the standard's codes
(PS3.16 CID 400 and 401) under readable names. Each record's MAC (HMAC-SHA256, RFC 2104) covers the MAC before
it, and a sealed head says which record is the last; `archive.audit.verification` finds a record that was
changed, deleted, moved or cut off by anyone without the key.

What names the patient: PS3.15 asks for the Study Instance UID, for the Patient ID, and allows the name.
Records here hold the Study Instance UID alone. The index leads from it to the patient, for those who may read
the index; the trail itself can be handed to an auditor, or sent off the machine, without patient data.

What the chain cannot show: that somebody put the whole folder back as it was at an earlier time, head
included. Against that, keep a head elsewhere now and then: `noctis audit verify` prints it, and compares it
when told with ``--head``. And whoever holds the key can write what they like: `audit.key` in noctis.toml
moves it out of the archive.
"""
