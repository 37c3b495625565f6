"""The chain of events: the table that they stand in, and the hash that binds each to the one before."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, Text, select

from sampling.draws.log import Head
from sampling.findings.state import Event, canonical
from sampling.words import Problem

GENESIS = "0" * 64
"""The hash before the first event."""
START = Head(0, GENESIS)
"""Where a register without events stands."""

EVENTS = Table(
    "event",
    MetaData(),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("time", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)


class Entry(NamedTuple):
    """One stored event, its columns as they are in the database."""

    seq: int
    time: str
    actor: str
    kind: str
    payload: str
    previous_hash: str
    hash: str


def event_hash(seq: int, time: str, actor: str, kind: str, payload: str, previous_hash: str) -> str:
    """The hash of an event: SHA-256 of the canonical JSON list of all its other columns."""
    body = canonical([seq, time, actor, kind, payload, previous_hash])
    return hashlib.sha256(body.encode("utf-8")).hexdigest()


def chained(events: Iterable[Event], head: Head, *, actor: str, time: str) -> list[Entry]:
    """These events as they follow the last one."""
    rows = []
    for one in events:
        body = (head.seq + 1, time, actor, one.kind, canonical(one.payload), head.hash)
        rows.append(Entry(*body, event_hash(*body)))
        head = Head(rows[-1].seq, rows[-1].hash)
    return rows


def broken_events(entries: Iterable[Entry]) -> Iterator[int]:
    """The number of each event that is not what the one before it and its own columns make it."""
    before = START
    for entry in entries:
        fits = entry.seq == before.seq + 1 and entry.previous_hash == before.hash
        if not fits or event_hash(*entry[:-1]) != entry.hash:
            yield before.seq + 1 if entry.seq != before.seq + 1 else entry.seq
        before = Head(entry.seq, entry.hash)


def lost_heads(entries: Sequence[Entry], heads: Iterable[Head]) -> Iterator[Head]:
    """The heads, noted outside, that the chain does not hold; the earliest event first."""
    hashes = {entry.seq: entry.hash for entry in entries} | {0: GENESIS}
    lost = [head for head in heads if hashes.get(_number(head)) != head.hash]
    return iter(sorted(lost, key=_number))


def chain_problems(
    entries: Sequence[Entry], heads: Iterable[Head], misplaced: int | None = None
) -> tuple[Problem, ...]:
    """The first event that does not fit (or is `misplaced`), and the first head that is lost."""
    broken = [*broken_events(entries), *([misplaced] if misplaced else [])]
    lost = list(lost_heads(entries, heads))[:1]
    return (
        *(Problem(key="findings.chain_broken", row=None, value=str(seq)) for seq in sorted(broken)[:1]),
        *(Problem(key="findings.head_lost", row=None, value=str(head.seq)) for head in lost),
    )


def _number(head: Head) -> int:
    """The number of a head as somebody noted it; one that no event has where it is no number."""
    return head.seq if isinstance(head.seq, int) else -1


def read_entries(connection: Connection, *, after: int = 0, upto: int | None = None) -> tuple[Entry, ...]:
    """The events in order, those after number `after` up to number `upto`."""
    wanted = select(EVENTS).where(EVENTS.c.seq > after).order_by(EVENTS.c.seq)
    if upto is not None:
        wanted = wanted.where(EVENTS.c.seq <= upto)
    return tuple(Entry(*row) for row in connection.execute(wanted))


def last_head(connection: Connection, *, without: Collection[str] = ()) -> Head:
    """The number and hash of the last event that can be seen, of none of the kinds `without`."""
    last = select(EVENTS.c.seq, EVENTS.c.hash).order_by(EVENTS.c.seq.desc()).limit(1)
    last = last.where(EVENTS.c.kind.not_in(without)) if without else last
    return next((Head(*row) for row in connection.execute(last)), START)


def holds(connection: Connection, head: Head) -> bool:
    """Whether the chain goes through this head."""
    found = select(EVENTS.c.hash).where(EVENTS.c.seq == head.seq)
    return head == START or connection.execute(found).scalar() == head.hash
