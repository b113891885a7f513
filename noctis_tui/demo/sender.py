"""The other side of the demo: a modality in a process of its own, which sends studies by C-STORE.

`python -m noctis_tui.demo.sender HOST PORT AE_TITLE` paces itself so that rows appear and grow before one's
eyes. It ends when it is done, or when its standard input closes.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydicom import dcmread
from pynetdicom.ae import ApplicationEntity

from noctis_tui.demo.phantom import write_phantom
from noctis_tui.demo.studies import DEMO_STUDIES, PHANTOM_ACCESSION, PHANTOM_PATIENT, instances_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pydicom.dataset import FileDataset

CALLING_AE_TITLE = "DEMO_MODALITY"
PHANTOM_SECONDS = 11.0
"""How long the phantom's slices take together."""
BETWEEN_STUDIES_SECONDS = 1.5

Address = tuple[str, int, str]
"""Host, port and AE title of the receiver."""


class DemoRefused(ConnectionError):
    """The receiver did not take what the demo sends."""


def send(address: Address, instances: Sequence[FileDataset], pause_seconds: float) -> None:
    """Send instances over one association, each in the transfer syntax it is written in.

    Raises
    ------
    DemoRefused
        The receiver does not take the association or one of the instances.
    """
    host, port, ae_title = address
    entity = ApplicationEntity(CALLING_AE_TITLE)
    for sop_class, syntax in sorted({(ds.SOPClassUID, ds.file_meta.TransferSyntaxUID) for ds in instances}):
        entity.add_requested_context(sop_class, syntax)
    association = entity.associate(host, port, ae_title=ae_title)
    if not association.is_established:
        raise DemoRefused(f"{host}:{port} does not take an association.")
    try:
        for ds in instances:
            status = association.send_c_store(ds)
            if status.get("Status") != 0x0000:
                raise DemoRefused(f"{host}:{port} does not take {ds.SOPClassUID.name}.")
            time.sleep(pause_seconds)
    finally:
        association.release()


def send_studies(address: Address) -> None:
    """Send the real studies one after the other."""
    for study in DEMO_STUDIES:
        send(address, list(instances_of(study, datetime.now())), 0.3)  # noqa: DTZ005 - the calendar on the wall
        time.sleep(BETWEEN_STUDIES_SECONDS)


def send_phantom(address: Address) -> None:
    """Generate the CT phantom and send it slice by slice."""
    with tempfile.TemporaryDirectory(prefix="noctis-demo-phantom-") as folder:
        slices = [dcmread(path) for path in write_phantom(Path(folder))]
    send(address, list(_renamed(slices)), PHANTOM_SECONDS / len(slices))


def _renamed(slices: Iterable[FileDataset]) -> Iterable[FileDataset]:
    for ds in slices:
        ds.PatientName, ds.PatientID = PHANTOM_PATIENT.name, PHANTOM_PATIENT.patient_id
        ds.PatientBirthDate, ds.PatientSex = PHANTOM_PATIENT.birth_date, PHANTOM_PATIENT.sex
        ds.AccessionNumber = PHANTOM_ACCESSION
        yield ds


def _end_with_standard_input() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(0)  # whoever started us has gone, however it went


def main(arguments: Sequence[str]) -> None:
    """Send everything: the phantom over one association, the others meanwhile over theirs."""
    host, port, ae_title = arguments
    address = (host, int(port), ae_title)
    threading.Thread(target=_end_with_standard_input, daemon=True).start()
    phantom = threading.Thread(target=send_phantom, args=(address,))
    phantom.start()
    send_studies(address)
    phantom.join()


if __name__ == "__main__":
    main(sys.argv[1:])
