"""The hash of a table of ids that needs no order: draw-v1's fingerprint of a frame."""

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence

from sampling.frames.ids import CONTROL

SEPARATOR, LINE_END = "\x1f", "\n"


def fingerprint(rows: Iterable[Sequence[str]]) -> str:
    """The hash of a set of rows, whatever their order: first by town (the first field), then over towns.

    Parameters
    ----------
    rows
        Text fields; the first is the township.

    Returns
    -------
    str
        64 lower-case hexadecimal digits.

    Raises
    ------
    ValueError
        If a field has a control character: two different tables could then have one fingerprint.

    Notes
    -----
    A row is its fields (NFC, UTF-8) joined by U+001F; a town's hash is the SHA-256 of its rows sorted by
    bytes and joined by U+000A; the fingerprint is the SHA-256 of the lines "township U+001F hash", sorted
    by bytes and joined by U+000A: draw-v1, the frame's fingerprint.
    """
    towns: dict[str, list[bytes]] = {}
    for row in rows:
        line = unicodedata.normalize("NFC", SEPARATOR.join(row))
        if len(CONTROL.findall(line)) != len(row) - 1:
            raise ValueError(f"fields must have no control characters, got {tuple(row)!r}")
        towns.setdefault(line.split(SEPARATOR, 1)[0], []).append(line.encode("utf-8"))
    hashes = [f"{town}{SEPARATOR}{_sha256(lines)}".encode() for town, lines in towns.items()]
    return _sha256(hashes)


def _sha256(lines: Iterable[bytes]) -> str:
    return hashlib.sha256(LINE_END.encode().join(sorted(lines))).hexdigest()
