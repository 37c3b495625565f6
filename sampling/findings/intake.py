"""Intake: returned forms become findings in the register; what cannot is kept with its reasons."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from sampling.findings.finding import Finding
from sampling.findings.judging import Desk, Judged, form_problems, judge_form, make_desk
from sampling.findings.problems import to_record, wrong
from sampling.findings.state import (
    FILE_RECEIVED,
    FINDING,
    QUARANTINED,
    VILLAGE_FORM,
    Event,
    State,
    content_hash,
)
from sampling.findings.store import Head, Register
from sampling.forms import ReturnedForm, read_workbook
from sampling.words import REPORTED, InputError, Problem

ACCEPTED, KNOWN, CONFLICTING, WAITING, BLANK = "accepted", "known", "conflicting", "quarantined", "blank"
STATUSES = (ACCEPTED, KNOWN, CONFLICTING, WAITING, BLANK)
"""Where a returned row ends; each in exactly one of them."""

TAKEN, REFUSED, SKIPPED = "taken", "refused", "skipped"
COUNTED = ("rows", *STATUSES)


@dataclass(frozen=True, kw_only=True)
class IntakeResult:
    """What became of the returned files.

    Attributes
    ----------
    counts
        One row per file: file, state (taken, known, refused, skipped), rows, then how many of the rows were
        accepted, known, conflicting, quarantined, blank; `village_form` is what became of the cover.
    problems
        The files that were not taken at all, and why.
    waiting
        Everything that waits in quarantine now, from earlier intakes too.
    outstanding
        Drawn households without a finding.
    head
        Number and hash of the register's last event.
    """

    counts: pd.DataFrame
    problems: tuple[Problem, ...]
    waiting: pd.DataFrame
    outstanding: int
    head: Head

    @property
    def totals(self) -> dict[str, int]:
        """The counts of all files together, and what is outstanding and waiting."""
        sums = {name: int(self.counts[name].sum()) for name in COUNTED}
        left = {"outstanding": self.outstanding, "waiting": len(self.waiting)}
        return {"files": len(self.counts), **sums, **left}

    def to_table(self) -> pd.DataFrame:
        """The counts by file."""
        return self.counts.copy()

    def __repr__(self) -> str:
        """The totals in one line."""
        return "IntakeResult(" + ", ".join(f"{name} {number}" for name, number in self.totals.items()) + ")"

    def _repr_html_(self) -> str:
        return self.counts.to_html(index=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Received:
    """One file as it lay there: read, unreadable (then there are problems), or passed over (no hash)."""

    file: str
    sha256: str = ""
    form: ReturnedForm | None = None
    problems: tuple[Problem, ...] = ()


def intake(
    files: Sequence[Path],
    *,
    sample: pd.DataFrame,
    register: Register,
    campaign: str,
    actor: str,
    time: str,
    drawn_at: str,
    roll: pd.DataFrame | None = None,
    lists: Mapping[str, pd.DataFrame] | None = None,
) -> IntakeResult:
    """Take returned workbooks into the register, all of one call or nothing.

    Every row ends as accepted, known (the register holds the same already), conflicting (it holds something
    else: that stays, and the new row waits), quarantined (rules are broken) or blank. The same file twice
    changes nothing. Files are read before the transaction, so that it is short.

    Parameters
    ----------
    files
        The workbooks, by whatever names they came back.
    sample
        The rows of `sample.csv`.
    register
        Where findings are kept.
    campaign
        The campaign's id; forms of another campaign are refused whole.
    actor, time
        Who takes them in and when (ISO 8601 with zone); a visit cannot be later.
    drawn_at
        When the sample was drawn; a visit cannot be earlier.
    roll, lists
        With them the amount paid comes from the roll, and a form with another amount was altered; without
        them it is read from the form.

    Returns
    -------
    IntakeResult
        Counts by file, and everything that waits in quarantine now.
    """
    desk = make_desk(sample, roll, lists or {}, campaign, time=time, drawn_at=drawn_at)
    received = [_receive(path) for path in files]
    with register.writing() as writer:
        state = writer.state
        outcomes = [_take(one, desk, state) for one in received]
        writer.append((event for _, events in outcomes for event in events), actor=actor, time=time)
    return IntakeResult(
        counts=pd.DataFrame([count for count, _ in outcomes], columns=list(_count("", ""))),
        problems=tuple(problem for one in received for problem in _file_problems(one, desk)),
        waiting=register.quarantine(),
        outstanding=len(desk.issued.by_serial) - len(state.findings),
        head=writer.head,
    )


def _receive(path: Path) -> _Received:
    """Read one file; a program's lock file and a file that is held open are passed over, not refused."""
    if path.name.startswith(("~$", ".")):
        return _passed_over(path, "temporary")
    try:
        data = path.read_bytes()
    except OSError:
        return _passed_over(path, "locked")
    received = _Received(file=path.name, sha256=hashlib.sha256(data).hexdigest())
    try:
        return replace(received, form=read_workbook(data))
    except InputError as error:
        return replace(received, problems=tuple(replace(p, file=path.name) for p in error.problems))


