"""The vault: what tells who people are, kept apart from the events, which hold only its hash.

A record can be erased when its time is over: the chain of events stays whole, since it never held more than
the hash. The salt keeps anybody from guessing a name and comparing hashes.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Column, Connection, MetaData, String, Table, Text, delete, select

from sampling.findings.chain import Entry
from sampling.findings.state import Event, canonical
from sampling.words import REPORTED, Problem

PERSONAL = "personal"
"""The member of a payload that holds the hash of its vault record."""
ERASED = "erased"
"""The kind of event that says which records were erased, and why."""
TOGETHER = 500
"""Hashes in one query: a database takes only so many."""

VAULT = Table(
    "vault",
    MetaData(),
    Column("sha256", String(64), primary_key=True),
    Column("salt", Text, nullable=False),
    Column("content", Text, nullable=False),
)


class Record(NamedTuple):
    """One record of the vault: the hash that its event holds, the salt, and the content as JSON."""

    sha256: str
    salt: str
    content: str


def seal(personal: Mapping) -> Record:
    """A new record of this content, with a salt that nobody can guess."""
    salt, content = secrets.token_hex(16), canonical(personal)
    return Record(record_hash(salt, content), salt, content)


def record_hash(salt: str, content: str) -> str:
    """The hash that stands in the event: SHA-256 of salt and content, one after the other, in UTF-8."""
    return hashlib.sha256((salt + content).encode("utf-8")).hexdigest()


def sealed(event: Event) -> tuple[Event, Record | None]:
    """The event as the register may hold it, and the record that the vault must hold before."""
    if event.personal is None:
        return event, None
    if PERSONAL in event.payload:
        raise ValueError(f"payload must not hold {PERSONAL!r} beside personal content")
    record = seal(event.personal)
    return Event(kind=event.kind, payload={**event.payload, PERSONAL: record.sha256}), record


def read_records(connection: Connection, sha256s: Sequence[str] | None = None) -> Iterator[Record]:
    """These records of the vault, as far as it holds them; all of them where none is named."""
    if sha256s is None:
        yield from (Record(*row) for row in connection.execute(select(VAULT)))
        return
    for part in _parts(sha256s):
        found = select(VAULT).where(VAULT.c.sha256.in_(part))
        yield from (Record(*row) for row in connection.execute(found))


def delete_records(connection: Connection, sha256s: Sequence[str]) -> None:
    """Take these records out of the vault."""
    for part in _parts(sha256s):
        connection.execute(delete(VAULT).where(VAULT.c.sha256.in_(part)))


def _parts(sha256s: Sequence[str]) -> Iterator[Sequence[str]]:
    return (sha256s[start : start + TOGETHER] for start in range(0, len(sha256s), TOGETHER))


def vault_problems(entries: Iterable[Entry], records: Iterable[Record]) -> Iterator[Problem]:
    """The first event whose record was changed; and how many records are missing that nobody erased."""
    kept = {record.sha256: record for record in records}
    payloads = {entry.seq: _payload(entry) for entry in entries}
    noted = {seq: str(payload[PERSONAL]) for seq, payload in payloads.items() if PERSONAL in payload}
    if changed := [seq for seq, sha256 in noted.items() if sha256 in kept and not _fits(kept[sha256])]:
        yield Problem(key="register.record_changed", value=str(changed[0]))
    erased = erased_records(entries)
    if missing := [seq for seq, sha256 in noted.items() if sha256 not in kept and sha256 not in erased]:
        fields = {"records": len(missing)}
        yield Problem(key="register.record_missing", value=str(missing[0]), severity=REPORTED, fields=fields)


def erased_records(entries: Iterable[Entry]) -> set[str]:
    """The hashes of all records that were erased, as the events say."""
    payloads = (_payload(entry) for entry in entries if entry.kind == ERASED)
    return {str(sha256) for payload in payloads for sha256 in payload.get("records", [])}


def _fits(record: Record) -> bool:
    return record_hash(record.salt, record.content) == record.sha256


def _payload(entry: Entry) -> Mapping:
    """What an event says; nothing where it was damaged: the chain tells that."""
    try:
        payload = json.loads(entry.payload)
    except (ValueError, RecursionError):
        return {}
    return payload if isinstance(payload, dict) else {}
