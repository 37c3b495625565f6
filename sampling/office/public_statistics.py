"""The public 分类统计表: what was found, small counts hidden with all that gives them away."""

from collections.abc import Sequence

import pandas as pd

from sampling.documents.model import PUBLIC, Book, Cell, Column, Sheet
from sampling.documents.suppression import TOTAL, Suppressed, suppress, with_totals
from sampling.office.office import Office
from sampling.office.parts import say
from sampling.office.removed import reason_of, removed_table
from sampling.office.statistics import reason_title, roll_visits, yuan
from sampling.reports import counts, tables
from sampling.reports.estimated import estimated
from sampling.reports.figures import percent, span
from sampling.words import text

HIDDEN = "＊"
CORRECT = ("correct", "")


def public_statistics(office: Office) -> Book:
    """The workbook for the public.

    Notes
    -----
    Households found and households removed by the self-check are different ones, so neither sheet gives the
    other away. Sums by verdict are left out: they would be sums within the rows, which nobody has checked.
    """
    found, least = found_cells(office), office.campaign.settings.reports["small_cells"]
    shown = suppress(found["households"], least=least)
    removed = suppress(removed_table(office).reindex(_towns(office).index, fill_value=0), least=least)
    titles = [reason_title(office, *pair) for pair in found["households"].columns]
    money = shown.shown(with_totals(found["error_fen"]))
    sheets = [
        _sheet(office, "reasons", shown.shown(shown.counts), titles),
        _sheet(office, "money", money.map(_yuan), titles),
        _sheet(office, "removed", _removed(removed), _reasons(office, removed)),
        *_estimates(office),
    ]
    return Book(
        title=say("statistics.title", office.lang),
        lang=office.lang,
        tier=PUBLIC,
        marks=office.marks(PUBLIC, draft=False),
        sheets=tuple(sheet for sheet in sheets if len(sheet.columns) > 2),
    )


def found_cells(office: Office) -> dict[str, pd.DataFrame]:
    """Visited households by town, and by verdict with reason, and the fen a month in error of each."""
    done = counts.completed(roll_visits(office))
    return {name: _crossed(done, name, _towns(office).index) for name in ("households", "error_fen")}


def _crossed(done: pd.DataFrame, name: str, towns: pd.Index) -> pd.DataFrame:
    if done.empty:
        return pd.DataFrame(index=towns)
    sums = done.groupby(["township", "verdict", "reason"])[name].sum()
    table = sums.unstack(["verdict", "reason"], fill_value=0).reindex(towns, fill_value=0)
    return table.set_axis(table.columns.to_flat_index(), axis=1)


def _towns(office: Office) -> pd.Series:
    return tables.town_names(office.report).set_index("township")["name"]


def _removed(removed: Suppressed) -> pd.DataFrame:
    return removed.shown(removed.counts)


def _reasons(office: Office, removed: Suppressed) -> list[str]:
    return [reason_of(office, str(code)) for code in removed.counts.columns if code != TOTAL]


def _yuan(fen: object) -> Cell:
    return None if fen is None or pd.isna(fen) else f"{yuan(int(fen)):,.2f}"  # type: ignore[call-overload]


def _sheet(office: Office, name: str, table: pd.DataFrame, titles: Sequence[str]) -> Sheet:
    """Every cell as text, so that one that is hidden can say so; the last row and column are sums."""
    lang, towns = office.lang, _towns(office)
    total = text("reports.column.total", lang)
    columns = [text("reports.column.town", lang), *titles, total]
    rows = [
        (str(towns.get(label, total)), *(_cell(value) for value in values))
        for label, values in zip(table.index, table.itertuples(index=False, name=None), strict=True)
    ]
    return Sheet(
        name=text(f"public.{name}", lang),
        title=text(f"public.{name}", lang),
        columns=tuple(
            Column(title=title, width=16 if place == 0 else 13) for place, title in enumerate(columns)
        ),
        rows=tuple(rows),
        notes=(
            text(f"public.{name}_note", lang),
            text("public.hidden", lang, least=office.campaign.settings.reports["small_cells"]),
        ),
        total=bool(rows),
    )


def _cell(value: object) -> Cell:
    if value is None or (not isinstance(value, str) and pd.isna(value)):  # type: ignore[call-overload]
        return HIDDEN
    return value if isinstance(value, str) else f"{int(value):,}"  # type: ignore[call-overload]


def _estimates(office: Office) -> list[Sheet]:
    """The county's share with its interval, where the campaign lets estimates out."""
    share = estimated(office.report.data, "ineligible_share")
    if not office.campaign.settings.reports["publish_estimates"] or share is None:
        return []
    lang = office.lang
    cells = (
        text("reports.parameter.ineligible_share", lang),
        percent(share.value, lang),
        span(share.low, share.high, lang),
    )
    return [
        Sheet(
            name=text("public.estimates", lang),
            title=text("public.estimates", lang),
            columns=tuple(
                Column(title=text(f"reports.column.{name}", lang), width=30)
                for name in ("quantity", "estimate", "interval")
            ),
            rows=(cells,),
            notes=(say("statistics.estimated_note", lang),),
        )
    ]
