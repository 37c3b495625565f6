"""How long visits take: from a pilot's timing sheet, or from findings with times."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from sampling.codes import code_of
from sampling.frames.headers import fold_header
from sampling.frames.rows import shown, text_of
from sampling.frames.sheets import Sheet, read_sheets
from sampling.words import LANGUAGES, Problem, fold, refuse_if_any, text

FIELDS = ("outcome", "minutes", "arrive", "leave")
HEADER_WITHIN = 30
LONGEST = 600
"""Minutes that no visit takes."""


def timings(source: Path | pd.DataFrame) -> pd.DataFrame:
    """Minutes that a visit took, by outcome.

    Parameters
    ----------
    source
        A timing sheet (XLSX, CSV), or a table such as the register's findings: one row per visit with its
        outcome, and minutes, or the times of arriving and leaving. Rows without a time are left out.

    Returns
    -------
    timings
        outcome, households and minutes (their mean, for it is the sum that fills a day), sorted by outcome.

    Raises
    ------
    InputError
        With every cell that cannot be read: unknown outcomes, no times, visits that end before they begin or
        last longer than LONGEST minutes; or if there is no time at all.
    """
    if isinstance(source, pd.DataFrame):
        cells = source.astype(object).where(source.notna(), "")
        rows = [list(cells.columns), *cells.to_numpy().tolist()]
        sheets, name, problems = [Sheet(file="", rows=rows)], "", list[Problem]()
    else:
        sheets, problems = read_sheets(source, source.name)
        name = source.name
    refuse_if_any(problems)
    found = [entry for sheet in sheets for entry in _entries(sheet)]
    problems = [entry for entry in found if isinstance(entry, Problem)]
    visits = [entry for entry in found if not isinstance(entry, Problem)]
    if not found:
        wanted = {"headers": ", ".join(_header(field, lang) for lang in LANGUAGES for field in FIELDS)}
        problems = [Problem(key="visiting.no_timings", file=name, fields=wanted)]
    refuse_if_any(problems)
    table = pd.DataFrame(visits, columns=["outcome", "minutes"])
    means = table.groupby("outcome")["minutes"].agg(households="size", minutes="mean")
    return means.reset_index()


def mean_minutes(timings: pd.DataFrame) -> float:
    """Minutes of a visit over all outcomes, each as often as it was timed."""
    return float((timings["minutes"] * timings["households"]).sum() / timings["households"].sum())


def _entries(sheet: Sheet) -> Iterator[tuple[str, float] | Problem]:
    """Outcome and minutes of every row that has a time, or what is wrong with it."""
    lines = enumerate(map(_columns, sheet.rows[:HEADER_WITHIN]))
    top, columns = next((line for line in lines if _enough(line[1])), (len(sheet.rows), {}))
    for number, row in enumerate(sheet.rows[top + 1 :], start=top + 2):
        cells = {field: row[place] for field, place in columns.items() if place < len(row)}
        if any(_text(cells, field) for field in FIELDS[1:]):
            yield _entry(cells, sheet.file, number)


def _enough(columns: Mapping[str, int]) -> bool:
    return "outcome" in columns and ("minutes" in columns or {"arrive", "leave"} <= set(columns))


def _columns(headers: Sequence[Any]) -> dict[str, int]:
    known = {
        fold_header(name): field
        for lang in LANGUAGES
        for field in FIELDS
        for name in text(f"visiting.timing.{field}", lang).split("|")
    }
    places = [(known.get(fold_header(header)), place) for place, header in enumerate(headers)]
    return {field: place for field, place in reversed(places) if field}


def _header(field: str, lang: str) -> str:
    return text(f"visiting.timing.{field}", lang).split("|")[0].strip()


def _text(cells: Mapping[str, Any], field: str) -> str:
    return fold(text_of(cells.get(field, "")))


def _entry(cells: Mapping[str, Any], file: str, row: int) -> tuple[str, float] | Problem:
    outcome = code_of("outcome", _text(cells, "outcome"))
    if outcome is None:
        value = shown(_text(cells, "outcome"))
        return Problem(key="visiting.timing_outcome", file=file, row=row, value=value)
    minutes = _minutes(cells)
    if minutes is None or not 0 < minutes <= LONGEST:
        value = shown(" ".join(filter(None, (_text(cells, field) for field in FIELDS[1:]))))
        longest = {"longest": LONGEST}
        return Problem(key="visiting.timing_minutes", file=file, row=row, value=value, fields=longest)
    return outcome, minutes


def _minutes(cells: Mapping[str, Any]) -> float | None:
    """Minutes as written, else from the times; None where they cannot be read."""
    try:
        if written := _text(cells, "minutes"):
            return float(written)
        arrive, leave = (datetime.time.fromisoformat(_text(cells, name)) for name in ("arrive", "leave"))
    except ValueError:
        return None
    return 60 * (leave.hour - arrive.hour) + leave.minute - arrive.minute
