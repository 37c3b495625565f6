"""The rules between the answers of a form, as data: each a name, the field to blame, and when it is broken.

Their sentences are in the catalogues under `findings.<name>`. A rule that refuses keeps a row out of the
register; one that only reminds is told to whoever wrote the row.
"""

import datetime
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sampling.codes import LOOK_AGAIN, REASON_NEEDED, is_paid, verdicts_of
from sampling.findings.answers import read_amount
from sampling.findings.problems import wrong
from sampling.findings.reading import Answers
from sampling.forms.issue import yuan
from sampling.forms.layout import ANSWERS, INCOMES, MEMBERS
from sampling.words import REPORTED, Problem, fold

Broken = bool | Mapping[str, object]
"""Whether a rule is broken; fields for its sentence say yes too."""

UNREADABLE = {
    "choice": "unknown",
    "number": "count_unreadable",
    "money": "amount_unreadable",
    "date": "date_unreadable",
    "time": "time_unreadable",
}
SHORTEST = 5
"""Minutes under which a visit is asked about."""
CLOSE = 100
"""Fen by which the amount due may differ from what the standard gives, without being asked about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: `reminds` is false where a broken rule refuses the row."""

    name: str
    field: str
    broken: Callable[[Answers], Broken]
    reminds: bool = False


def broken_rules(answers: Answers) -> tuple[Problem, ...]:
    """Everything that is wrong with the answers, or should be looked at again.

    Returns
    -------
    tuple of Problem
        `column` is the field; `severity` is "reported" for a reminder.
    """
    return (*_unreadable(answers), *_unreadable_members(answers), *_broken(answers))


def _broken(answers: Answers) -> Iterator[Problem]:
    for rule in RULES:
        if found := rule.broken(answers):
            fields = found if isinstance(found, Mapping) else {}
            problem = wrong(rule.name, answers.cells, rule.field, **fields)
            yield _reminder(problem) if rule.reminds else problem


def _reminder(problem: Problem) -> Problem:
    return Problem(
        key=problem.key,
        column=problem.column,
        value=problem.value,
        fields=problem.fields,
        severity=REPORTED,
    )


def _unreadable(answers: Answers) -> Iterator[Problem]:
    """Answers that say nothing of their kind. Of those that do not belong there another rule speaks."""
    for column in ANSWERS:
        field = column.field
        if answers.said(field) and answers.values[field] is None and not _out_of_place(answers, field):
            yield wrong(UNREADABLE[column.kind], answers.cells, field)


def _unreadable_members(answers: Answers) -> Iterator[Problem]:
    for cells, person in zip(answers.members, answers.people, strict=True):
        for column in MEMBERS:
            if cells[column.field].strip() and person[column.field] is None:
                yield wrong(UNREADABLE[column.kind], cells, column.field)


# Each question below says whether a rule is broken, or gives the fields of the sentence that says so.


def _out_of_place(answers: Answers, field: str) -> bool:
    """Whether a conclusion stands where nobody was seen."""
    known = answers.values["outcome"] is not None
    return field in ("verdict", "reason", "amount_due") and known and not answers.completed


def _missing(field: str) -> Rule:
    return Rule(name="missing", field=field, broken=lambda answers: not answers.said(field))


def _missing_if_completed(field: str) -> Rule:
    def broken(answers: Answers) -> Broken:
        return answers.completed and not answers.said(field)

    return Rule(name="missing", field=field, broken=broken)


def _not_visited(field: str) -> Rule:
    def broken(answers: Answers) -> Broken:
        outcome = answers.cells["outcome"].strip()
        return answers.said(field) and _out_of_place(answers, field) and {"outcome": outcome}

    return Rule(name="not_visited", field=field, broken=broken)


def _verdict(answers: Answers) -> str:
    return answers.values["verdict"] or "" if answers.completed else ""


