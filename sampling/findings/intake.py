"""Intake: returned forms become findings in the register; what cannot is kept with its reasons."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pandas as pd

from sampling.codes import BUILT_IN, Codebook
from sampling.findings.judging import make_desk
from sampling.findings.state import State
from sampling.findings.store import Head, Register
from sampling.findings.taking import COUNTED, ROWS, Received, Taken, empty_count, judged, take
from sampling.findings.weighing import STATUSES, Books
from sampling.forms import NO_STANDARD, Standard, drawn_households, read_returned
from sampling.forms.odk import PICTURES, is_archive, pictures_in
from sampling.words import REPORTED, InputError, Problem

__all__ = ["STATUSES", "IntakeResult", "Purpose", "intake"]

FILE_LIMIT = 500_000_000
"""Bytes of a file that is read at all; photos and papers are hashed, however large."""
LEFT = ["serial", "list", "township", "village", "household"]
Purpose = Literal["finding", "second_visit"]


@dataclass(frozen=True, kw_only=True)
class IntakeResult:
    """What became of the returned files.

    Attributes
    ----------
    counts
        One row per file: file, state (taken, known, refused, skipped, paper), rows, then how many of the rows
        were accepted, known, conflicting, quarantined, blank; `village_form` is what became of the cover.
        The rows of a known file are counted as they are by now.
    rows
        One row per row of a file: file, row, serial, list, township, village, household, status; problems
        and reminders as the register keeps them. A row without a serial is the cover.
    problems
        The files that were not taken at all, and why; what should be looked at in those that were.
    waiting
        Everything that waits in quarantine now, from earlier intakes too.
    left
        The drawn households without a finding: serial, list, township, village, household; `waiting` says
        whether a row about one waits in quarantine.
    files
        The same file by file, for receipts.
    head
        Number and hash of the register's last event.
    """

    counts: pd.DataFrame
    rows: pd.DataFrame
    problems: tuple[Problem, ...]
    waiting: pd.DataFrame
    left: pd.DataFrame
    files: tuple[Taken, ...]
    head: Head

    @property
    def outstanding(self) -> int:
        """How many drawn households have no finding."""
        return len(self.left)

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
    received = [judged(one, desk) for path in files for one in _receive(path)]
    villages = {village for one in received for village in one.villages}
    with register.writing() as writer:
        books = Books.open(writer.state, register, villages | {""})
        taken = [take(one, books, purpose) for one in received]
        writer.append((event for one in taken for event in one.events), actor=actor, time=time)
    return IntakeResult(
        counts=pd.DataFrame([one.count for one in taken], columns=list(empty_count("", ""))),
        rows=pd.DataFrame([row for one in taken for row in one.rows], columns=list(ROWS)),
        problems=tuple(problem for one in taken for problem in one.problems),
        waiting=register.quarantine(),
        left=_left(sample, register.state()),
        files=tuple(taken),
        head=writer.head,
    )


def _left(sample: pd.DataFrame, state: State) -> pd.DataFrame:
    """The drawn households without a finding, in the order of their serials."""
    drawn = drawn_households(sample)
    keys = pd.Series(
        list(zip(drawn["list"], drawn["village"], drawn["household"], strict=True)), dtype=object
    )
    waiting = {item[1:] for item in state.waiting if item[0] == "household"}
    found = keys.isin(list(state.findings))
    return drawn.loc[~found, LEFT].assign(waiting=keys[~found].isin(list(waiting))).reset_index(drop=True)


def _receive(path: Path) -> list[Received]:
    """Read one file; a program's lock file and a file that is held open are passed over, not refused.

    The photos inside an export of phones have arrived with it.
    """
    if path.name.startswith(("~$", ".")):
        return [_passed_over(path, "temporary")]
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        received = Received(file=path.name, sha256=sha256)
        if path.suffix.lower() in PICTURES:
            return [replace(received, paper=True)]
        data = path.read_bytes() if path.stat().st_size <= FILE_LIMIT else None
    except OSError:
        return [_passed_over(path, "locked")]
    if data is None:
        fields = {"size": f"{path.stat().st_size:,}"}
        return [replace(received, problems=(Problem(key="tables.too_large", file=path.name, fields=fields),))]
    return _read(received, data)


def _read(received: Received, data: bytes) -> list[Received]:
    try:
        whole = replace(received, forms=read_returned(data, received.file))
        pictures = pictures_in(data, received.file) if is_archive(data) else {}
    except InputError as error:
        return [replace(received, problems=tuple(replace(p, file=received.file) for p in error.problems))]
    return [whole, *(Received(file=name, sha256=sha256, paper=True) for name, sha256 in pictures.items())]


def _passed_over(path: Path, why: str) -> Received:
    problem = Problem(key=f"findings.{why}", file=path.name, severity=REPORTED)
    return Received(file=path.name, problems=(problem,))
