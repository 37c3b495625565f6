"""Recording at the desk: what is typed from paper, second entries, corrections, and what comes after them.

Every function is one transaction: nobody else adds to the register between the look at it and the event.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any, Literal

from sampling.findings.expected import Key
from sampling.findings.finding import Finding
from sampling.findings.judging import KEPT_CELLS, Desk, Judged, judge
from sampling.findings.problems import to_record, wrong
from sampling.findings.reading import Row
from sampling.findings.recorder_cells import cells_of, given_cells
from sampling.findings.state import DISMISSED, FINDING, SECOND_ENTRY, Event, Item, State, canonical
from sampling.findings.store import Register, Writer
from sampling.findings.weighing import ACCEPTED, CONFLICTING, KNOWN, WAITING, Books, Place
from sampling.forms.layout import ANSWER_FIELDS, MEMBER_FIELDS
from sampling.words import REFUSED, InputError, Problem, fold

Kind = Literal["finding", "second_entry", "second_visit"]
NO_FILE = Place(file="", sha256="", purpose=FINDING)
"""What is typed at the desk comes from no file."""
PUT_RIGHT = "put_right"
"""The reason by which a waiting row is put aside when it was recorded as it should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What became of something that was typed.

    Attributes
    ----------
    status
        accepted, known (the register says the same already), conflicting (it says something else: that
        stays, and this waits), quarantined (put aside with its problems), or refused: then nothing is kept.
    problems, reminders
        Why it was refused or waits; what should be looked at again although it was taken.
    seq
        The number of the register's last event: what was recorded is in it, or in one before.
    """

    status: str
    problems: tuple[Problem, ...] = ()
    reminders: tuple[Problem, ...] = ()
    seq: int = 0


def judge_entry(desk: Desk, row: Row, members: Sequence[Row], *, time: str) -> Judged:
    """What the rules of intake say of a form that is being typed; nothing is recorded.

    Parameters
    ----------
    desk
        What forms of the campaign are judged by.
    row
        `serial` and the answers as text; what is not named is empty.
    members
        The member fields as text, empty lines too.
    time
        Now (ISO 8601 with zone): a visit cannot be later, however long ago the desk was set up.

    Raises
    ------
    InputError
        If no household has this serial.
    """
    expected = desk.issued.by_serial.get(row["serial"])
    if expected is None:
        raise InputError([Problem(key="findings.serial_unknown", column="serial", value=row["serial"])])
    given = {name: value for name, value in given_cells(expected).items() if value or name not in row}
    cells = dict.fromkeys(KEPT_CELLS, "") | {f: row.get(f, "") for f in (*ANSWER_FIELDS, "amount")} | given
    people = tuple({field: member.get(field, "") for field in MEMBER_FIELDS} for member in members)
    judged = Judged(
        row="",
        cells=cells,
        item=("household", *expected.key),
        township=expected.township,
        village=expected.village,
        members=tuple(person for person in people if any(value.strip() for value in person.values())),
        expected=expected,
    )
    latest = max(desk.rulebook.latest, datetime.fromisoformat(time).date())
    return judge(judged, cells, (), replace(desk.rulebook, latest=latest))


def record(
    desk: Desk,
    register: Register,
    row: Row,
    members: Sequence[Row],
    *,
    by: str,
    time: str,
    kind: Kind = "finding",
    waiting: Item | None = None,
) -> Recorded:
    """Record a form that keeps every rule; one that breaks a rule is refused, and nothing is kept of it.

    Parameters
    ----------
    desk, row, members, time
        As for `judge_entry`.
    register
        Where it goes.
    by
        The name of who types it.
    kind
        A first entry; a second one of the same paper by somebody else, which is kept beside the first; or
        what another team found at a second visit.
    waiting
        The returned row that is hereby put right, where it waits under another name than the household's.

    Returns
    -------
    Recorded
        A second entry is accepted whether or not it says the same; `State.differing` then has it.
    """
    judged = judge_entry(desk, row, members, time=time)
    if refusing := (*unnamed(by=by), *judged.problems):
        return Recorded(status=REFUSED, problems=refusing, reminders=judged.reminders)
    weigh = _enter_again if kind == SECOND_ENTRY else _enter
    with register.writing() as writer:
        done, events = weigh(judged, writer, register, by.strip(), kind)
        if done.status == ACCEPTED and waiting in writer.state.waiting:
            events = (*events, *_put_right(writer.state, waiting, judged, by))
        return appended(done, events, writer, by=by, time=time)


def put_aside(
    desk: Desk, register: Register, row: Row, members: Sequence[Row], *, by: str, time: str
) -> Recorded:
    """Keep a form that breaks rules in quarantine, as intake does: it was returned and is not lost.

    Parameters are those of `record`; a form without a problem is recorded.
    """
    if refusing := unnamed(by=by):
        return Recorded(status=REFUSED, problems=refusing)
    judged = judge_entry(desk, row, members, time=time)
    with register.writing() as writer:
        done, events = _enter(judged, writer, register, by.strip(), FINDING)
        return appended(done, events, writer, by=by, time=time)


def in_double_entry(ticket: str, share: Fraction) -> bool:
    """Whether a form is entered twice: decided by its household's ticket, so that anyone can redo it.

    The ticket is hashed once more: households were drawn by small tickets, so that among the drawn ones the
    ticket itself no longer falls evenly.

    >>> [in_double_entry("a41f0c5522b91e07", Fraction(share)) for share in ("0", "1/10", "1")]
    [False, False, True]
    """
    number = int(hashlib.sha256(f"second entry {ticket}".encode()).hexdigest(), 16)
    return number < share * 16**64


def mark_of(held: Mapping[str, Any]) -> str:
    """A hash of a kept finding and of its private part: one that is recorded later has another."""
    return hashlib.sha256(canonical([held["finding"], held.get("personal", "")]).encode()).hexdigest()


def same_person(one: str, other: str) -> bool:
    """Whether two names are the same, however they were typed."""
    first, second = ("".join(fold(name).casefold().split()) for name in (one, other))
    return first == second


Step = tuple[Recorded, tuple[Event, ...]]


def _enter(judged: Judged, writer: Writer, register: Register, by: str, kind: str) -> Step:
    """Let the books of intake say where it ends."""
    books = Books.open(writer.state, register, {judged.village})
    status, event = books.settle(judged, replace(NO_FILE, purpose=kind))
    problems = judged.problems
    if status == CONFLICTING:
        problems = (wrong("conflicting", judged.cells, "household"),)
    elif status == WAITING and not problems:  # a second visit by those who made the first
        problems = (wrong("second_same_team", judged.cells, "inspector_1"),)
        return Recorded(status=REFUSED, problems=problems, reminders=judged.reminders), ()
    events = (replace(event, payload={**event.payload, "by": by}),) if event else ()
    return Recorded(status=status, problems=problems, reminders=judged.reminders), events


def _enter_again(judged: Judged, writer: Writer, register: Register, by: str, _: str) -> Step:
    """The same paper, typed by somebody else who has not seen the first entry."""
    found, state = finding_in(judged), writer.state
    if problem := _not_enterable(state, found.key, by):
        return Recorded(status=REFUSED, problems=(problem,)), ()
    first, second = state.findings[found.key], state.second_entries.get(found.key)
    if second and entry_held(second, register) == entry_of(found):
        return Recorded(status=KNOWN, reminders=judged.reminders), ()
    if second:
        return Recorded(status=REFUSED, problems=(told("second_there"),)), ()
    payload = payload_of(judged) | {"by": by, "differs": entry_held(first, register) != entry_of(found)}
    event = Event(kind=SECOND_ENTRY, payload=payload, personal=vault_part(found))
    return Recorded(status=ACCEPTED, reminders=judged.reminders), (event,)


def _not_enterable(state: State, key: Key, by: str) -> Problem | None:
    first = state.findings.get(key)
    if first is None:
        return told("nothing_recorded")
    if first["kind"] != FINDING:
        return told("corrected_already")
    return told("same_person") if same_person(by, first.get("by", "")) else None


def appended(done: Recorded, events: Iterable[Event], writer: Writer, *, by: str, time: str) -> Recorded:
    if events := tuple(events):
        writer.append(events, actor=by.strip(), time=time)
    return replace(done, seq=writer.head.seq)


def _put_right(state: State, item: Item, judged: Judged, by: str) -> tuple[Event, ...]:
    """A row that waits under its household's name is gone with the finding itself."""
    return () if item == judged.item else (dismissal(state, item, reason=PUT_RIGHT, by=by),)


