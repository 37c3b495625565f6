"""分类统计表: what was found, in numbers by town, reason and village; estimates on a sheet of their own."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import pandas as pd

from sampling.codes import GROUNDS, ROLL, VERDICTS, ground, label
from sampling.documents.model import INTERNAL, SHARE, TEXT, WHOLE, YUAN, Book, Cell, Column, Sheet
from sampling.office.office import Office
from sampling.office.parts import say
from sampling.office.removed import reason_of, removed_table
from sampling.reports import counts, tables
from sampling.words import text
from sampling.words.text import catalogue

MISSED = ("absent", "refused", "not_found")


def statistics(office: Office) -> Book:
    """The workbook of the county's statistics."""
    sheets = [_verdicts(office), _people(office), _reasons(office)]
    sheets += [_grounds(office, name) for name in GROUNDS]
    sheets += [_removed(office), _villages(office), _estimates(office)]
    return Book(
        title=say("statistics.title", office.lang),
        lang=office.lang,
        tier=INTERNAL,
        marks=office.marks(INTERNAL, draft=False),
        sheets=tuple(sheet for sheet in sheets if sheet.rows),
    )


def sheet_of(
    office: Office, name: str, table: pd.DataFrame, kinds: Mapping[str, str], notes: Sequence[str]
) -> Sheet:
    """A sheet: the town, then whole numbers, or what `kinds` says; the last row adds up the whole numbers."""
    lang = office.lang
    numbers = [Column(title=title, kind=kinds.get(title, WHOLE), width=13) for title in table.columns[1:]]
    columns = (Column(title=text("reports.column.town", lang), width=16), *numbers)
    return Sheet(
        name=say(f"statistics.sheet.{name}", lang),
        title=say(f"statistics.sheet.{name}", lang),
        columns=columns,
        rows=tuple(_row(row) for row in table.itertuples(index=False, name=None)),
        notes=tuple(say(f"statistics.{note}", lang) for note in notes),
        total=bool(len(table)),
    )


def _row(values: Sequence[object]) -> tuple[Cell, ...]:
    return tuple(
        value if isinstance(value, str | Decimal) or value is None else int(value)  # type: ignore[call-overload]
        for value in values
    )


def roll_visits(office: Office) -> pd.DataFrame:
    """What became of the households of the roll that were to be visited."""
    found = office.facts.found
    return found[found["list"] == ROLL]


def by_town(office: Office, table: pd.DataFrame) -> pd.DataFrame:
    """A table with a row for each township, as one with the town's name first and a row of sums last."""
    names = tables.town_names(office.report).set_index("township")["name"]
    rows = table.reindex(names.index, fill_value=0)
    rows.loc[""] = rows.sum()
    rows.insert(0, "town", [*names, say("statistics.column.all", office.lang)])
    return rows.reset_index(drop=True)


def _title(name: str, lang: str) -> str:
    return say(f"statistics.column.{name}", lang)


def _verdicts(office: Office) -> Sheet:
    lang, visits = office.lang, roll_visits(office)
    outcomes = counts.outcomes_by(visits, "township")
    verdicts = counts.verdicts_by(visits, "township")
    table = pd.DataFrame(
        {
            _title("drawn", lang): outcomes.sum(axis=1),
            _title("done", lang): outcomes["completed"],
            _title("missing", lang): outcomes[list(MISSED)].sum(axis=1),
            _title("out_of_scope", lang): outcomes["out_of_scope"],
            say("statistics.unreported", lang): outcomes[counts.OPEN],
            **{label("verdict", code, lang): verdicts[code] for code in VERDICTS},
        }
    )
    rows = by_town(office, table)
    done, correct = rows[_title("done", lang)], rows[label("verdict", "correct", lang)]
    wrong = rows[label("verdict", "ineligible", lang)]
    rates = {_title("wrong_rate", lang): (wrong, done), _title("error_rate", lang): (done - correct, done)}
    for name, (part, whole) in rates.items():
        rows[name] = _column(share(*pair) for pair in zip(part, whole, strict=True))
    return sheet_of(office, "verdicts", rows, dict.fromkeys(rates, SHARE), ["found_note", "rate_note"])


def share(part: int, whole: int) -> Decimal | None:
    """A share to four places; None of nothing."""
    return round(Decimal(int(part)) / Decimal(int(whole)), 4) if whole else None


def yuan(fen: int) -> Decimal:
    """Fen as yuan, exactly."""
    return Decimal(int(fen)) / 100


def _column(values: Iterable[Decimal | None]) -> pd.Series:
    return pd.Series(list(values), dtype=object)


def _people(office: Office) -> Sheet:
    lang, done = office.lang, counts.completed(roll_visits(office))
    table = done.groupby("township")[["households", "persons", "paid_fen", "error_fen"]].sum()
    rows = by_town(office, table)
    money = {_title("paid", lang): rows.pop("paid_fen"), _title("error", lang): rows.pop("error_fen")}
    rows = rows.rename(columns={name: _title(name, lang) for name in ("households", "persons")})
    for name, fen in money.items():
        rows[name] = _column(map(yuan, fen))
    return sheet_of(office, "people", rows, dict.fromkeys(money, YUAN), ["found_note", "persons_note"])


