"""What tmux needs of sixel pictures beyond what terminals do."""

from __future__ import annotations

import re

_HEAD = re.compile(rb'(\x1bP[\d;]*q(?:"[\d;]*)?)((?:#\d+;2;\d+;\d+;\d+)*)')
_DEFINITION = re.compile(rb"#(\d+);2;\d+;\d+;\d+")


def with_every_register(sixels: bytes) -> bytes:
    """Define the registers between those that are used, too.

    tmux (3.5a) hands a register that nobody defined on as `#n;0;0;0;0`; xterm then loses the next one.
    """
    head = _HEAD.match(sixels)
    if head is None:
        return sixels
    defined = {int(match[1]): match[0] for match in _DEFINITION.finditer(head[2])}
    every = range(max(defined, default=-1) + 1)
    definitions = (defined.get(register, b"#%d;2;0;0;0" % register) for register in every)
    return head[1] + b"".join(definitions) + sixels[head.end() :]
