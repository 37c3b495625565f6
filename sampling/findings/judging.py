"""A returned form judged on its own: is it ours, what does each row say, and what is wrong with it."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from sampling.codes import BUILT_IN, Codebook
from sampling.findings.expected import Expected, Issued, identify, read_issued
from sampling.findings.finding import Finding, finding_of
from sampling.findings.problems import wrong
from sampling.findings.reading import Row, Rulebook, is_blank, read_answers
from sampling.findings.rules import broken_rules
from sampling.findings.state import Item
from sampling.findings.village import VillageForm, check_village
from sampling.forms import NO_STANDARD, ReturnedForm, Standard, numbered_villages
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

    A table that somebody made has no number and need not name the campaign: its rows are known by serial
    and household.
    """
    if (form.campaign or desk.campaign) != desk.campaign:
        fields = {"campaign": desk.campaign}
        return (Problem(key="findings.other_campaign", file=file, value=form.campaign, fields=fields),)
    if form.village not in desk.form_ids or form.form_id not in ("", desk.form_ids[form.village]):
        return (Problem(key="findings.not_drawn", file=file, value=form.village),)
    return ()


def judge_form(form: ReturnedForm, desk: Desk) -> tuple[Judged, list[Judged]]:
    """The cover, and every row; rows that speak of one household differently contradict each other.

    Parameters
    ----------
    form
        A form of this campaign, see `form_problems`.
    desk
        What it is judged by.
    """
    records: list[dict] = form.rows.to_dict("records")
    people = _members(form)
    rows = [_judge_row(record, people.get(record["serial"].strip(), ()), form, desk) for record in records]
    rows += _unclaimed(form, records, desk)
    said: dict[Item, set[tuple[str, ...]]] = {}
    for one in rows:
        if not is_blank(one.cells, ANSWER_FIELDS):
            said.setdefault(one.item, set()).add(tuple(one.cells[field] for field in ANSWER_FIELDS))
    twice = {item for item, answers in said.items() if len(answers) > 1}
    return _judge_cover(form, desk), [_contradict(one) if one.item in twice else one for one in rows]


def _members(form: ReturnedForm) -> dict[str, tuple[Row, ...]]:
    """The members of each household, by the serial that stands beside them."""
    people: dict[str, list[Row]] = {}
    for member in form.members.to_dict("records"):
        cells = {field: member[field] for field in MEMBER_FIELDS}
        people.setdefault(member["serial"].strip(), []).append(cells)
    return {serial: tuple(cells) for serial, cells in people.items()}


def _unclaimed(form: ReturnedForm, records: Sequence[Row], desk: Desk) -> list[Judged]:
    """Members under a serial that no row of the form has: kept aside, never dropped."""
    serials = {record["serial"].strip() for record in records}
    empty = dict.fromkeys(KEPT_CELLS, "")
    found = []
    for serial, members in _members(form).items():
        if serial not in serials and not all(is_blank(member, MEMBER_FIELDS) for member in members):
            cells = empty | {"serial": serial}
            found.append(
                Judged(
                    row="",
                    cells=cells,
                    item=("members", form.village, serial),
                    township=desk.townships[form.village],
                    village=form.village,
                    members=members,
                    problems=(wrong("members_unclaimed", cells, "serial"),),
                )
            )
    return found


def _judge_cover(form: ReturnedForm, desk: Desk) -> Judged:
    township, answers = desk.townships[form.village], form.village_answers
    checked: VillageForm | tuple[Problem, ...] = ()
    if not is_blank(answers, QUESTION_FIELDS):
        checked = check_village(answers, township=township, village=form.village)
    return Judged(
        row="",
        cells=answers,
        item=("village", form.village),
        township=township,
        village=form.village,
        found=None if isinstance(checked, tuple) else checked,
        problems=checked if isinstance(checked, tuple) else (),
    )


def _judge_row(row: Row, members: Sequence[Row], form: ReturnedForm, desk: Desk) -> Judged:
    expected, doubts = identify(row, desk.issued, village=form.village)
    filled = tuple(member for member in members if not is_blank(member, MEMBER_FIELDS))
    judged = Judged(
        row=row["row"],
        cells={field: row[field] for field in KEPT_CELLS},
        item=("household", *expected.key) if expected else ("row", form.village, row["row"]),
        township=desk.townships[form.village],
        village=form.village,
        members=filled,
        expected=expected,
    )
    return (
        judged if is_blank(row, ANSWER_FIELDS) and not filled else judge(judged, row, doubts, desk.rulebook)
    )


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
