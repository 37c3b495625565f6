"""Where the chains of a campaign end: what a commit and a receipt say of log and register."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sampling.campaign.campaign import register_in
from sampling.campaign.logbook import log_lines
from sampling.draws.log import Head, log_head

Heads = Mapping[str, Mapping[str, Any]]
"""count and hash, under "log" and under "register"; empty where the chain has no entry."""


def heads_now(folder: Path) -> Heads:
    """The heads of the log and of the register of findings as they stand now."""
    register = register_in(folder).head()
    return {"log": _stated(log_head(log_lines(folder))), "register": _stated(register)}


def heads_before(folder: Path, entry: Mapping[str, Any]) -> Heads:
    """The heads that a log entry was made at: the log before the entry, the register as the entry tells."""
    count = entry["seq"] - 1
    log = _stated(log_head(log_lines(folder)[:count]))
    return {"log": log, "register": entry["payload"]["register"]}


def _stated(head: Head | None) -> dict[str, Any]:
    return {"count": head.seq, "hash": head.hash} if head and head.seq else {}
