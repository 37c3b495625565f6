"""Households drawn on arrival, with a seed thrown in the village: by command, or from what the page saved."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sampling.campaign.campaign import Campaign
from sampling.campaign.redrawing import Drawn, add_acts, finished, read_drawn, redrawn
from sampling.campaign.step import Done
from sampling.draws.acts import VILLAGE
from sampling.draws.additions import Act, Fresh, record_problems, village_act
from sampling.draws.roles import drawn_rows
from sampling.draws.tickets import SPEC
from sampling.words import InputError, Problem, refuse_if_any

MEMBERS: Mapping[str, type] = {"village": str, "seed": str, "seed_source": dict, "groups": list}
SOURCE: Mapping[str, type] = {"event": str, "time": str, "witnesses": list}
GROUP: Mapping[str, type] = {"list": str, "substratum": str, "drawn": list, "reserves": list}


def draw_village(campaign: Campaign, *, village: str, fresh: Fresh, now: datetime) -> Done:
    """Draw the households of one village with its own seed.

    Parameters
    ----------
    village
        A drawn village whose households are not drawn yet.
    fresh
        Its seed, and where it comes from: event, time, witnesses.

    Raises
    ------
    InputError
        If nothing is drawn yet, or a rule of `village_act` is broken.
    """
    if done := finished(campaign):
        return done
    drawn = read_drawn(campaign)
    act = village_act(drawn.sample, drawn.design, village, fresh, receipt=drawn.receipt)
    return _added(drawn, [act], now)


def draw_records(campaign: Campaign, files: Sequence[Path], *, now: datetime) -> Done:
    """Take over what the page drew on the spot, made anew and compared: all records or none.

    Parameters
    ----------
    files
        The records that the page saved, one for each village.

    Raises
    ------
    InputError
        If a file is no record of this campaign, a rule of `village_act` is broken, or a record says something
        else than its own seed does.
    """
    if done := finished(campaign):
        return done
    drawn = read_drawn(campaign)
    records, problems = _records(files, drawn.commit)
    acts: list[Act] = []
    for record in records:
        receipt = {**drawn.receipt, "acts": [*drawn.receipt["acts"], *acts]}
        try:
            fresh = record["seed"], record["seed_source"]
            acts.append(village_act(drawn.sample, drawn.design, record["village"], fresh, receipt=receipt))
        except InputError as error:
            problems += error.problems
    refuse_if_any(problems)
    sample = redrawn(drawn, acts).table
    refuse_if_any([problem for record in records for problem in record_problems(sample, record)])
    return _added(drawn, acts, now)


def _added(drawn: Drawn, acts: Sequence[Act], now: datetime) -> Done:
    sample, files = add_acts(drawn, acts, kind=VILLAGE, now=now)
    inside = drawn_rows(sample.table[sample.table["stage"] == "2"])
    new = inside["village"].isin([act["village"] for act in acts])
    fields = {"villages": len(acts), "households": int(new.sum()), "waiting": len(drawn.campaign.waiting())}
    return Done(key="campaign.done.village", fields=fields, files=files)


def _records(files: Sequence[Path], commit: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[Problem]]:
    """The records that can be read, and what is wrong with the others."""
    records, problems = [], []
    for path in files:
        record = _read(path)
        if record is None:
            problems.append(Problem(key="campaign.no_record", file=path.name))
        elif record["campaign"] != commit["campaign"]:
            key, fields = "campaign.other_record", {"campaign": commit["campaign"]}
            problems.append(Problem(key=key, file=path.name, value=record["campaign"], fields=fields))
        elif bool(record.get("rehearsal")) != commit["rehearsal"]:
            problems.append(Problem(key="campaign.rehearsal_record", file=path.name))
        else:
            records.append(record)
    return records, problems


def _read(path: Path) -> dict[str, Any] | None:
    """The record in a file; None where it is none."""
    try:
        record = json.loads(path.read_bytes())
        datetime.fromisoformat(record["seed_source"]["time"]).utctimetuple()
        marks = record["spec"], record["act"], isinstance(record["campaign"], str)
        shapes = [_has(record, MEMBERS), _has(record["seed_source"], SOURCE)]
        shapes += [_has(group, GROUP) for group in record["groups"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    whole = marks == (SPEC, VILLAGE, True) and all(shapes)
    return record if whole and datetime.fromisoformat(record["seed_source"]["time"]).tzinfo else None


def _has(table: Mapping[str, Any], members: Mapping[str, type]) -> bool:
    lists = [table[name] for name, shape in members.items() if shape is list and name != "groups"]
    words = all(isinstance(word, str) for part in lists for word in part)
    return words and all(isinstance(table[name], shape) for name, shape in members.items())
