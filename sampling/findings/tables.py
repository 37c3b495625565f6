"""The register's state as tables: findings and village forms, one row each, numbers as numbers."""

from collections.abc import Mapping

import pandas as pd

from sampling.findings.expected import Key
from sampling.findings.state import State

FINDINGS = {
    "serial": "str",
    "list": "str",
    "township": "str",
    "village": "str",
    "household": "str",
    "outcome": "str",
    "mode": "str",
    "verdict": "str",
    "reason": "str",
    "amount_paid_fen": "Int64",
    "amount_due_fen": "Int64",
    "amount_computed_fen": "Int64",
    "persons_found": "Int64",
    "entitled_found": "Int64",
    "income_wages_fen": "Int64",
    "income_business_fen": "Int64",
    "income_property_fen": "Int64",
    "income_transfers_fen": "Int64",
    "tie": "str",
    "holder": "str",
    "receiver": "str",
    "payment": "str",
    "date": "str",
    "arrive": "str",
    "leave": "str",
    "inspectors": "str",
    "signed": "bool",
    "decision": "str",
}
VILLAGES = {
    "township": "str",
    "village": "str",
    "posting_days": "Int64",
    "meeting_held": "bool",
    "files_complete": "bool",
    "neighbours": "Int64",
    "neighbours_against": "Int64",
    "blank_village": "bool",
}


def findings_table(state: State) -> pd.DataFrame:
    """One row per household of a list, sorted by serial; inspectors are joined by ";".

    `decision` is what the county made of the recommendation, empty where nothing is decided yet.
    """
    return _table(state.findings, state)


def second_visits_table(state: State) -> pd.DataFrame:
    """What another team found where a household was visited twice: the columns of `findings_table`."""
    return _table(state.second_visits, state)


def villages_table(state: State) -> pd.DataFrame:
    """One row per village whose form was taken, sorted by township and village."""
    rows = [payload["village_form"] for payload in state.villages.values()]
    table = pd.DataFrame(rows, columns=list(VILLAGES)).astype(VILLAGES)
    return table.sort_values(["township", "village"], kind="stable", ignore_index=True)


def _table(held: Mapping[Key, Mapping], state: State) -> pd.DataFrame:
    rows = [{**payload["finding"], "decision": _decision(key, state)} for key, payload in held.items()]
    rows = [row | {"inspectors": ";".join(row["inspectors"])} for row in rows]
    table = pd.DataFrame(rows, columns=list(FINDINGS)).astype(FINDINGS)
    return table.sort_values("serial", kind="stable", ignore_index=True)


def _decision(key: Key, state: State) -> str:
    return state.decisions.get(key, {}).get("decision", "")
