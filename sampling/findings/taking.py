"""What becomes of a file that came back: each of its rows ends somewhere, and events say so."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sampling.findings.judging import Desk, Judged, form_problems, judge_forms
from sampling.findings.problems import to_record
from sampling.findings.state import FILE_RECEIVED, FINDING, Event
from sampling.findings.weighing import KNOWN, STATUSES, WAITING, Books, Place, waiting_event
from sampling.forms import ReturnedForm
from sampling.words import Problem

TAKEN, REFUSED, SKIPPED, PAPER = "taken", "refused", "skipped", "paper"
COUNTED = ("rows", *STATUSES)
ANSWERED = (TAKEN, KNOWN, REFUSED)
"""States of files that get a receipt: all but photos and what was passed over."""
PLACED = ("file", "row", "serial", "list", "township", "village", "household")
ROWS = (*PLACED, "status", "problems", "reminders")


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One file as it lay there: read, a paper, unreadable (with problems), or passed over (without hash).

    `covers` and `rows` are what was judged of it; `notes` keep nothing out.
    """

    file: str
    sha256: str = ""
    forms: tuple[ReturnedForm, ...] = ()
    covers: tuple[Judged, ...] = ()
    rows: tuple[Judged, ...] = ()
    paper: bool = False
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()

    @property
    def villages(self) -> set[str]:
        """The villages that it tells of."""
        named = {form.village for form in self.forms if not form.is_table}
        return (named | {one.village for one in (*self.covers, *self.rows)}) - {""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of one file.

    Attributes
    ----------
    count
        file, state (taken, known, refused, skipped, paper), rows, how many ended where, and what became of
        the cover.
    rows
        Each row, its cover first, with the columns of `IntakeResult.rows`.
    events
        What says so in the register.
    villages
        The villages that it tells of.
    """

    count: Mapping[str, object]
    sha256: str = ""
    rows: tuple[Mapping[str, object], ...] = ()
    events: tuple[Event, ...] = ()
    villages: frozenset[str] = field(default_factory=frozenset)
    problems: tuple[Problem, ...] = ()

    @property
    def file(self) -> str:
        """The name of the file."""
        return str(self.count["file"])

    @property
    def state(self) -> str:
        """What became of the file as a whole."""
        return str(self.count["state"])


def judged(received: Received, desk: Desk) -> Received:
    """The same file with every row judged, or with what refuses it as a whole."""
    problems = tuple(
        problem for form in received.forms for problem in form_problems(form, desk, file=received.file)
    )
    notes = tuple(note for form in received.forms for note in form.noted(received.file))
    if problems or received.problems:
        return replace(received, problems=(*received.problems, *problems), notes=(*received.notes, *notes))
    covers, rows = judge_forms(received.forms, desk, source=received.sha256)
    return replace(received, covers=tuple(covers), rows=tuple(rows), notes=(*received.notes, *notes))


def take(received: Received, books: Books, purpose: str) -> Taken:
    """What becomes of one judged file; its events are applied to the books already."""
    taken = _taken(received, books, purpose)
    return replace(
        taken,
        sha256=received.sha256,
        villages=frozenset(received.villages),
        problems=(*received.problems, *received.notes),
    )


def _taken(received: Received, books: Books, purpose: str) -> Taken:
    if not received.sha256:
        return Taken(count=empty_count(received.file, SKIPPED))
    place = Place(file=received.file, sha256=received.sha256, purpose=purpose)
    known = books.state.files.get((received.sha256, purpose))
    if known and known["state"] in (TAKEN, PAPER):
        return _look_again(received, place, books)
    if received.paper:
        return _arrived(empty_count(received.file, PAPER), received, place, books)
    if received.problems:
        return _refuse(received, place, books)
    return _take_rows(received, place, books)


def _look_again(received: Received, place: Place, books: Books) -> Taken:
    """A file that was taken before: what its rows are by now, and nothing is added."""

    def status(one: Judged) -> str:
        found, event = books.weigh(one, place)
        return KNOWN if event else found

    covers = [(one, status(one)) for one in _asked(received, place)]
    rows = [(one, status(one)) for one in received.rows]
    return Taken(count=_counted(received, KNOWN, covers, rows), rows=_told(received, [*covers, *rows]))


def _take_rows(received: Received, place: Place, books: Books) -> Taken:
    covers = [(one, *books.settle(one, place)) for one in _asked(received, place)]
    rows = [(one, *books.settle(one, place)) for one in received.rows]
    both = [[(one, status) for one, status, _ in part] for part in (covers, rows)]
    count = _counted(received, TAKEN, *both)
    arrived = _arrived(count, received, place, books)
    events = (event for _, _, event in (*covers, *rows) if event)
    told = _told(received, [*both[0], *both[1]])
    return replace(arrived, rows=told, events=(*arrived.events, *events))


def _asked(received: Received, place: Place) -> Sequence[Judged]:
    """What a village is like was asked at the first visit."""
    return received.covers if place.purpose == FINDING else ()


def _refuse(received: Received, place: Place, books: Books) -> Taken:
    """A file that is not taken at all waits as one row without a household; it is judged afresh each time."""
    whole = Judged(
        row="",
        cells={"sha256": received.sha256},
        item=("file", received.file),
        township="",
        village=received.forms[0].village if received.forms else "",
        problems=received.problems,
    )
    count, event = empty_count(received.file, REFUSED), waiting_event(whole, place, WAITING)
    told = _told(received, [(whole, WAITING)])
    earlier = books.refused(event)
    if earlier and tuple(earlier["item"]) in books.state.waiting:
        return Taken(count=count, rows=told)
    arrived = _arrived(count, received, place, books)
    books.state.apply(event)
    return replace(arrived, rows=told, events=(*arrived.events, event))


def _arrived(count: Mapping[str, object], received: Received, place: Place, books: Books) -> Taken:
    """The file itself, as it came; columns that no form has go with it into the vault."""
    form = received.forms[0] if len(received.forms) == 1 else None
    payload = {
        "file": place.file,
        "sha256": place.sha256,
        "purpose": place.purpose,
        "form_id": form.form_id if form else "",
        "village": next(iter(received.villages)) if len(received.villages) == 1 else "",
        "state": count["state"],
        "counts": {name: count[name] for name in COUNTED},
    }
    aside = {name: dict(cells) for one in received.forms for name, cells in one.aside.items()}
    personal = {"file": place.sha256, "aside": aside} if aside else None
    event = Event(kind=FILE_RECEIVED, payload=payload, personal=personal)
    books.state.apply(event)
    return Taken(count=count, events=(event,))


def empty_count(file: str, state: str) -> dict[str, object]:
    """The counts of a file without a row."""
    return {"file": file, "state": state, **dict.fromkeys(COUNTED, 0), "village_form": ""}


Weighed = tuple[Judged, str]


def _counted(
    received: Received, state: str, covers: Iterable[Weighed], rows: Sequence[Weighed]
) -> dict[str, object]:
    told = {"village_form": ", ".join(dict.fromkeys(status for _, status in covers))}
    counts = {"rows": len(rows)} | Counter(status for _, status in rows)
    return empty_count(received.file, state) | counts | told


def _told(received: Received, weighed: Iterable[Weighed]) -> tuple[Mapping[str, object], ...]:
    return tuple(_row(received.file, one, status) for one, status in weighed)


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
