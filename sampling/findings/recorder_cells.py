"""A finding written back into the cells of its form: to be corrected, or to be held beside another."""

from collections.abc import Mapping
from typing import Any

from sampling.codes import Codebook, verdict_table
from sampling.findings.expected import Expected
from sampling.findings.reading import Row, read_cell
from sampling.forms.issue import yuan
from sampling.forms.layout import ANSWERS, MEMBERS, Column, choice_label

Entry = tuple[dict[str, str], tuple[dict[str, str], ...]]
"""The answers of a form and the members on it, all text."""
RENAMED = {"amount_due": "amount_due_fen"} | {
    name: f"{name}_fen" for name in (column.field for column in ANSWERS if column.field.startswith("income_"))
}
"""What a finding calls an answer, where it does not call it as the form does."""


def cells_of(finding: Mapping[str, Any], private: Mapping[str, Any]) -> Entry:
    """The answers that a kept finding is read from: codes, ISO dates, yuan.

    Parameters
    ----------
    finding, private
        What `Finding.to_dict` and `Finding.to_vault` kept; the vault's part is empty where it was erased.

    Returns
    -------
    answers, members
        Read again, they give the same finding.
    """
    inspectors = dict(zip(("inspector_1", "inspector_2"), finding["inspectors"], strict=True))
    photos = ";".join(private.get("photos", ()))
    said = {**finding, **private, **inspectors, "photos": photos}
    answers = {c.field: _cell(c, said.get(RENAMED.get(c.field, c.field))) for c in ANSWERS}
    people = private.get("members", ())
    return answers, tuple({c.field: _cell(c, person[c.field]) for c in MEMBERS} for person in people)


def worded(entry: Entry, list_name: str, lang: str, codebook: Codebook) -> Entry:
    """The same cells with the choices in the reader's words; what is no choice stays as it was written."""
    answers, members = entry
    known = {c.field: _worded(c, answers, list_name, lang, codebook) for c in ANSWERS}
    people = tuple(
        {c.field: _worded(c, member, list_name, lang, codebook) for c in MEMBERS} for member in members
    )
    return known, people


def given_cells(expected: Expected) -> dict[str, str]:
    """What stands on a household's form before it is filled in, as far as rows are known by it."""
    return {
        "serial": expected.serial,
        "list": expected.list,
        "household": expected.household,
        "amount": yuan(expected.amount_paid_fen),
    }


def _cell(column: Column, value: Any) -> str:
    if value is None or value == "":
        return ""
    if column.kind == "money":
        return yuan(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _worded(column: Column, row: Row, list_name: str, lang: str, codebook: Codebook) -> str:
    written = row.get(column.field, "")
    if column.kind != "choice" or not written.strip():
        return written
    read = read_cell(column, row, list_name, codebook)
    if read is None:
        return written
    code = _cell(column, read)
    return choice_label(table_of(column, list_name), code, lang, codebook)


def table_of(column: Column, list_name: str) -> str:
    """The code table of a choice: a household that is not paid has verdicts of its own."""
    return verdict_table(list_name) if column.choices == "verdict" else column.choices
