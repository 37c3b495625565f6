"""The log of attempts: draws, rehearsals, voids and later acts, each line chained to the one before.

Lines cut off at its end leave a log that still chains. So its head (number and hash of the last line) is kept
outside too: in `heads.jsonl`, in every commit and in every receipt.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sampling.files import write_whole
from sampling.words import Problem

DRAW, REHEARSAL, VOID, CORRECTION = "draw", "rehearsal", "void", "correction"
KINDS = (DRAW, REHEARSAL, VOID, "extension", "reserve", "village", CORRECTION)
FILE = "log.jsonl"
HEADS = "heads.jsonl"
LOG = "log"
"""Whose head a line of `heads.jsonl` is; lines of the register of findings say nothing."""
MEMBERS = {"seq", "time", "kind", "payload", "previous_hash", "hash"}


class Head(NamedTuple):
    """The last entry's number and hash: with both, nothing before can change unseen."""

    seq: int
    hash: str


def append_entry(lines: Sequence[str], kind: str, payload: Mapping[str, Any], time: str) -> str:
    """The next line of `log.jsonl`, without its line end.

    Parameters
    ----------
    lines
        The lines that are there.
    kind
        One of KINDS.
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
    entry = {"seq": len(lines) + 1, "time": time, "kind": kind, "payload": dict(payload)}
    last = log_head(lines)
    entry["previous_hash"] = last.hash if last else ""
    return json.dumps(entry | {"hash": _hash(entry)}, ensure_ascii=False, sort_keys=True)


def log_head(lines: Sequence[str]) -> Head | None:
    """The head of lines that chain; None where there is no line."""
    return Head(len(lines), json.loads(lines[-1])["hash"]) if lines else None


def check_log(lines: Sequence[str], heads: Iterable[Head] = ()) -> tuple[Problem, ...]:
    """The first line of `log.jsonl` that does not follow from the one before, and the first head it lacks.

    Parameters
    ----------
    lines
        The lines that are there.
    heads
        Heads of the log that were written down elsewhere; a log that is shorter, or says something else in
        that line, was changed since.

    Returns
    -------
    tuple of Problem
        Empty if all is well.
    """
    broken = _first_broken(lines)
    hashes = {number: _parsed(line).get("hash") for number, line in enumerate(lines, 1)}
    lost = [head for head in heads if hashes.get(head.seq) != head.hash][:1]
    return (
        *([Problem(key="draws.log_broken", file=FILE, row=broken)] if broken else []),
        *(Problem(key="draws.log_head_lost", file=FILE, row=head.seq) for head in lost),
    )


def log_problems(folder: Path) -> tuple[Problem, ...]:
    """Check the log in `folder` with every head that was written down, and with the receipt beside it.

    Returns
    -------
    tuple of Problem
        Lines that do not chain; heads in `heads.jsonl`, `commit.json` and `receipt.json` that the log lacks;
        a receipt that is not the last that the log knows, or that does not name every draw declared void.
        Empty if all is well, and for who has neither log nor heads, only published files.
    """
    path, noted = folder / FILE, read_heads(folder / HEADS, of=LOG)
    if not path.exists() and not noted:
        return ()
    lines = _lines(path)
    commit, receipt = (_object(folder / name) for name in ("commit.json", "receipt.json"))
    stated = [head for document in (commit, receipt) for head in _stated(document)]
    if problems := check_log(lines, [*noted, *stated]):
        return problems
    return _receipt_problems([json.loads(line) for line in lines], folder / "receipt.json", receipt)


def _receipt_problems(
    entries: Sequence[Mapping[str, Any]], path: Path, receipt: Mapping[str, Any]
) -> tuple[Problem, ...]:
    """Whether the receipt is the last that the log knows, and names the draws of its commit that are void."""
    if not receipt:
        return ()
    counted = [entry for entry in entries if entry["kind"] != REHEARSAL]
    last: Mapping[str, Any] = counted[-1] if counted else {"kind": "", "payload": {"receipt_sha256": ""}}
    if last["payload"]["receipt_sha256"] != hashlib.sha256(path.read_bytes()).hexdigest():
        return (Problem(key="draws.log_receipt", file=FILE, row=len(entries)),)
    if last["kind"] in (VOID, CORRECTION):
        return (Problem(key="draws.log_void", file=FILE, row=last["seq"]),)
    named = receipt.get("voided", []) == voided(entries, str(receipt.get("commit_sha256")))
    return () if named else (Problem(key="draws.log_voided", file=path.name),)


def voided(entries: Iterable[Mapping[str, Any]], commit_sha256: str) -> list[str]:
    """The hashes of the receipts of a commit that were declared void, in the order of the log."""
    void = [entry["payload"] for entry in entries if entry["kind"] == VOID]
    return [one["receipt_sha256"] for one in void if one.get("commit_sha256") == commit_sha256]


def note_head(path: Path, head: Head, *, of: str, time: str) -> None:
    """Add a head to `heads.jsonl`; one that stands there last is not repeated.

    Parameters
    ----------
    path
        The file; a last line that a power cut has cut off is dropped.
    of
        Whose head it is: "log", or empty for the register of findings.
    time
        ISO 8601 with zone.
    """
    known = read_heads(path, of=of)
    if head.seq and (not known or known[-1] != head):
        line = {"time": time, "seq": head.seq, "hash": head.hash} | ({"of": of} if of else {})
        before = "".join(f"{one}\n" for one in _whole_lines(path))
        write_whole(path, f"{before}{json.dumps(line, sort_keys=True)}\n")


def read_heads(path: Path, *, of: str) -> tuple[Head, ...]:
    """The heads of one chain in `heads.jsonl`, oldest first; a last line that was cut off is left out.

    A line that is no head is taken as one that nothing has: the check then says that the chain lacks it.
    """
    notes = [_parsed(line) for line in _whole_lines(path) if line]
    own = [note for note in notes if note.get("of", "") == of]
    return tuple(Head(note.get("seq", -1), note.get("hash", "")) for note in own)


def _whole_lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").split("\n")[:-1] if path.exists() else []


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []


def _object(path: Path) -> dict[str, Any]:
    """What a JSON file says; nothing where it is missing or damaged: other checks tell that."""
    return _parsed(path.read_text(encoding="utf-8", errors="replace")) if path.exists() else {}


def _stated(document: Mapping[str, Any]) -> Iterator[Head]:
    """The head of the log that a commit or a receipt carries."""
    heads = document.get("heads")
    head = heads.get(LOG) if isinstance(heads, dict) else None
    if isinstance(head, dict) and head:
        yield Head(head.get("count", -1), head.get("hash", ""))


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
