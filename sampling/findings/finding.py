"""Finding: one household, seen once; and every rule that a row of a form must keep to become one."""

import datetime
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from sampling.codes import ROLL, code_of, reasons_of, verdict_table, verdicts_of
from sampling.findings.answers import read_amount, read_count, read_date, read_yes_no
from sampling.findings.expected import Expected, Key, written_list
from sampling.findings.problems import wrong
from sampling.forms.issue import yuan
from sampling.words import Problem, fold

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was seen at one household; codes, ISO dates and fen. `verdict` is a recommendation."""

    serial: str
    list: str
    township: str
    village: str
    household: str
    outcome: str
    verdict: str
    reason: str
    amount_paid_fen: int | None
    amount_due_fen: int | None
    persons_found: int | None
    date: str
    inspectors: tuple[str, ...]
    signed: bool
    note: str

    @property
    def key(self) -> Key:
        """What the finding is about."""
        return (self.list, self.village, self.household)

    def to_dict(self) -> dict[str, object]:
        """The finding as it is kept in the register."""
        return asdict(self) | {"inspectors": [*self.inspectors]}

    @classmethod
    def from_dict(cls, kept: Mapping) -> "Finding":
        """The finding that `to_dict` kept."""
        return cls(**{**kept, "inspectors": tuple(kept["inspectors"])})


def check_row(
    row: Row, expected: Expected | None, *, earliest: datetime.date, latest: datetime.date
) -> Finding | tuple[Problem, ...]:
    """Turn a row of a returned form into a finding, or say everything that is wrong with it.

    Parameters
    ----------
    row
        The fields of the form as text; answers in any of the languages, as labels or codes.
    expected
        The drawn household that the row is about; None if that is not known, then nothing is found.
    earliest, latest
        The days between which a visit can have been: that of the draw and that of the intake.

    Returns
    -------
    Finding, or a tuple of Problem
        Never both; `column` of a problem is the field.
    """
    list_name = expected.list if expected else written_list(row)
    outcome, verdict = _outcome(row), code_of(verdict_table(list_name), row["verdict"]) or ""
    on_roll = verdict if list_name == ROLL else ""  # only there the verdict says something of the amount
    paid, due = _paid(row, expected), read_amount(row["amount_due"])
    problems = [
        *_outcome_problems(row, outcome),
        *(_verdict_problems(row, verdict, list_name) if outcome == "completed" else []),
        *(_reason_problems(row, verdict) if outcome == "completed" else []),
        *(_amount_problems(row, on_roll, paid, due) if outcome == "completed" else []),
        *_paid_problems(row, expected),
        *_persons_problems(row, outcome),
        *_date_problems(row, earliest, latest),
        *_inspector_problems(row),
        *_signature_problems(row, outcome),
    ]
    if problems or expected is None:
        return tuple(problems)
    date = read_date(row["date"])
    return Finding(
        serial=expected.serial,
        list=expected.list,
        township=expected.township,
        village=expected.village,
        household=expected.household,
        outcome=outcome,
        verdict=verdict,
        reason=code_of("reason", row["reason"]) or "",
        amount_paid_fen=paid,
        amount_due_fen=_due(verdict, list_name, paid, due),
        persons_found=read_count(row["persons_found"]),
        date=date.isoformat() if date else "",
        inspectors=(row["inspector_1"].strip(), row["inspector_2"].strip()),
        signed=bool(read_yes_no(row["signed"])),
        note=row["note"].strip(),
    )


def is_blank(row: Row, fields: tuple[str, ...]) -> bool:
    """Whether nothing was filled in: the household is still to be visited."""
    return not any(row[field].strip() for field in fields)


def _outcome(row: Row) -> str:
    return code_of("outcome", row["outcome"]) or ""


def _outcome_problems(row: Row, outcome: str) -> list[Problem]:
    if not row["outcome"].strip():
        return [wrong("missing", row, "outcome")]
    if not outcome:
        return [wrong("unknown", row, "outcome")]
    if outcome == "completed":
        return []
    answered = [field for field in ("verdict", "reason", "amount_due") if row[field].strip()]
    return [wrong("not_visited", row, field, outcome=row["outcome"].strip()) for field in answered]


def _verdict_problems(row: Row, verdict: str, list_name: str) -> list[Problem]:
    if not row["verdict"].strip():
        return [wrong("missing", row, "verdict")]
    return [] if verdict in verdicts_of(list_name) else [wrong("unknown", row, "verdict")]


def _reason_problems(row: Row, verdict: str) -> list[Problem]:
    written, reason = row["reason"].strip(), code_of("reason", row["reason"])
    if written and reason is None:
        return [wrong("unknown", row, "reason")]
    if not verdict:
        return []  # the missing verdict is said already; whether a reason fits it cannot be known
    if not written:
        return [wrong("reason_missing", row, "reason")] if reasons_of(verdict) else []
    if not reasons_of(verdict):
        return [wrong("reason_unneeded", row, "reason", verdict=row["verdict"].strip())]
    fits = reason in reasons_of(verdict)
    return [] if fits else [wrong("reason_unfit", row, "reason", verdict=row["verdict"].strip())]


def _amount_problems(row: Row, verdict: str, paid: int | None, due: int | None) -> list[Problem]:
    if row["amount_due"].strip() and due is None:
        return [wrong("amount_unreadable", row, "amount_due")]
    if due is None:
        wanted = verdict in ("overpaid", "underpaid")
        return [wrong("amount_missing", row, "amount_due")] if wanted else []
    if paid is None:
        return []
    broken = {
        "overpaid": ("amount_not_below", due >= paid),
        "underpaid": ("amount_not_above", due <= paid),
        "ineligible": ("amount_not_zero", due != 0),
        "correct": ("amount_not_paid", due != paid),
    }
    name, is_broken = broken.get(verdict, ("", False))
    return [wrong(name, row, "amount_due", paid=yuan(paid))] if is_broken else []


def _paid(row: Row, expected: Expected | None) -> int | None:
    """What the roll says is paid, else what the form was printed with."""
    if expected and expected.amount_paid_fen is not None:
        return expected.amount_paid_fen
    return read_amount(row["amount"])


def _paid_problems(row: Row, expected: Expected | None) -> list[Problem]:
    """The amount paid was given and locked: a form that comes back with another one was altered."""
    known = expected.amount_paid_fen if expected else None
    if known is None or read_amount(row["amount"]) == known:
        return []
    return [wrong("amount_altered", row, "amount", paid=yuan(known))]


def _due(verdict: str, list_name: str, paid: int | None, due: int | None) -> int | None:
    """The amount due of a household of the roll follows from the verdict where it need not be said."""
    if list_name != ROLL:
        return due
    return {"correct": paid, "ineligible": 0}.get(verdict, due)


def _persons_problems(row: Row, outcome: str) -> list[Problem]:
    if not row["persons_found"].strip():
        return [wrong("missing", row, "persons_found")] if outcome == "completed" else []
    readable = read_count(row["persons_found"]) is not None
    return [] if readable else [wrong("count_unreadable", row, "persons_found")]


def _date_problems(row: Row, earliest: datetime.date, latest: datetime.date) -> list[Problem]:
    if not row["date"].strip():
        return [wrong("missing", row, "date")]
    if (date := read_date(row["date"])) is None:
        return [wrong("date_unreadable", row, "date")]
    if date < earliest:
        return [wrong("date_early", row, "date", day=earliest.isoformat())]
    return [wrong("date_late", row, "date", day=latest.isoformat())] if date > latest else []


def _inspector_problems(row: Row) -> list[Problem]:
    fields = ("inspector_1", "inspector_2")
    if missing := [field for field in fields if not row[field].strip()]:
        return [wrong("missing", row, field) for field in missing]
    first, second = (fold(row[field]).casefold() for field in fields)
    return [wrong("same_inspector", row, "inspector_2")] if first == second else []


def _signature_problems(row: Row, outcome: str) -> list[Problem]:
    signed = read_yes_no(row["signed"])
    if row["signed"].strip() and signed is None:
        return [wrong("unknown", row, "signed")]
    return [wrong("not_signed", row, "signed")] if outcome == "completed" and not signed else []
