"""The sub-commands: each a few words around one function of the line, and what it tells afterwards."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sampling.campaign import (
    Campaign,
    Done,
    commit_campaign,
    draw_again,
    draw_records,
    draw_sample,
    draw_village,
    estimate_findings,
    extend_draw,
    finished,
    locked,
    make_forms,
    moment,
    new_campaign,
    open_campaign,
    open_reserve,
    publish_campaign,
    refusals_kept,
    rehearse,
    status_table,
    take_in,
    void_draw,
)
from sampling.campaign.exporting import export_survey
from sampling.campaign.publishing import WHAT
from sampling.draws import verify_draw, verify_unit
from sampling.draws.additions import OPENING_REASONS
from sampling.words import Problem, text
from sampling.words.layout import columns

DONE, REFUSED, USAGE, SOME_FAILED, BUSY = range(5)
SHOWN = 20
"""Problems shown on a terminal; the rest stand in `problems.csv`."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """A sub-command: the arguments beside DIR, and what it runs; `run` returns the exit code."""

    run: Callable[[argparse.Namespace, str], int]
    arguments: Mapping[str, Mapping[str, object]]
    folder: bool = True


def _new(arguments: argparse.Namespace, lang: str) -> int:
    if not arguments.roll and not arguments.villages:
        print(text("cli.no_input", lang), file=sys.stderr)
        return USAGE
    with refusals_kept(arguments.folder, lang):  # no lock: a refusal leaves nothing else in the folder
        done = new_campaign(
            arguments.folder,
            id=arguments.folder.resolve().name,
            roll=arguments.roll,
            villages=arguments.villages,
            columns=dict(map(_column, arguments.columns)),
            lang=lang,
        )
    return _tell(done, lang)


def _column(word: str) -> tuple[str, object]:
    field, _, header = word.partition("=")
    pseudonym = header.removeprefix("pseudonym_of:")
    if pseudonym != header:
        return field, {"pseudonym_of": pseudonym}
    return field, header.split("/") if "/" in header else header


def _commit(arguments: argparse.Namespace, lang: str) -> int:
    with locked(arguments.folder), refusals_kept(arguments.folder, lang):
        done = commit_campaign(
            arguments.folder,
            now=datetime.now().astimezone(),
            lang=lang,
            correction=arguments.correction,
        )
    return _tell(done, lang)


def _draw(arguments: argparse.Namespace, lang: str) -> int:
    if arguments.rehearsal and (arguments.record or arguments.village):
        print(text("cli.rehearsal_how", lang), file=sys.stderr)
        return USAGE
    now = datetime.now().astimezone()
    at = arguments.at or now.isoformat(timespec="seconds")
    with locked(arguments.folder):
        campaign = open_campaign(arguments.folder, lang=lang)
        if arguments.record:
            done = draw_records(campaign, arguments.record, now=now)
        elif arguments.village:
            done = draw_village(campaign, village=arguments.village, fresh=_fresh(arguments, at), now=now)
        elif not arguments.seed and not arguments.rehearsal:
            done = draw_again(campaign, now=now)
        else:
            drawn = rehearse if arguments.rehearsal else _finished_or_drawn
            done = drawn(
                campaign,
                seed=arguments.seed,
                event=arguments.source,
                at=at,
                witnesses=tuple(arguments.witness),
                now=now,
            )
    return _tell(done, lang)


def _finished_or_drawn(campaign: Campaign, **seed: Any) -> Done:
    return finished(campaign) or draw_sample(campaign, **seed)


def _fresh(arguments: argparse.Namespace, at: str) -> tuple[str, Mapping[str, object]]:
    """A seed of its own, and where it comes from."""
    source = {"event": arguments.source, "time": moment(at), "witnesses": list(arguments.witness)}
    return arguments.seed or "", source


def _extend(arguments: argparse.Namespace, lang: str) -> int:
    if bool(arguments.more) == bool(arguments.all) or (arguments.looked and not arguments.seed):
        print(text("cli.extend_how", lang), file=sys.stderr)
        return USAGE
    now = datetime.now().astimezone()
    at = arguments.at or now.isoformat(timespec="seconds")
    with locked(arguments.folder):
        done = extend_draw(
            open_campaign(arguments.folder, lang=lang),
            more=arguments.more,
            every=arguments.all,
            fresh=_fresh(arguments, at) if arguments.looked else None,
            now=now,
        )
    return _tell(done, lang)


def _reserve(arguments: argparse.Namespace, lang: str) -> int:
    with locked(arguments.folder):
        done = open_reserve(
            open_campaign(arguments.folder, lang=lang),
            village=arguments.village,
            household=arguments.household,
            list_name=arguments.list,
            reason=arguments.reason,
            by=arguments.by,
            now=datetime.now().astimezone(),
        )
    return _tell(done, lang)


def _void(arguments: argparse.Namespace, lang: str) -> int:
    with locked(arguments.folder):
        campaign = open_campaign(arguments.folder, lang=lang)
        done = void_draw(campaign, reason=arguments.reason, now=datetime.now().astimezone())
    return _tell(done, lang)


def _publish(arguments: argparse.Namespace, lang: str) -> int:
    with locked(arguments.folder):
        return _tell(publish_campaign(open_campaign(arguments.folder, lang=lang), what=arguments.what), lang)


def _verify(arguments: argparse.Namespace, lang: str) -> int:
    unit = arguments.village, arguments.household, arguments.list
    if any(unit[1:]) and not unit[0]:
        print(text("cli.verify_how", lang), file=sys.stderr)
        return USAGE
    checks = verify_unit(arguments.folder, *unit) if unit[0] else verify_draw(arguments.folder)
    for check in checks:
        print(text(f"cli.verified.{'yes' if check.ok else 'no'}", lang), getattr(check, lang))
    return DONE if all(check.ok for check in checks) else REFUSED


def _forms(arguments: argparse.Namespace, lang: str) -> int:
    with locked(arguments.folder):
        return _tell(make_forms(open_campaign(arguments.folder, lang=lang)), lang)


def _intake(arguments: argparse.Namespace, lang: str) -> int:
    with locked(arguments.folder):
        campaign = open_campaign(arguments.folder, lang=lang)
        done = take_in(campaign, arguments.files, now=datetime.now().astimezone())
    return _tell(done, lang)


def _estimate(arguments: argparse.Namespace, lang: str) -> int:
    with locked(arguments.folder):
        return _tell(estimate_findings(open_campaign(arguments.folder, lang=lang)), lang)


def _export(arguments: argparse.Namespace, lang: str) -> int:
    with locked(arguments.folder):
        return _tell(export_survey(open_campaign(arguments.folder, lang=lang)), lang)


def _report(arguments: argparse.Namespace, lang: str) -> int:
    from sampling.reports import make_reports  # papermill costs two seconds to import

    some_failed = 0
    with ExitStack() as held:
        for folder in arguments.folders:
            held.enter_context(locked(folder))
            campaign = open_campaign(folder, lang=arguments.lang or "")
            done, failed = make_reports(campaign)
            some_failed += failed
            _tell(done, campaign.lang)
    return SOME_FAILED if some_failed else DONE


def _status(arguments: argparse.Namespace, lang: str) -> int:
    table = status_table(open_campaign(arguments.folder, lang=lang))
    if arguments.json:
        print(json.dumps(table.to_dict("records"), ensure_ascii=False, indent=2))
    else:
        titles = [text(f"cli.column.{name}", lang) for name in table.columns]
        print(columns([titles, *table.itertuples(index=False, name=None)]))
    return DONE


def _demo(arguments: argparse.Namespace, lang: str) -> int:
    from sampling.demo import run_demo

    villages = arguments.villages[0] if arguments.villages else None
    with locked(arguments.out):
        for name, done, seconds in run_demo(arguments.out, size=arguments.size, villages=villages, lang=lang):
            print(text("cli.demo_step", lang, step=text(f"demo.step.{name}", lang), seconds=f"{seconds:.1f}"))
            if done is not None:
                _tell(done, lang)
    return DONE


def _tell(done: Done, lang: str) -> int:
    print(text(done.key, lang, **done.fields))
    tell_problems(done.notes, lang, sys.stdout)
    for path in done.files:
        print(f"  {path}")
    return DONE


def tell_problems(problems: Sequence[Problem], lang: str, stream: object) -> None:
    """Print the first problems, and how many more there are."""
    for problem in problems[:SHOWN]:
        print(f"  {problem.to_line(lang)}", file=stream)  # type: ignore[call-overload]
    if len(problems) > SHOWN:
        print("  " + text("cli.more_problems", lang, more=len(problems) - SHOWN), file=stream)  # type: ignore[call-overload]


FILES: Mapping[str, object] = {"nargs": "+", "default": [], "metavar": "FILE"}
FILE_PATHS: Mapping[str, object] = {**FILES, "type": Path}
SEED: Mapping[str, Mapping[str, object]] = {
    "--seed": {"default": "", "metavar": "DIGITS"},
    "--source": {"default": "", "metavar": "TEXT"},
    "--at": {"metavar": "TIME"},
    "--witness": {"nargs": "+", "default": [], "metavar": "NAME"},
}
"""A seed, and where it comes from."""
COMMANDS: Mapping[str, Command] = {
    "new": Command(
        run=_new,
        arguments={
            "--roll": FILES,
            "--villages": FILES,
            "--columns": {"nargs": "+", "default": [], "metavar": "FIELD=HEADER"},
        },
    ),
    "commit": Command(run=_commit, arguments={"--correction": {"default": "", "metavar": "REASON"}}),
    "draw": Command(
        run=_draw,
        arguments={
            **SEED,
            "--rehearsal": {"action": "store_true"},
            "--village": {"default": "", "metavar": "VILLAGE"},
            "--record": FILE_PATHS,
        },
    ),
    "extend": Command(
        run=_extend,
        arguments={
            "--more": {"nargs": "+", "default": [], "metavar": "STRATUM=D"},
            "--all": {"type": int, "default": 0, "metavar": "D"},
            "--looked": {"action": "store_true"},
            **SEED,
        },
    ),
    "reserve": Command(
        run=_reserve,
        arguments={
            "--village": {"required": True, "metavar": "VILLAGE"},
            "--household": {"default": "", "metavar": "HOUSEHOLD"},
            "--list": {"default": "", "metavar": "LIST"},
            "--reason": {"required": True, "metavar": "|".join(OPENING_REASONS)},
            "--by": {"required": True, "metavar": "NAME"},
        },
    ),
    "void": Command(run=_void, arguments={"--reason": {"required": True, "metavar": "TEXT"}}),
    "publish": Command(run=_publish, arguments={"--what": {"required": True, "choices": WHAT}}),
    "verify": Command(
        run=_verify,
        arguments={
            "--village": {"default": "", "metavar": "VILLAGE"},
            "--household": {"default": "", "metavar": "HOUSEHOLD"},
            "--list": {"default": "", "metavar": "LIST"},
        },
    ),
    "forms": Command(run=_forms, arguments={}),
    "intake": Command(run=_intake, arguments={"files": {"nargs": "*", "metavar": "FILE", "type": Path}}),
    "estimate": Command(run=_estimate, arguments={}),
    "export": Command(run=_export, arguments={"--r": {"action": "store_true", "required": True}}),
    "report": Command(
        run=_report, arguments={"folders": {"nargs": "+", "metavar": "DIR", "type": Path}}, folder=False
    ),
    "status": Command(run=_status, arguments={"--json": {"action": "store_true"}}),
    "demo": Command(
        run=_demo,
        arguments={
            "--out": {"required": True, "type": Path, "metavar": "DIR"},
            "--size": {"choices": ("tiny", "county"), "default": "county"},
            "--villages": {"nargs": 1, "metavar": "FILE"},
        },
        folder=False,
    ),
}
"""The commands in the order of the line; a new step is one entry."""
