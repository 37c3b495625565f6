"""Intake: returned forms become findings in the register; what cannot is kept with its reasons."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pandas as pd

from sampling.codes import BUILT_IN, Codebook
from sampling.findings.judging import Desk, Judged, form_problems, judge_form, make_desk
from sampling.findings.problems import to_record
from sampling.findings.state import FILE_RECEIVED, FINDING, Event
from sampling.findings.store import Head, Register
from sampling.findings.weighing import KNOWN, STATUSES, WAITING, Books, Place, waiting_event
from sampling.forms import NO_STANDARD, ReturnedForm, Standard, read_returned
from sampling.words import REPORTED, InputError, Problem

TAKEN, REFUSED, SKIPPED, PAPER = "taken", "refused", "skipped", "paper"
COUNTED = ("rows", *STATUSES)
PAPERS = (".jpg", ".jpeg", ".png", ".heic", ".webp", ".pdf")
"""Photos and papers that lie beside the forms: their hashes are kept."""
Purpose = Literal["finding", "second_visit"]
PLACED = ("file", "row", "serial", "list", "township", "village", "household")
ROWS = (*PLACED, "status", "problems", "reminders")


@dataclass(frozen=True, kw_only=True)
class IntakeResult:
    """What became of the returned files.

    Attributes
    ----------
    counts
        One row per file: file, state (taken, known, refused, skipped, paper), rows, then how many of the rows
        were accepted, known, conflicting, quarantined, blank; `village_form` is what became of the cover.
    rows
        One row per row of a file: file, row, serial, list, township, village, household, status; problems
        and reminders as the register keeps them. A row without a serial is the cover.
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
    rows: pd.DataFrame
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
    """One file as it lay there: read, a paper, unreadable (with problems), or passed over (without hash)."""

    file: str
    sha256: str = ""
    forms: tuple[ReturnedForm, ...] = ()
    paper: bool = False
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """What became of one file: its counts, its rows, and the events that say so."""

    count: Mapping[str, object]
    rows: tuple[Mapping[str, object], ...] = ()
    events: tuple[Event, ...] = ()


