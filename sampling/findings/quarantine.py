"""What was returned and not taken: as data for the machine, and as the list that goes back to the teams."""

import json
from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from sampling.findings.problems import sentences
from sampling.findings.state import State, canonical
from sampling.forms.layout import ANSWER_FIELDS, QUESTION_FIELDS
from sampling.words import text

PLACE = ("file", "row", "serial", "list", "village", "household")
WORDS = ("problem", "remedy")
NOTHING: Mapping[str, Mapping] = MappingProxyType({})
DANGEROUS = tuple("=+-@\t\r\n＝＋－＠")
"""A cell of a CSV file that begins with one of these is a formula to a spreadsheet."""


def waiting_table(state: State, vault: Mapping[str, Mapping] = NOTHING) -> pd.DataFrame:
    """Everything that waits, one row each, as the register keeps it.

    Parameters
    ----------
    state
        Of the register.
    vault
        What the vault holds of it, by hash; see `waiting_hashes`.

    Returns
    -------
    DataFrame
        file, row, serial, list, township, village, household; `status` (quarantined or conflicting);
        `problem` (the key of the first problem), `problems` (all of them as JSON); then the original
        answers. The household is the one that the row is about as far as that is known.
    """
    rows = [_waiting_row(payload, vault) for entries in state.waiting.values() for payload in entries]
    columns = ["file", "row", "serial", "list", "township", "village", "household", "status", "problem"]
    columns += ["problems", *ANSWER_FIELDS, *QUESTION_FIELDS]
    table = pd.DataFrame(rows, columns=columns, dtype="str").fillna("")
    order = table["row"].str.zfill(8)
    return table.assign(_row=order).sort_values(["file", "_row"], ignore_index=True).drop(columns="_row")


def waiting_hashes(state: State) -> list[str]:
    """What the vault must be asked for, to show all that waits as it was written."""
    waiting = (payload for entries in state.waiting.values() for payload in entries)
    return [payload["personal"] for payload in waiting if "personal" in payload]


def quarantine_table(waiting: pd.DataFrame, lang: str) -> pd.DataFrame:
    """The rows of `quarantine.csv`: where, what is wrong, what to do, and what was written.

    Parameters
    ----------
    waiting
        The table of `Register.quarantine()`.
    lang
        The language of the two sentences.

    Returns
    -------
    DataFrame
        file, row, serial, list, village, household, problem, remedy, then the original answers; all text,
        and none of it a formula.
    """
    rows = [_worded(row, lang) for row in waiting.to_dict("records")]
    asked = [field for field in QUESTION_FIELDS if any(row[field] for row in rows)]
    columns = [*PLACE, *WORDS, *ANSWER_FIELDS, *asked]
    return pd.DataFrame(rows, columns=columns, dtype="str").map(harmless)


def problem_names(waiting: pd.DataFrame, lang: str) -> pd.Series:
    """The first problem of each waiting row in a few words, to be counted in a table."""
    return waiting["problem"].map(lambda key: text(f"{key}.short", lang)).astype("str")


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: a leading apostrophe makes it plain text."""
    return f"'{cell}" if cell.startswith(DANGEROUS) else cell


def _waiting_row(payload: Mapping, vault: Mapping[str, Mapping]) -> dict[str, str]:
    cells = {**payload["cells"], **vault.get(payload.get("personal", ""), {}).get("cells", {})}
    place = {name: payload[name] for name in ("file", "row", "serial", "list", "township", "village")}
    problems = payload["problems"]
    return {
        **place,
        "household": payload["household"],
        "status": payload["status"],
        "problem": problems[0]["key"],
        "problems": canonical(problems),
        **{field: cells.get(field, "") for field in (*ANSWER_FIELDS, *QUESTION_FIELDS)},
    }


def _worded(row: Mapping, lang: str) -> dict[str, str]:
    said = [sentences(one, lang, file=row["file"], row=row["row"]) for one in json.loads(row["problems"])]
    joined = {name: " ".join(dict.fromkeys(one[name] for one in said)) for name in WORDS}
    return {**row, **joined}