def _verdict_elsewhere(answers: Answers) -> Broken:
    """A verdict of another kind of list reads as none of this one's."""
    return _verdict(answers) not in ("", *verdicts_of(answers.list))


def _said(answers: Answers) -> dict[str, object]:
    return {"verdict": answers.cells["verdict"].strip()}


def _reasons(answers: Answers) -> tuple[str, ...]:
    return answers.rulebook.codebook.reasons_of(_verdict(answers))


def _reason_missing(answers: Answers) -> Broken:
    return _verdict(answers) in REASON_NEEDED and not answers.said("reason")


def _reason_unneeded(answers: Answers) -> Broken:
    known = _verdict(answers) and answers.values["reason"]
    return bool(known and not _reasons(answers)) and _said(answers)


def _reason_unfit(answers: Answers) -> Broken:
    reason, fitting = answers.values["reason"], _reasons(answers)
    return bool(reason and fitting and reason not in fitting) and _said(answers)


def _amount_missing(answers: Answers) -> Broken:
    return _verdict(answers) in ("overpaid", "underpaid") and not answers.said("amount_due")


def _amount(verdict: str, name: str, broken: Callable[[int, int], bool]) -> Rule:
    def against(answers: Answers) -> Broken:
        due, paid = answers.values["amount_due"], answers.paid
        if _verdict(answers) != verdict or not is_paid(answers.list) or due is None or paid is None:
            return False
        return broken(due, paid) and {"paid": yuan(paid)}

    return Rule(name=name, field="amount_due", broken=against)


def _amount_altered(answers: Answers) -> Broken:
    """The amount paid was given and locked: a form that comes back with another one was altered."""
    known = answers.expected.amount_paid_fen if answers.expected else None
    altered = known is not None and read_amount(answers.cells["amount"]) != known
    return altered and {"paid": yuan(known)}


def _date_early(answers: Answers) -> Broken:
    date, earliest = answers.values["date"], answers.rulebook.earliest
    return date is not None and date < earliest and {"day": earliest.isoformat()}


def _date_late(answers: Answers) -> Broken:
    date, latest = answers.values["date"], answers.rulebook.latest
    return date is not None and date > latest and {"day": latest.isoformat()}


def _same_inspector(answers: Answers) -> Broken:
    """Never alone: one inspector, written down twice, is no visit."""
    first, second = (fold(answers.cells[field]).casefold() for field in ("inspector_1", "inspector_2"))
    return bool(first) and first == second


def _not_signed(answers: Answers) -> Broken:
    unreadable = answers.said("signed") and answers.values["signed"] is None
    at_home = answers.values["mode"] != "by_documents"
    return answers.completed and at_home and not answers.values["signed"] and not unreadable


def _no_evidence(answers: Answers) -> Broken:
    stops = _verdict(answers) == "ineligible" and is_paid(answers.list)
    return stops and not answers.said("evidence") and not answers.said("photos")


def _status_alone(answers: Answers) -> Broken:
    """Being somebody's relative, or disliked, is no ground to stop: too much income, by the standard, is."""
    if _verdict(answers) != "ineligible" or answers.values["reason"] not in LOOK_AGAIN:
        return False
    return answers.computed > 0 if answers.computed is not None else not answers.income


def _survivors_unsaid(answers: Answers) -> Broken:
    dead = _verdict(answers) == "ineligible" and answers.values["reason"] == "head_died"
    return dead and bool(answers.values["persons_found"]) and not answers.said("entitled_found")


def _survivors(answers: Answers) -> Broken:
    """A dead head with entitled survivors: head and amount change, nothing is stopped."""
    dead = _verdict(answers) == "ineligible" and answers.values["reason"] == "head_died"
    living = any(person["counted"] and person["health"] != "died" for person in answers.people)
    return dead and (bool(answers.values["entitled_found"]) or living)


def _too_many_entitled(answers: Answers) -> Broken:
    persons, entitled = answers.values["persons_found"], answers.values["entitled_found"]
    return persons is not None and entitled is not None and entitled > persons and {"persons": persons}


