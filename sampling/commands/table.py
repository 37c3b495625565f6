"""The sub-commands: each a few words around one function of the line."""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sampling.campaign.publishing import WHAT
from sampling.commands import drawing, following, planning, reporting, visiting
from sampling.draws.additions import OPENING_REASONS


@dataclass(frozen=True, kw_only=True)
class Command:
    """A sub-command: the arguments beside DIR, and what it runs; `run` returns the exit code."""

    run: Callable[[argparse.Namespace, str], int]
    arguments: Mapping[str, Mapping[str, object]]
    folder: bool = True


FILES: Mapping[str, object] = {"nargs": "+", "default": [], "metavar": "FILE"}
FILE_PATHS: Mapping[str, object] = {**FILES, "type": Path}
DAY: Mapping[str, object] = {"default": "", "metavar": "DATE"}
VILLAGES: Mapping[str, object] = {"nargs": "+", "default": [], "metavar": "VILLAGE"}
SEED: Mapping[str, Mapping[str, object]] = {
    "--seed": {"default": "", "metavar": "DIGITS"},
    "--source": {"default": "", "metavar": "TEXT"},
    "--at": {"metavar": "TIME"},
    "--witness": {"nargs": "+", "default": [], "metavar": "NAME"},
}
"""A seed, and where it comes from."""
COMMANDS: Mapping[str, Command] = {
    "new": Command(
        run=drawing.new,
        arguments={
            "--roll": FILES,
            "--villages": FILES,
            "--columns": {"nargs": "+", "default": [], "metavar": "FIELD=HEADER"},
        },
    ),
    "commit": Command(run=drawing.commit, arguments={"--correction": {"default": "", "metavar": "REASON"}}),
    "draw": Command(
        run=drawing.draw,
        arguments={
            **SEED,
            "--rehearsal": {"action": "store_true"},
            "--village": {"default": "", "metavar": "VILLAGE"},
            "--record": FILE_PATHS,
        },
    ),
    "extend": Command(
        run=drawing.extend,
        arguments={
            "--more": {"nargs": "+", "default": [], "metavar": "STRATUM=D"},
            "--all": {"type": int, "default": 0, "metavar": "D"},
            "--looked": {"action": "store_true"},
            **SEED,
        },
    ),
    "reserve": Command(
        run=drawing.reserve,
        arguments={
            "--village": {"required": True, "metavar": "VILLAGE"},
            "--household": {"default": "", "metavar": "HOUSEHOLD"},
            "--list": {"default": "", "metavar": "LIST"},
            "--reason": {"required": True, "metavar": "|".join(OPENING_REASONS)},
            "--by": {"required": True, "metavar": "NAME"},
        },
    ),
    "void": Command(run=drawing.void, arguments={"--reason": {"required": True, "metavar": "TEXT"}}),
    "publish": Command(run=drawing.publish, arguments={"--what": {"required": True, "choices": WHAT}}),
    "verify": Command(
        run=drawing.verify,
        arguments={
            "--village": {"default": "", "metavar": "VILLAGE"},
            "--household": {"default": "", "metavar": "HOUSEHOLD"},
            "--list": {"default": "", "metavar": "LIST"},
        },
    ),
    "teams": Command(run=planning.teams, arguments={}),
    "capacity": Command(run=planning.capacity, arguments={}),
    "plan": Command(run=planning.plan, arguments={}),
    "replan": Command(
        run=planning.replan,
        arguments={
            "--sick": {"nargs": "+", "default": [], "metavar": "TEAM@DATE..DATE"},
            "--closed": {"nargs": "+", "default": [], "metavar": "VILLAGE,VILLAGE@DATE..DATE"},
            "--until": {"type": date.fromisoformat, "metavar": "DATE"},
        },
    ),
    "envelopes": Command(run=planning.envelopes, arguments={"--day": DAY}),
    "codes": Command(
        run=planning.codes,
        arguments={
            "--day": DAY,
            "--by": {"required": True, "metavar": "NAME"},
            "--early": {"default": "", "metavar": "REASON"},
        },
    ),
    "forms": Command(run=visiting.forms, arguments={}),
    "papers": Command(run=visiting.papers, arguments={"--villages": VILLAGES}),
    "issue": Command(
        run=visiting.issue,
        arguments={
            "--to": {"required": True, "metavar": "TEAM"},
            "--villages": VILLAGES,
        },
    ),
    "cancel": Command(
        run=visiting.cancel,
        arguments={
            "--serials": {"nargs": "+", "required": True, "metavar": "SERIAL"},
            "--reason": {"required": True, "metavar": "TEXT"},
            "--by": {"required": True, "metavar": "NAME"},
        },
    ),
    "intake": Command(
        run=visiting.intake,
        arguments={
            "files": {"nargs": "*", "metavar": "FILE", "type": Path},
            "--again": {"action": "store_true"},
        },
    ),
    "record": Command(run=visiting.record, arguments={"--port": {"type": int, "default": 0, "metavar": "N"}}),
    "accounts": Command(
        run=visiting.accounts,
        arguments={
            "--prepare": {"action": "store_true"},
            "--team": {"default": "", "metavar": "TEAM"},
            "--office": {"default": "", "metavar": "NAME"},
        },
    ),
    "audit": Command(run=visiting.audit, arguments={}),
    "reconcile": Command(run=visiting.reconcile, arguments={}),
    "backup": Command(run=visiting.backup, arguments={}),
    "estimate": Command(run=reporting.estimate, arguments={}),
    "export": Command(run=reporting.export, arguments={"--r": {"action": "store_true", "required": True}}),
    "report": Command(
        run=reporting.report,
        arguments={
            "folders": {"nargs": "+", "metavar": "DIR", "type": Path},
            "--cluster": {"default": "", "metavar": "ADDRESS"},
        },
        folder=False,
    ),
    "check": Command(run=reporting.check, arguments={}),
    "replies": Command(
        run=following.replies,
        arguments={"files": {"nargs": "+", "metavar": "FILE", "type": Path}},
    ),
    "followup": Command(run=following.followup, arguments={}),
    "status": Command(run=reporting.status, arguments={"--json": {"action": "store_true"}}),
    "demo": Command(
        run=reporting.demo,
        arguments={
            "--out": {"required": True, "type": Path, "metavar": "DIR"},
            "--size": {"choices": ("tiny", "county"), "default": "county"},
            "--villages": {"nargs": 1, "metavar": "FILE"},
        },
        folder=False,
    ),
}
"""The commands in the order of the line; a new step is one entry."""
