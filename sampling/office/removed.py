"""Whom the self-check removed from the roll, by reason: figures whose parts add up."""

import pandas as pd

from sampling.estimates.lists import REMOVED
from sampling.office.office import Office
from sampling.office.parts import say
from sampling.reports.figures import households, listing, whole
from sampling.words import text


def removed_table(office: Office) -> pd.DataFrame:
    """Households that the self-check removed: a row for each town, a column for each reason ("" unknown)."""
    lists = office.facts.lists
    own = lists[lists["list"] == REMOVED]
    sums = own.groupby(["township", "reason"])["households"].sum()
    return sums.unstack(fill_value=0) if len(sums) else pd.DataFrame()


def removed_sentence(office: Office) -> str:
    """How many were removed and why; empty where no such list was given."""
    lang, table = office.lang, removed_table(office)
    if table.empty:
        return ""
    numbers = table.sum().sort_values(ascending=False, kind="stable")
    parts = [
        text("reports.figure.part", lang, label=reason_of(office, str(code)), number=whole(number))
        for code, number in numbers.items()
    ]
    total = households(numbers.sum(), lang)
    return say("summary.removed", lang, total=total, parts=listing(parts, lang))


def reason_of(office: Office, code: str) -> str:
    """A reason for people; one that was not given says so."""
    return office.report.reason(code) if code else say("no_reason", office.lang)
