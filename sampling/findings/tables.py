"""The register's state as tables: findings and village forms, one row each, numbers as numbers."""

import pandas as pd

from sampling.findings.state import State

FINDINGS = {
    "serial": "str",
    "list": "str",
    "township": "str",
    "village": "str",
    "household": "str",
    "outcome": "str",
    "verdict": "str",
    "reason": "str",
    "amount_paid_fen": "Int64",
    "amount_due_fen": "Int64",
    "persons_found": "Int64",
    "date": "str",
    "inspectors": "str",
    "signed": "bool",
    "note": "str",
}
VILLAGES = {
    "township": "str",
    "village": "str",
    "posting_days": "Int64",
    "meeting_held": "bool",
    "files_complete": "bool",
    "neighbours": "Int64",
    "blank_village": "bool",
    "note": "str",
}


def findings_table(state: State) -> pd.DataFrame:
    """One row per household of a list, sorted by serial; inspectors are joined by ";"."""
    rows = [payload["finding"] for payload in state.findings.values()]
    rows = [row | {"inspectors": ";".join(row["inspectors"])} for row in rows]
    table = pd.DataFrame(rows, columns=list(FINDINGS)).astype(FINDINGS)
    return table.sort_values("serial", kind="stable", ignore_index=True)


def villages_table(state: State) -> pd.DataFrame:
    """One row per village whose form was taken, sorted by township and village."""
    rows = [payload["village_form"] for payload in state.villages.values()]
    table = pd.DataFrame(rows, columns=list(VILLAGES)).astype(VILLAGES)
    return table.sort_values(["township", "village"], kind="stable", ignore_index=True)
