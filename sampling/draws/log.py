"""The log of attempts: every draw, rehearsal and void, each line chained to the one before by its hash."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sampling.words import Problem

KINDS = ("draw", "rehearsal", "void")
FILE = "log.jsonl"
MEMBERS = {"seq", "time", "kind", "payload", "previous_hash", "hash"}


def append_entry(lines: Sequence[str], kind: str, payload: Mapping[str, Any], time: str) -> str:
    """The next line of `log.jsonl`, without its line end.

    Parameters
    ----------
    lines
        The lines that are there.
    kind
        "draw", "rehearsal" or "void".
    payload
        What happened. It must hold `receipt_sha256`: the receipt that was made, or that is declared void.
    time
        ISO 8601 with zone.

    Raises
    ------
    ValueError
        If the kind is unknown, the receipt's hash is missing, or the lines do not chain.

    Notes
    -----
    `hash` is the SHA-256 of the entry's other members as JSON in ASCII with sorted keys.
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}")
    if "receipt_sha256" not in payload:
        raise ValueError(f"payload must hold receipt_sha256, got {sorted(payload)}")
    if broken := _first_broken(lines):
        raise ValueError(f"lines must chain, got a break at line {broken}")
    previous = json.loads(lines[-1])["hash"] if lines else ""
    entry = {"seq": len(lines) + 1, "time": time, "kind": kind, "payload": dict(payload)}
    entry["previous_hash"] = previous
    return json.dumps(entry | {"hash": _hash(entry)}, ensure_ascii=False, sort_keys=True)


def check_log(lines: Sequence[str]) -> tuple[Problem, ...]:
    """The first line of `log.jsonl` that does not follow from the one before, as a problem; else nothing.

    Lines cut off at the end leave a log that still chains: its head (count and last hash) must be kept
    elsewhere too.
    """
    broken = _first_broken(lines)
    return (Problem(key="draws.log_broken", file=FILE, row=broken),) if broken else ()


def _first_broken(lines: Sequence[str]) -> int:
    """The number of the first line that breaks the chain; 0 if none does."""
    previous = ""
    for number, line in enumerate(lines, 1):
        entry = _parsed(line)
        if set(entry) != MEMBERS or (entry["seq"], entry["previous_hash"]) != (number, previous):
            return number
        if entry["hash"] != _hash({name: value for name, value in entry.items() if name != "hash"}):
            return number
        previous = entry["hash"]
    return 0


def _parsed(line: str) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return entry if isinstance(entry, dict) else {}


def _hash(entry: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(entry, sort_keys=True).encode("ascii")).hexdigest()