def _passed_over(path: Path, why: str) -> _Received:
    problem = Problem(key=f"findings.{why}", file=path.name, severity=REPORTED)
    return _Received(file=path.name, problems=(problem,))


def _file_problems(received: _Received, desk: Desk) -> tuple[Problem, ...]:
    """Why the whole file is not taken."""
    form = received.form
    return form_problems(form, desk, file=received.file) if form else received.problems


def _take(received: _Received, desk: Desk, state: State) -> tuple[dict, list[Event]]:
    """What becomes of one file: its counts, and the events that say so, already applied to the state."""
    if not received.sha256:
        return _count(received.file, SKIPPED), []
    if (known := state.files.get(received.sha256)) and known["state"] == TAKEN:
        rows = known["counts"]["rows"]
        return _count(received.file, KNOWN) | {"rows": rows, KNOWN: rows}, []
    if received.form is None or _file_problems(received, desk):
        return _refuse(received, _file_problems(received, desk), state)
    cover, rows = judge_form(received.form, desk)
    village_form, cover_event = _settle(cover, received, state)
    settled = [_settle(row, received, state) for row in rows]
    count = _count(received.file, TAKEN) | {"rows": len(rows), "village_form": village_form}
    count |= Counter(status for status, _ in settled)
    arrival = _arrival(received, count)
    state.apply(arrival)
    return count, [arrival, *(event for event in (cover_event, *(e for _, e in settled)) if event)]


def _refuse(received: _Received, problems: Sequence[Problem], state: State) -> tuple[dict, list[Event]]:
    """A file that is not taken at all waits as one row without a household; it is judged afresh each time."""
    count = _count(received.file, REFUSED)
    judged = Judged(
        row="",
        cells={"sha256": received.sha256},
        item=("file", received.file),
        township="",
        village=received.form.village if received.form else "",
        problems=tuple(problems),
    )
    events = [_arrival(received, count), _waiting_event(judged, received, WAITING)]
    if state.refused.get(content_hash(events[1].payload)) in state.waiting:
        return count, []
    for event in events:
        state.apply(event)
    return count, events


def _count(file: str, state: str) -> dict[str, object]:
    return {"file": file, "state": state, **dict.fromkeys(COUNTED, 0), "village_form": ""}


def _arrival(received: _Received, count: Mapping[str, object]) -> Event:
    form = received.form
    payload = {
        "file": received.file,
        "sha256": received.sha256,
        "form_id": form.form_id if form else "",
        "village": form.village if form else "",
        "state": count["state"],
        "counts": {name: count[name] for name in COUNTED},
    }
    return Event(kind=FILE_RECEIVED, payload=payload)


def _settle(judged: Judged, received: _Received, state: State) -> tuple[str, Event | None]:
    """Where a judged row ends, given what the register holds; an event that changes it is applied."""
    if judged.found is None and not judged.problems:
        return BLANK, None
    if judged.found is None:
        return _keep_waiting(judged, received, state, WAITING)
    held = _held(judged, state)
    if held is None:
        event = _found_event(judged, received)
        state.apply(event)
        return ACCEPTED, event
    if held == judged.found.to_dict():
        return KNOWN, None
    return _keep_waiting(replace(judged, problems=(_conflict(judged),)), received, state, CONFLICTING)


def _keep_waiting(judged: Judged, received: _Received, state: State, status: str) -> tuple[str, Event | None]:
    """Put a row in quarantine, once: the same row in another file is no news, settled or not."""
    event = _waiting_event(judged, received, status)
    if item := state.refused.get(content_hash(event.payload)):
        return (status if item in state.waiting else KNOWN), None
    state.apply(event)
    return status, event


def _held(judged: Judged, state: State) -> Mapping | None:
    """What the register holds about the same household or village."""
    if judged.expected:
        return state.findings.get(judged.expected.key, {}).get(FINDING)
    return state.villages.get(judged.village, {}).get(VILLAGE_FORM)


def _conflict(judged: Judged) -> Problem:
    name, field = ("conflicting", "household") if judged.expected else ("village_conflicting", "posting_days")
    return wrong(name, judged.cells, field)


def _found_event(judged: Judged, received: _Received) -> Event:
    kind = FINDING if isinstance(judged.found, Finding) else VILLAGE_FORM
    content = judged.found.to_dict() if judged.found else {}
    place = {"file": received.file, "row": judged.row, "sha256": received.sha256}
    return Event(kind=kind, payload={**place, kind: content})


def _waiting_event(judged: Judged, received: _Received, status: str) -> Event:
    one, cells = judged.expected, judged.cells
    payload = {
        "file": received.file,
        "row": judged.row,
        "sha256": received.sha256,
        "status": status,
        "item": list(judged.item),
        "serial": cells.get("serial", ""),
        "list": one.list if one else "",
        "township": judged.township,
        "village": judged.village,
        "household": one.household if one else cells.get("household", ""),
        "problems": [to_record(problem) for problem in judged.problems],
        "cells": dict(cells),
    }
    return Event(kind=QUARANTINED, payload=payload)
