"""A returned form judged on its own: is it ours, what does each row say, and what is wrong with it."""

import datetime
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from sampling.codes import BUILT_IN, Codebook
from sampling.findings.claims import Claim, claimed, village_problem
from sampling.findings.expected import Expected, Issued, identify, read_issued
from sampling.findings.finding import Finding, finding_of
from sampling.findings.problems import wrong
from sampling.findings.reading import Row, Rulebook, is_blank, read_answers
from sampling.findings.rules import broken_rules
from sampling.findings.state import Item, canonical
from sampling.findings.village import VillageForm, check_village
from sampling.forms import NO_STANDARD, ReturnedForm, Standard, numbered_villages
from sampling.forms.issue import yuan
from sampling.forms.layout import ANSWER_FIELDS, MEMBER_FIELDS, PERSONAL_FIELDS, QUESTION_FIELDS
from sampling.words import REFUSED, Problem

KEPT_CELLS = ("serial", "list", "household", "amount", *ANSWER_FIELDS)
"""What is kept of a row that was not taken: no name, no address, no account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What is needed to judge a form: what was given out, by whom, and the rules of the campaign."""

    campaign: str
    form_ids: Mapping[str, str]
    townships: Mapping[str, str]
    issued: Issued
    rulebook: Rulebook


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One row, or one cover: a finding, or problems, or neither where nothing was filled in.

    `reminders` are broken rules that keep nothing out.
    """

    row: str
    cells: Mapping[str, str]
    item: Item
    township: str
    village: str
    members: tuple[Row, ...] = ()
    expected: Expected | None = None
    found: Finding | VillageForm | None = None
    problems: tuple[Problem, ...] = ()
    reminders: tuple[Problem, ...] = ()

    def public_cells(self) -> dict[str, str]:
        """The cells that the register may keep."""
        return {field: value for field, value in self.cells.items() if field not in PERSONAL_FIELDS}

    def private_cells(self) -> dict[str, object]:
        """The cells and members that the vault keeps."""
        cells = {field: value for field, value in self.cells.items() if field in PERSONAL_FIELDS and value}
        return {"item": [*self.item], "cells": cells, "members": [dict(member) for member in self.members]}


def make_desk(
    sample: pd.DataFrame,
    roll: pd.DataFrame | None,
    lists: Mapping[str, pd.DataFrame],
    campaign: str,
    *,
    time: str,
    drawn_at: str,
    codebook: Codebook = BUILT_IN,
    standard: Standard = NO_STANDARD,
) -> Desk:
    """Set up everything that forms of this campaign are judged by; times as for `intake`."""
    villages = numbered_villages(sample)
    drawn, now = datetime.datetime.fromisoformat(drawn_at), datetime.datetime.fromisoformat(time)
    # The teams write their own day; where clocks are set to different zones, the later one is meant.
    days = {now.date(), now.astimezone(drawn.tzinfo).date()}
    return Desk(
        campaign=campaign,
        form_ids=dict(zip(villages["village"], villages["form_id"], strict=True)),
        townships=dict(zip(villages["village"], villages["township"], strict=True)),
        issued=read_issued(sample, roll, lists),
        rulebook=Rulebook(earliest=drawn.date(), latest=max(days), codebook=codebook, standard=standard),
    )


def form_problems(form: ReturnedForm, desk: Desk, *, file: str) -> tuple[Problem, ...]:
    """Why this form is not one that the campaign gave out; empty if it is.

    A table that somebody made has no number; each of its rows has to say whose it is, see `claimed`.
    """
    if form.is_table:
        return ()
    if form.campaign != desk.campaign:
        fields = {"campaign": desk.campaign}
        return (Problem(key="findings.other_campaign", file=file, value=form.campaign, fields=fields),)
    if form.village not in desk.form_ids or form.form_id != desk.form_ids[form.village]:
        return (Problem(key="findings.not_drawn", file=file, value=form.village),)
    return ()


def judge_forms(
    forms: Iterable[ReturnedForm], desk: Desk, *, source: str
) -> tuple[list[Judged], list[Judged]]:
    """The covers, and every row, of all forms in a file.

    Rows that speak of one household differently contradict each other, wherever in the file they stand.

    Parameters
    ----------
    forms
        Forms of this campaign, see `form_problems`, or tables.
    desk
        What they are judged by.
    source
        The hash of the file: what nothing else tells apart waits under it.
    """
    forms = list(forms)
    rows = [row for form in forms for row in _judge_rows(form, desk, source)]
    said: dict[Item, set[tuple[str, ...]]] = {}
    for one in rows:
        if not is_blank(one.cells, ANSWER_FIELDS):
            said.setdefault(one.item, set()).add(tuple(one.cells[field] for field in ANSWER_FIELDS))
    twice = {item for item, answers in said.items() if len(answers) > 1}
    rows = [_contradict(one) if one.item in twice else one for one in rows]
    return [_judge_cover(form, desk) for form in forms], rows


def _judge_rows(form: ReturnedForm, desk: Desk, source: str) -> list[Judged]:
    people = _members(form)
    records: list[dict] = form.rows.to_dict("records")
    rows = [_judge_row(record, people.get(_link(record), ()), form, desk) for record in records]
    return rows + _unclaimed(form, {_link(record) for record in records}, desk, source)


def _link(record: Row) -> str:
    """By what members belong to a row: the serial beside them, or what the reader of a table put there."""
    return record.get("link", "") or record["serial"].strip()


def _members(form: ReturnedForm) -> dict[str, tuple[Row, ...]]:
    """The members of each household, by what links them to it."""
    people: dict[str, list[Row]] = {}
    records: list[dict] = form.members.to_dict("records")
    for member in records:
        people.setdefault(_link(member), []).append(member)
    return {link: tuple(members) for link, members in people.items()}


def _unclaimed(form: ReturnedForm, links: Collection[str], desk: Desk, source: str) -> list[Judged]:
    """Members that belong to no row of the form: kept aside, never dropped."""
    empty = dict.fromkeys(KEPT_CELLS, "")
    drawn = form.village in desk.townships
    found = []
    for link, members in _members(form).items():
        if link not in links and not all(is_blank(member, MEMBER_FIELDS) for member in members):
            cells = empty | {"serial": members[0]["serial"]}
            found.append(
                Judged(
                    row=members[0]["row"],
                    cells=cells,
                    item=("members", form.village, link, *([source[:16]] if form.is_table else [])),
                    township=desk.townships.get(form.village, ""),
                    village=form.village if drawn else "",
                    members=tuple(map(_answers, members)),
                    problems=(wrong("members_unclaimed", cells, "serial"),),
                )
            )
    return found


def _answers(member: Row) -> Row:
    return {field: member[field] for field in MEMBER_FIELDS}


def _judge_cover(form: ReturnedForm, desk: Desk) -> Judged:
    township, answers = desk.townships.get(form.village, ""), form.village_answers
    checked: VillageForm | tuple[Problem, ...] = ()
    if not is_blank(answers, QUESTION_FIELDS):
        strange = village_problem(form.village, desk.form_ids)
        checked = (strange,) if strange else check_village(answers, township=township, village=form.village)
    return Judged(
        row="",
        cells=answers,
        item=("village", form.village),
        township=township,
        village=form.village if form.village in desk.form_ids else "",
        found=None if isinstance(checked, tuple) else checked,
        problems=checked if isinstance(checked, tuple) else (),
    )


def _judge_row(row: Row, members: Sequence[Row], form: ReturnedForm, desk: Desk) -> Judged:
    expected, doubts = _about(row, form, desk)
    filled = tuple(_answers(member) for member in members if not is_blank(member, MEMBER_FIELDS))
    if form.is_table and expected and not row["amount"].strip():
        row = {**row, "amount": yuan(expected.amount_paid_fen)}  # nobody copies into a table what is known
    cells = {field: row[field] for field in KEPT_CELLS}
    village = expected.village if expected else form.village
    judged = Judged(
        row=row["row"],
        cells=cells,
        item=("household", *expected.key) if expected else _place_of(row, cells, form),
        township=desk.townships.get(village, ""),
        village=village if village in desk.form_ids else "",
        members=filled,
        expected=expected,
    )
    if is_blank(row, ANSWER_FIELDS) and not filled:
        return judged
    return judge(judged, row, doubts, desk.rulebook)


def _about(row: Row, form: ReturnedForm, desk: Desk) -> tuple[Expected | None, list[Problem]]:
    """The household that a row is about: a workbook's village is known, a table's rows have to say it."""
    if not form.is_table:
        return identify(row, desk.issued, village=form.village)
    claim = Claim(campaign=form.campaign, village=form.village, code=row.get("code", ""))
    return claimed(row, claim, desk.issued, campaign=desk.campaign, villages=desk.form_ids)


def _place_of(row: Row, cells: Mapping[str, str], form: ReturnedForm) -> Item:
    """What a row of no known household waits under.

    A workbook is one village's, so its row is enough. Rows of tables have the same number in many files:
    there the content tells them apart.
    """
    if not form.is_table:
        return ("row", form.village, row["row"])
    content = hashlib.sha256(canonical({**cells, "code": row.get("code", "")}).encode()).hexdigest()
    return ("row", form.village, row["row"], content[:16])


def judge(judged: Judged, row: Row, doubts: Sequence[Problem], rulebook: Rulebook) -> Judged:
    """The same row, with what it says or all that is wrong with it."""
    answers = read_answers(row, judged.expected, rulebook, members=judged.members)
    broken = broken_rules(answers)
    refusing = (*doubts, *(problem for problem in broken if problem.severity == REFUSED))
    reminders = tuple(problem for problem in broken if problem.severity != REFUSED)
    if refusing or judged.expected is None:
        return replace(judged, problems=refusing, reminders=reminders)
    return replace(judged, found=finding_of(answers, judged.expected), reminders=reminders)


def _contradict(judged: Judged) -> Judged:
    """The same row, now also blamed for saying something else than another row about its household."""
    if is_blank(judged.cells, ANSWER_FIELDS):
        return judged
    problem = wrong("repeated", judged.cells, "household")
    return replace(judged, found=None, problems=(*judged.problems, problem))