def dismissal(state: State, item: Item, *, reason: str, by: str) -> Event:
    village = state.waiting[item][0]["village"]
    payload = {"item": list(item), "village": village, "reason": reason.strip(), "by": by.strip()}
    return Event(kind=DISMISSED, payload=payload)


def unnamed(*, by: str, reason: str | None = None) -> tuple[Problem, ...]:
    """What must be said by whoever acts."""
    wanted = {"no_name": by} | ({} if reason is None else {"no_reason": reason})
    return tuple(told(name) for name, said in wanted.items() if not said.strip())


def told(name: str) -> Problem:
    return Problem(key=f"recorder.{name}")


def finding_in(judged: Judged) -> Finding:
    assert isinstance(judged.found, Finding)
    return judged.found


def payload_of(judged: Judged) -> dict[str, Any]:
    reminders = [to_record(problem) for problem in judged.reminders]
    return {"finding": finding_in(judged).to_dict(), "reminders": reminders}


def vault_part(found: Finding) -> dict[str, Any]:
    """The vault's part as it is read back: tuples are lists there."""
    return json.loads(canonical(found.to_vault()))


def entry_of(found: Finding) -> object:
    return cells_of(found.to_dict(), vault_part(found))


def entry_held(held: Mapping[str, Any], register: Register) -> object:
    """The answers of what the register holds, whatever the standard was when they were taken."""
    private = register.personal([held["personal"]]) if "personal" in held else {}
    return cells_of(held["finding"], next(iter(private.values()), {}))
