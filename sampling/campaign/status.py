"""Which steps of a campaign are done, what each holds, and what comes next."""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from sampling.campaign import folder as place
from sampling.campaign.campaign import Campaign
from sampling.campaign.logbook import last_entry, log_entries
from sampling.draws.log import REHEARSAL, VOID
from sampling.draws.roles import drawn_rows
from sampling.words import text

DONE, STALE, OPEN = "done", "stale", "open"
State = tuple[str, str, Mapping[str, object]]
"""State of a step, the catalogue key of what it holds, and that sentence's fields."""


def status_table(campaign: Campaign) -> pd.DataFrame:
    """One row per step: step, state, holds (a sentence), next (the command), in the campaign's language.

    A step is "stale" where what it was made from has changed since. `next` stands at the first step that is
    not done, and nowhere else.
    """
    states = {name: look(campaign) for name, look in STEPS.items()}
    first = next((name for name, (state, _, _) in states.items() if state != DONE), None)
    rows = [_row(campaign, name, state, name == first) for name, state in states.items()]
    return pd.DataFrame(rows, columns=["step", "state", "holds", "next"])


def _row(campaign: Campaign, name: str, state: State, first: bool) -> tuple[str, str, str, str]:
    kind, key, fields = state
    command = text(f"campaign.next.{name}", campaign.lang, folder=campaign.folder) if first else ""
    holds = text(f"campaign.holds.{key}", campaign.lang, **fields)
    return name, text(f"campaign.state.{kind}", campaign.lang), holds, command


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, hex; empty where there is no such file."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def made_from(campaign: Campaign) -> dict[str, object]:
    """What estimates are made from: the receipt, and the last event that a figure depends on."""
    sequence, digest = campaign.register().figures_head()
    receipt = sha256_of(campaign.folder / place.RECEIPT)
    return {"receipt_sha256": receipt, "register_events": sequence, "register_head": digest}


def _new(campaign: Campaign) -> State:
    rehearsal = campaign.has(place.COMMIT) and campaign.rehearsal
    return DONE, "new_rehearsal" if rehearsal else "new", {"campaign": campaign.id}


def _commit(campaign: Campaign) -> State:
    if not campaign.has(place.COMMIT):
        return OPEN, "nothing", {}
    digest = sha256_of(campaign.folder / place.COMMIT)
    return DONE, "commit", {**campaign.commit()["counts"], "digest": digest[:16]}


def _draw(campaign: Campaign) -> State:
    attempts = _attempts(campaign)
    if not campaign.has(place.RECEIPT):
        return OPEN, "attempts" if any(attempts.values()) else "nothing", attempts
    if last_entry(campaign.folder)["kind"] == VOID:  # declared void, and killed before it was put away
        return STALE, "attempts", attempts
    intact = campaign.receipt()["commit_sha256"] == sha256_of(campaign.folder / place.COMMIT)
    waiting = len(campaign.waiting())
    held = {**_drawn(campaign.sample()), **attempts, "waiting": waiting}
    key = "draw_sealed" if waiting else "draw_after_void" if attempts["void"] else "draw"
    return (DONE if intact else STALE), key, held


def _attempts(campaign: Campaign) -> dict[str, int]:
    """How many draws were declared void, and how many were rehearsals."""
    kinds = [entry["kind"] for entry in log_entries(campaign.folder)]
    return {"void": kinds.count(VOID), "rehearsals": kinds.count(REHEARSAL)}


def _drawn(sample: pd.DataFrame) -> dict[str, int]:
    inspected = drawn_rows(sample)
    return {
        "villages": int((inspected["stage"] == "1").sum()),
        "households": int((inspected["stage"] == "2").sum()),
    }


def _forms(campaign: Campaign) -> State:
    made = len(list((campaign.folder / place.FORMS / "phone").glob("*.xlsx")))  # one for each village
    if not campaign.has(place.RECEIPT) or not made:
        return OPEN, "nothing", {}
    wanted = _drawn(campaign.issued())["villages"]
    mark = campaign.folder / place.FORMS / place.MADE_FROM
    receipt = sha256_of(campaign.folder / place.RECEIPT)
    current = made == wanted and mark.exists() and mark.read_text(encoding="ascii") == receipt
    return (DONE if current else STALE), "forms", {"forms": made, "wanted": wanted}


def _intake(campaign: Campaign) -> State:
    if not campaign.has(place.RECEIPT) or not campaign.has_register():
        return OPEN, "nothing", {}
    findings, wanted = len(campaign.findings()), _drawn(campaign.sample())["households"]
    held = {"findings": findings, "wanted": wanted, "quarantined": len(campaign.quarantine())}
    return (DONE if findings else OPEN), "intake", held


def _estimate(campaign: Campaign) -> State:
    if not campaign.has(place.FACTS):
        return OPEN, "nothing", {}
    current = campaign.facts()["made_from"] == made_from(campaign)
    return (DONE if current else STALE), "estimate", {"rows": len(campaign.estimates())}


def _report(campaign: Campaign) -> State:
    if not campaign.has(place.BATCH):
        return OPEN, "nothing", {}
    batch = json.loads((campaign.folder / place.BATCH).read_text(encoding="utf-8"))
    states = [entry["state"] for entry in batch["reports"]]
    counts = {"done": states.count("done"), "reports": len(states)}
    facts = sha256_of(campaign.folder / place.FACTS)
    current = all(entry["state"] == "done" and entry["facts"] == facts for entry in batch["reports"])
    return (DONE if current else STALE), "report", counts


STEPS: Mapping[str, Callable[[Campaign], State]] = {
    "new": _new,
    "commit": _commit,
    "draw": _draw,
    "forms": _forms,
    "intake": _intake,
    "estimate": _estimate,
    "report": _report,
}
"""The line of work, in order."""