def intake(
    files: Sequence[Path],
    *,
    sample: pd.DataFrame,
    register: Register,
    campaign: str,
    actor: str,
    time: str,
    drawn_at: str,
    purpose: Purpose = "finding",
    roll: pd.DataFrame | None = None,
    lists: Mapping[str, pd.DataFrame] | None = None,
    codebook: Codebook = BUILT_IN,
    standard: Standard = NO_STANDARD,
) -> IntakeResult:
    """Take returned files into the register, all of one call or nothing.

    Every row ends as accepted, known (the register holds the same already), conflicting (it holds something
    else: that stays, and the new row waits), quarantined (rules are broken) or blank. The same file twice
    changes nothing. Files are read before the transaction, so that it is short.

    Parameters
    ----------
    files
        Workbooks, tables, exports of phones, photos and papers, by whatever names they came back.
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
    purpose
        Whether the files tell of the visits, or of second visits by other teams, which are kept beside.
    roll, lists
        With them the amount paid comes from the roll, and a form with another amount was altered; without
        them it is read from the form.
    codebook, standard
        The county's reasons, and what a household is due.

    Returns
    -------
    IntakeResult
        Counts by file, what became of each row, and everything that waits in quarantine now.
    """
    desk = make_desk(
        sample,
        roll,
        lists or {},
        campaign,
        time=time,
        drawn_at=drawn_at,
        codebook=codebook,
        standard=standard,
    )
    received = [_receive(path) for path in files]
    villages = {form.village for one in received for form in one.forms}
    with register.writing() as writer:
        books = Books.open(writer.state, register, villages | {""})
        taken = [_take(one, desk, books, purpose) for one in received]
        writer.append((event for one in taken for event in one.events), actor=actor, time=time)
    return IntakeResult(
        counts=pd.DataFrame([one.count for one in taken], columns=list(_count("", ""))),
        rows=pd.DataFrame([row for one in taken for row in one.rows], columns=list(ROWS)),
        problems=tuple(problem for one in received for problem in _file_problems(one, desk)),
        waiting=register.quarantine(),
        outstanding=len(desk.issued.by_serial) - len(register.state().findings),
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
    if path.suffix.lower() in PAPERS:
        return replace(received, paper=True)
    try:
        return replace(received, forms=read_returned(data, path.name))
    except InputError as error:
        return replace(received, problems=tuple(replace(p, file=path.name) for p in error.problems))


def _passed_over(path: Path, why: str) -> _Received:
    problem = Problem(key=f"findings.{why}", file=path.name, severity=REPORTED)
    return _Received(file=path.name, problems=(problem,))


def _file_problems(received: _Received, desk: Desk) -> tuple[Problem, ...]:
    """Why the whole file is not taken."""
    strange = (
        problem for form in received.forms for problem in form_problems(form, desk, file=received.file)
    )
    return (*received.problems, *strange)


def _take(received: _Received, desk: Desk, books: Books, purpose: str) -> _Taken:
    """What becomes of one file; its events are applied to the books already."""
    if not received.sha256:
        return _Taken(count=_count(received.file, SKIPPED))
    place = Place(file=received.file, sha256=received.sha256, purpose=purpose)
    known = books.state.files.get((received.sha256, purpose))
    if known and known["state"] in (TAKEN, PAPER):
        rows = known["counts"]["rows"]
        return _Taken(count=_count(received.file, KNOWN) | {"rows": rows, KNOWN: rows})
    if received.paper:
        return _arrived(_count(received.file, PAPER), received, place, books)
    if _file_problems(received, desk):
        return _refuse(received, place, _file_problems(received, desk), books)
    return _take_forms(received, place, desk, books)


def _take_forms(received: _Received, place: Place, desk: Desk, books: Books) -> _Taken:
    covers, rows = [], []
    for form in received.forms:
        cover, judged = judge_form(form, desk)
        # what a village is like was asked at the first visit
        covers += [(cover, *books.settle(cover, place))] if place.purpose == FINDING else []
        rows += [(one, *books.settle(one, place)) for one in judged]
    count = _count(received.file, TAKEN) | {"rows": len(rows)} | Counter(status for _, status, _ in rows)
    count["village_form"] = ", ".join(dict.fromkeys(status for _, status, _ in covers))
    arrived = _arrived(count, received, place, books)
    events = tuple(event for _, _, event in (*covers, *rows) if event)
    told = tuple(_row(received.file, judged, status) for judged, status, _ in (*covers, *rows))
    return replace(arrived, rows=told, events=(*arrived.events, *events))


def _arrived(count: Mapping[str, object], received: _Received, place: Place, books: Books) -> _Taken:
    """The file itself, as it came."""
    form = received.forms[0] if len(received.forms) == 1 else None
    payload = {
        "file": place.file,
        "sha256": place.sha256,
        "purpose": place.purpose,
        "form_id": form.form_id if form else "",
        "village": form.village if form else "",
        "state": count["state"],
        "counts": {name: count[name] for name in COUNTED},
    }
    event = Event(kind=FILE_RECEIVED, payload=payload)
    books.state.apply(event)
    return _Taken(count=count, events=(event,))


def _refuse(received: _Received, place: Place, problems: Sequence[Problem], books: Books) -> _Taken:
    """A file that is not taken at all waits as one row without a household; it is judged afresh each time."""
    judged = Judged(
        row="",
        cells={"sha256": received.sha256},
        item=("file", received.file),
        township="",
        village=received.forms[0].village if received.forms else "",
        problems=tuple(problems),
    )
    count, event = _count(received.file, REFUSED), waiting_event(judged, place, WAITING)
    told = (_row(received.file, judged, WAITING),)
    earlier = books.refused(event)
    if earlier and tuple(earlier["item"]) in books.state.waiting:
        return _Taken(count=count, rows=told)
    arrived = _arrived(count, received, place, books)
    books.state.apply(event)
    return replace(arrived, rows=told, events=(*arrived.events, event))


def _count(file: str, state: str) -> dict[str, object]:
    return {"file": file, "state": state, **dict.fromkeys(COUNTED, 0), "village_form": ""}


def _row(file: str, judged: Judged, status: str) -> dict[str, object]:
    one, cells = judged.expected, judged.cells
    return {
        "file": file,
        "row": judged.row,
        "serial": one.serial if one else cells.get("serial", ""),
        "list": one.list if one else "",
        "township": judged.township,
        "village": judged.village,
        "household": one.household if one else cells.get("household", ""),
        "status": status,
        "problems": [to_record(problem) for problem in judged.problems],
        "reminders": [to_record(problem) for problem in judged.reminders],
    }