def reason_table(office: Office) -> pd.DataFrame:
    """Visited households that are not correct, by town: a column for each verdict with its reason."""
    done = counts.completed(roll_visits(office))
    wrong = done[done["verdict"] != "correct"]
    sums = wrong.groupby(["township", "verdict", "reason"])["households"].sum()
    table = sums.unstack(["verdict", "reason"], fill_value=0) if len(sums) else pd.DataFrame()
    order = sorted(table.columns, key=lambda pair: (VERDICTS.index(pair[0]), -table[pair].sum(), pair[1]))
    return table[order]


def reason_title(office: Office, verdict: str, reason: str) -> str:
    """A verdict with its reason, for people."""
    words = label("verdict", verdict, office.lang)
    if not reason:
        return words
    told = {"verdict": words, "reason": office.report.reason(reason)}
    return text("reports.chart.reasons.row", office.lang, **told)


def _reasons(office: Office) -> Sheet:
    table = reason_table(office)
    table.columns = pd.Index([reason_title(office, *pair) for pair in table.columns])
    return sheet_of(office, "reasons", _summed(office, table), {}, ["found_note"])


def _summed(office: Office, table: pd.DataFrame) -> pd.DataFrame:
    """By town, with a last column of sums; no rows where there is nothing to count."""
    if table.empty:
        return pd.DataFrame({"town": []})
    return by_town(office, table.assign(**{_title("all", office.lang): table.sum(axis=1)}))


def _grounds(office: Office, among: str) -> Sheet:
    """Households that are not entitled, by one of the lists of grounds that counties report by."""
    done = counts.completed(roll_visits(office))
    stopped = done[done["verdict"] == "ineligible"]
    stopped = stopped.assign(ground=[ground(reason, among) for reason in stopped["reason"]])
    sums = stopped.groupby(["township", "ground"])["households"].sum()
    table = sums.unstack(fill_value=0) if len(sums) else pd.DataFrame()
    order = [name for name in (*GROUNDS[among], "other") if name in table.columns]
    table = table[order].rename(columns=office.report.reason)
    return sheet_of(office, among, _summed(office, table), {}, ["grounds_note", "found_note"])


def _removed(office: Office) -> Sheet:
    table = removed_table(office)
    table = table.rename(columns=lambda code: reason_of(office, str(code)))
    return sheet_of(office, "removed", _summed(office, table), {}, ["removed_note"])


def _villages(office: Office) -> Sheet:
    lang, numbers = office.lang, tables.village_counts(office.report)
    names = {"households_roll": "M", "households_drawn": "m", "visited": "visited"}
    names |= {verdict: verdict for verdict in VERDICTS}
    columns = [Column(title=text(f"reports.column.{name}", lang), width=16) for name in ("town", "village")]
    columns += [Column(title=text(f"reports.column.{name}", lang), kind=WHOLE) for name in names]
    rows: list[tuple[Cell, ...]] = [
        (str(row["town"]), str(row["name"]), *(int(row[name]) for name in names.values()))
        for row in numbers.to_dict("records")
    ]
    sums = (int(numbers[name].sum()) for name in names.values())
    last: tuple[Cell, ...] = (say("statistics.column.all", lang), "", *sums)
    return Sheet(
        name=say("statistics.sheet.villages", lang),
        title=say("statistics.sheet.villages", lang),
        columns=tuple(columns),
        rows=(*rows, last) if rows else (),
        notes=(say("statistics.village_note", lang),),
        total=bool(rows),
    )


def _estimates(office: Office) -> Sheet:
    """Every quantity of the county that has a name for people, as it is printed elsewhere."""
    lang, found = office.lang, office.facts.estimates
    known = found["parameter"].map(lambda name: f"reports.parameter.{name}" in catalogue(lang))
    rows = found[(found["by"] == "") & known.astype(bool) & found["low"].notna()]
    names = ("low", "high", "confidence", "method")
    columns = (
        Column(title=text("reports.column.quantity", lang), width=34),
        Column(title=_title("unit", lang)),
        *(Column(title=text("reports.column.estimate", lang), kind=TEXT),),
        *(Column(title=_title(name, lang), width=24 if name == "method" else 12) for name in names),
    )  # fmt: skip
    return Sheet(
        name=say("statistics.sheet.estimates", lang),
        title=say("statistics.sheet.estimates", lang),
        columns=columns,
        rows=tuple(_estimate(row, lang) for _, row in rows.iterrows()),
        notes=(say("statistics.estimated_note", lang),),
    )


def _estimate(row: pd.Series, lang: str) -> tuple[Cell, ...]:
    is_share = tables.is_share(row["parameter"])
    values = [row[name] for name in ("estimate", "low", "high")]
    shown = [f"{100 * value:.1f}%" if is_share else f"{value:,.0f}" for value in values]
    return (
        text(f"reports.parameter.{row['parameter']}", lang),
        _title("share" if is_share else "number", lang),
        *shown,
        f"{100 * row['confidence']:.0f}%",
        str(row["interval"]),
    )