def _times_turned(answers: Answers) -> Broken:
    arrive, leave = answers.values["arrive"], answers.values["leave"]
    return bool(arrive and leave) and leave < arrive


def minutes(values: Mapping[str, datetime.time | None]) -> int | None:
    """How long a visit took; None where a time is missing."""
    arrive, leave = values["arrive"], values["leave"]
    if arrive is None or leave is None:
        return None
    return (leave.hour - arrive.hour) * 60 + leave.minute - arrive.minute


def _too_short(answers: Answers) -> Broken:
    took = minutes({name: answers.values[name] for name in ("arrive", "leave")})
    return answers.completed and took is not None and 0 <= took < SHORTEST and {"minutes": took}


def _members_differ(answers: Answers) -> Broken:
    living = sum(person["health"] != "died" for person in answers.people)
    persons = answers.values["persons_found"]
    return bool(answers.people) and persons is not None and living != persons and {"members": living}


def _income_missing(answers: Answers) -> Broken:
    expected, standard = answers.expected, answers.rulebook.standard
    asked = answers.completed and expected is not None and standard.mode == "difference"
    each = standard.each(area=expected.area, category=expected.category) if expected else None
    return asked and each is not None and answers.income is None


def _due_differs(answers: Answers) -> Broken:
    due, computed = answers.values["amount_due"], answers.computed
    if _verdict(answers) == "correct" and due is None:
        due = answers.paid
    if due is None or computed is None or not answers.completed or abs(due - computed) < CLOSE:
        return False
    return {"computed": yuan(computed), "due": yuan(due)}


RULES: tuple[Rule, ...] = (
    _missing("outcome"),
    *map(_not_visited, ("verdict", "reason", "amount_due")),
    _missing_if_completed("verdict"),
    Rule(name="unknown", field="verdict", broken=_verdict_elsewhere),
    Rule(name="reason_missing", field="reason", broken=_reason_missing),
    Rule(name="reason_unneeded", field="reason", broken=_reason_unneeded),
    Rule(name="reason_unfit", field="reason", broken=_reason_unfit),
    Rule(name="amount_missing", field="amount_due", broken=_amount_missing),
    _amount("overpaid", "amount_not_below", lambda due, paid: due >= paid),
    _amount("underpaid", "amount_not_above", lambda due, paid: due <= paid),
    _amount("ineligible", "amount_not_zero", lambda due, paid: due != 0),
    _amount("correct", "amount_not_paid", lambda due, paid: due != paid),
    Rule(name="amount_altered", field="amount", broken=_amount_altered),
    _missing_if_completed("persons_found"),
    Rule(name="too_many_entitled", field="entitled_found", broken=_too_many_entitled),
    _missing("date"),
    Rule(name="date_early", field="date", broken=_date_early),
    Rule(name="date_late", field="date", broken=_date_late),
    Rule(name="times_turned", field="leave", broken=_times_turned),
    _missing("inspector_1"),
    _missing("inspector_2"),
    Rule(name="same_inspector", field="inspector_2", broken=_same_inspector),
    Rule(name="not_signed", field="signed", broken=_not_signed),
    Rule(name="no_evidence", field="evidence", broken=_no_evidence),
    Rule(name="status_alone", field="reason", broken=_status_alone),
    Rule(name="survivors_unsaid", field="entitled_found", broken=_survivors_unsaid),
    Rule(name="survivors", field="reason", broken=_survivors),
    Rule(name="too_short", field="leave", broken=_too_short, reminds=True),
    Rule(name="members_differ", field="persons_found", broken=_members_differ, reminds=True),
    Rule(name="income_missing", field=INCOMES[0], broken=_income_missing, reminds=True),
    Rule(name="due_differs", field="amount_due", broken=_due_differs, reminds=True),
)
"""All rules, in the order of the form; a new one is an entry and a sentence in each language."""
