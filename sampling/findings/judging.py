"""A returned form judged on its own: is it ours, what does each row say, and what is wrong with it."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from sampling.findings.expected import Expected, Issued, identify, read_issued
from sampling.findings.finding import Finding, check_row, is_blank
from sampling.findings.problems import wrong
from sampling.findings.state import Item
from sampling.findings.village import VillageForm, check_village
from sampling.forms import ReturnedForm, numbered_villages
from sampling.forms.layout import ANSWER_FIELDS, QUESTION_FIELDS
from sampling.words import Problem

KEPT_CELLS = ("serial", "list", "household", "amount", *ANSWER_FIELDS)
"""What the register keeps of a row that was not taken: no name, no address, no account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What is needed to judge a form: what was given out, by whom, and when visits can have been."""

    campaign: str
    form_ids: Mapping[str, str]
    townships: Mapping[str, str]
    issued: Issued
    earliest: datetime.date
    latest: datetime.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One row, or one cover: a finding, or problems, or neither where nothing was filled in."""

    row: str
    cells: Mapping[str, str]
    item: Item
    township: str
    village: str
    expected: Expected | None = None
    found: Finding | VillageForm | None = None
    problems: tuple[Problem, ...] = ()


def make_desk(
    sample: pd.DataFrame,
    roll: pd.DataFrame | None,
    lists: Mapping[str, pd.DataFrame],
    campaign: str,
    *,
    time: str,
    drawn_at: str,
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
        earliest=drawn.date(),
        latest=max(days),
    )


def form_problems(form: ReturnedForm, desk: Desk, *, file: str) -> tuple[Problem, ...]:
    """Why this form is not one that the campaign gave out; empty if it is."""
    if form.campaign != desk.campaign:
        fields = {"campaign": desk.campaign}
        return (Problem(key="findings.other_campaign", file=file, value=form.campaign, fields=fields),)
    if desk.form_ids.get(form.village) != form.form_id:
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
    rows = [_judge_row(record, form, desk) for record in records]
    said: dict[Item, set[tuple[str, ...]]] = {}
    for one in rows:
        if not is_blank(one.cells, ANSWER_FIELDS):
            said.setdefault(one.item, set()).add(tuple(one.cells[field] for field in ANSWER_FIELDS))
    twice = {item for item, answers in said.items() if len(answers) > 1}
    return _judge_cover(form, desk), [_contradict(one) if one.item in twice else one for one in rows]


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


def _judge_row(row: Mapping[str, str], form: ReturnedForm, desk: Desk) -> Judged:
    expected, doubts = identify(row, desk.issued, village=form.village)
    judged = Judged(
        row=row["row"],
        cells={field: row[field] for field in KEPT_CELLS},
        item=("household", *expected.key) if expected else ("row", form.village, row["row"]),
        township=desk.townships[form.village],
        village=form.village,
        expected=expected,
    )
    if is_blank(row, ANSWER_FIELDS):
        return judged
    checked = check_row(row, expected, earliest=desk.earliest, latest=desk.latest)
    if doubts or isinstance(checked, tuple):
        return replace(judged, problems=(*doubts, *(checked if isinstance(checked, tuple) else ())))
    return replace(judged, found=checked)


def _contradict(judged: Judged) -> Judged:
    """The same row, now also blamed for saying something else than another row about its household."""
    if is_blank(judged.cells, ANSWER_FIELDS):
        return judged
    problem = wrong("repeated", judged.cells, "household")
    return replace(judged, found=None, problems=(*judged.problems, problem))
