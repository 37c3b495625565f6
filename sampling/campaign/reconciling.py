"""The steps around the stock of forms: issue them, declare them void, and reconcile what came back."""

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from sampling.campaign import folder as place
from sampling.campaign.campaign import Campaign
from sampling.campaign.step import Done
from sampling.codes import list_label
from sampling.files import write_whole
from sampling.findings import Event, write_head
from sampling.findings.patterns import Pattern
from sampling.findings.reconciling import Reconciliation, reconcile
from sampling.findings.state import State
from sampling.findings.stock import issued_events, printed_events, void_events
from sampling.forms import drawn_villages, numbered_households
from sampling.forms.cells import A4, GRID, SHADE, width_of
from sampling.forms.layout import MARKS
from sampling.words import InputError, Problem, text

BOOK = "reconciliation.xlsx"
STOCK = "stock"
"""Who adds events here: the step, not a person."""
PERCENT = ("share_absent", "share_refused")
WIDEST = 70
"""Characters of the widest column; longer texts go on in the next line."""


def note_printed(campaign: Campaign, *, now: datetime) -> None:
    """Note in the register which forms were made; those that were noted before are not noted anew."""
    villages = drawn_villages(campaign.issued())
    form_ids = villages.set_index("village")["form_id"]
    numbered = numbered_households(campaign.issued())
    made = numbered[numbered["village"].isin(form_ids.index)]
    _append(campaign, lambda state: printed_events(made, form_ids, state), now)


def issue_forms(campaign: Campaign, *, to: str, villages: Sequence[str], now: datetime) -> Done:
    """Note that the forms of these villages, or of all, went out to a team.

    Raises
    ------
    InputError
        If forms were not made yet, or a village has none.
    """
    campaign.path(f"{place.FORMS}/{place.MADE_FROM}", "forms")
    numbered = _numbered(campaign)
    drawn = set(drawn_villages(campaign.issued())["village"])  # one without households has a form too
    if unknown := sorted(set(villages) - drawn):
        raise InputError([Problem(key="campaign.no_forms_for", value=village) for village in unknown])
    going = numbered[numbered["village"].isin(villages)] if villages else numbered
    serials = _append(campaign, lambda state: issued_events(going, state, to=to), now)
    return Done(key="reconcile.done.issue", fields={"serials": serials, "to": to})


def void_forms(campaign: Campaign, serials: Sequence[str], *, reason: str, by: str, now: datetime) -> Done:
    """Declare forms void: spoilt, or lost.

    Raises
    ------
    InputError
        With every serial that is not known, or whose form came back already.
    """
    numbered = _numbered(campaign)
    count = _append(campaign, lambda state: void_events(numbered, state, serials, reason=reason, by=by), now)
    return Done(key="reconcile.done.cancel", fields={"serials": count})


def reconcile_campaign(campaign: Campaign) -> Done:
    """Hold what came back against what went out, and write `reconciliation.xlsx`."""
    found = reconciliation(campaign)
    path = campaign.folder / BOOK
    write_whole(path, _book(found, campaign.lang, campaign.marks))
    forms = found.forms[["issued", "returned", "void", "missing"]].sum()
    households = found.households[["drawn", "found", "outstanding"]].sum()
    counts = {str(name): int(number) for name, number in [*forms.items(), *households.items()]}
    fields = {**counts, "patterns": len(found.patterns)}
    return Done(key="reconcile.done.reconcile", fields=fields, files=(path,))


def reconciliation(campaign: Campaign) -> Reconciliation:
    """What was drawn, printed and issued against what came back."""
    register = campaign.register()
    state = register.state()
    hashes = [payload["personal"] for payload in state.findings.values() if "personal" in payload]
    return reconcile(_numbered(campaign), state, vault=register.personal(hashes))


def _numbered(campaign: Campaign) -> pd.DataFrame:
    return numbered_households(campaign.issued())


def _append(campaign: Campaign, events_of: Callable[[State], Iterable[Event]], now: datetime) -> int:
    """Add events in one transaction, made from the state that they are added to; how many forms they name."""
    time = now.isoformat(timespec="seconds")
    with campaign.register().writing() as writer:
        events = tuple(events_of(writer.state))
        writer.append(events, actor=STOCK, time=time)
    write_head(campaign.folder / place.HEADS, writer.head, time=time)
    return sum(len(event.payload["serials"]) for event in events)


def _book(found: Reconciliation, lang: str, marks: Sequence[str]) -> bytes:
    """The workbook: a sheet each for forms, households, teams, what was noticed, what is missing."""
    tables = {
        "forms": found.forms,
        "households": found.households,
        "teams": found.teams,
        "patterns": pd.DataFrame(
            [_noticed(one, lang) for one in found.patterns], columns=["team", "pattern", "serials"]
        ),
        "missing": found.missing,
        "papers": found.papers,
    }
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"created": datetime(2000, 1, 1)})
        base = {"font_name": text("forms.look.font", lang), "text_wrap": True, "valign": "top"}
        cell = base | {"border": 1, "border_color": GRID}
        looks = {
            "head": book.add_format(cell | {"bold": True, "bg_color": SHADE}),
            "cell": book.add_format(cell),
            "share": book.add_format(cell | {"num_format": "0.0%"}),
        }
        for name, table in tables.items():
            sheet = book.add_worksheet(text(f"reconcile.sheet.{name}", lang))
            _write(sheet, looks, table, lang)
            sheet.set_header("&R" + "  ".join(MARKS[mark] for mark in marks))
    return out.getvalue()


def _noticed(pattern: Pattern, lang: str) -> tuple[str, str, str]:
    said = text(f"reconcile.pattern.{pattern.pattern}", lang, **pattern.figures)
    return pattern.team, said, " ".join(pattern.serials)


def _write(sheet: Worksheet, looks: Mapping, table: pd.DataFrame, lang: str) -> None:
    for column, name in enumerate(table.columns):
        head = text(f"reconcile.column.{name}", lang)
        sheet.write_string(0, column, head, looks["head"])
        widest = width_of(head)
        for row, value in enumerate(table[name], start=1):
            if name == "list":
                value = list_label(value, lang)
            if isinstance(value, str):
                sheet.write_string(row, column, value, looks["cell"])  # an id stays text
                widest = max(widest, width_of(value))
            elif pd.notna(value):
                sheet.write_number(row, column, value, looks["share" if name in PERCENT else "cell"])
        sheet.set_column(column, column, min(widest + 2, WIDEST))
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
