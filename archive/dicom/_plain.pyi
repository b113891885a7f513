from archive.dicom.elements import Buffer

def plain_explicit(
    buffer: Buffer,
    position: int,
    limit: int,
    stop: int,
    wanted: dict[int, int],
    values: dict[int, bytes],
    /,
) -> tuple[int, int]: ...
def plain_implicit(
    buffer: Buffer,
    position: int,
    limit: int,
    stop: int,
    wanted: dict[int, int],
    values: dict[int, bytes],
    /,
) -> tuple[int, int]: ...
def whole_sequence(
    buffer: Buffer,
    position: int,
    limit: int,
    wanted: dict[int, int],
    implicit: bool,
    /,
) -> tuple[int, int]: ...
