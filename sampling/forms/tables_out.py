"""The workbook's tables: what was concluded, what was seen, and who lives there, a row each."""

from collections.abc import Mapping, Sequence

import pandas as pd
from xlsxwriter.worksheet import Worksheet

from sampling.codes import ROLL, list_label
from sampling.forms.cells import (
    Styles,
    height,
    in_two,
    legal,
    mark,
    named,
    set_rule,
    set_up_page,
    write_row,
    write_titles,
)
from sampling.forms.due import due_formula
from sampling.forms.layout import FACTS, GIVEN, MEMBER_ROWS, MEMBERS, VISIT, Column, Heading
from sampling.forms.standard import Standard
from sampling.words import text

FIRST = 3
"""The row of the first household: below the title, the titles of the columns and the hidden fields."""
WHO = tuple(column for column in GIVEN if column.field in ("serial", "household", "household_name"))
"""How a household is told on the second and third sheet."""
FACTS_GIVEN = (*WHO, *(column for column in GIVEN if column.field == "amount"))


def write_households(
    sheet: Worksheet,
    heading: Heading,
    styles: Styles,
    places: Mapping[str, str],
    households: pd.DataFrame,
) -> None:
    """The households, one a row: the shaded cells are given and locked, the others are to be filled in."""
    columns = (*GIVEN, *VISIT)
    _write_head(sheet, heading, styles, "sheet", columns)
    sheet.write_string(0, len(GIVEN), text("forms.sheet.legend", heading.lang), styles["subtitle"])
    write_titles(sheet, 1, columns, GIVEN, styles, heading.lang)
    for row, values in enumerate(households.to_dict("records"), start=FIRST):
        sheet.set_row(row, height(values, columns))
        write_row(sheet, row, values, columns, GIVEN, styles)
    _set_rules(sheet, heading, places, households)
    _set_up_table(sheet, heading, 4)


def write_facts(
    sheet: Worksheet,
    heading: Heading,
    styles: Styles,
    places: Mapping[str, str],
    households: pd.DataFrame,
    standard: Standard,
) -> None:
    """What the team sees in each household, and beside what is paid, live, what the standard gives."""
    columns, lang, last = (*FACTS_GIVEN, *FACTS), heading.lang, FIRST + len(households) - 1
    _write_head(sheet, heading, styles, "facts", columns)
    sheet.write_string(0, len(FACTS_GIVEN) + 4, text("forms.facts.legend", lang), styles["subtitle"])
    write_titles(sheet, 1, columns, FACTS_GIVEN, styles, lang)
    sheet.set_column(len(columns), len(columns), 13)
    sheet.write_string(1, len(columns), in_two(text("forms.facts.due", lang)), styles["head_given"])
    for row, values in enumerate(households.to_dict("records"), start=FIRST):
        sheet.set_row(row, height(values, columns))
        write_row(sheet, row, values, columns, FACTS_GIVEN, styles)
        if formula := due_formula(row, values.get("each", ""), standard.mode, columns, lang):
            sheet.write_formula(row, len(columns), formula, styles["given_money"], "")
        else:
            sheet.write_blank(row, len(columns), None, styles["given_money"])
    for place, column in enumerate(FACTS, start=len(FACTS_GIVEN)):
        set_rule(sheet, column, (FIRST, place, last, place), lang, places)
    _set_up_table(sheet, heading, len(WHO))


def write_members(
    sheet: Worksheet,
    heading: Heading,
    styles: Styles,
    places: Mapping[str, str],
    households: pd.DataFrame,
    members: pd.DataFrame,
) -> None:
    """Lines for the members of each household; more than that can be written below the last one."""
    columns, lang = (*WHO, *MEMBERS), heading.lang
    _write_head(sheet, heading, styles, "members", columns)
    write_titles(sheet, 1, columns, WHO, styles, lang)
    lines = member_lines(households, members)
    for row, values in enumerate(lines, start=FIRST):
        sheet.set_row(row, 21)
        write_row(sheet, row, values, columns, WHO, styles)
    last = FIRST + len(lines) - 1
    for place, column in enumerate(MEMBERS, start=len(WHO)):
        set_rule(sheet, column, (FIRST, place, last, place), lang, places)
    new = {"type": "formula", "criteria": f"=$A{FIRST + 1}<>$A{FIRST}", "format": styles["begins"]}
    sheet.conditional_format(FIRST, 0, last, len(columns) - 1, new)
    _set_up_table(sheet, heading, len(WHO))
    sheet.set_portrait()


def member_lines(households: pd.DataFrame, members: pd.DataFrame) -> list[dict[str, str]]:
    """The members of each household in turn, then empty lines up to MEMBER_ROWS, and two more at least."""
    known: dict[str, list[dict]] = {}
    for member in members.to_dict("records"):
        known.setdefault(member["serial"], []).append(member)
    lines: list[dict[str, str]] = []
    for household in households.to_dict("records"):
        who = {column.field: household.get(column.field, "") for column in WHO}
        people = known.pop(household["serial"], [])
        wanted = max(MEMBER_ROWS, len(people) + 2)
        lines += [person | who for person in people] + [who] * (wanted - len(people))
    return lines


def _write_head(
    sheet: Worksheet, heading: Heading, styles: Styles, name: str, columns: Sequence[Column]
) -> None:
    """The title over the first columns, and over the last what must be said on every sheet."""
    town = named(heading.township_name, heading.township, heading.lang)
    place = f"{town} {named(heading.village_name, heading.village, heading.lang)}"
    sheet.set_row(0, 26)
    sheet.write_string(0, 0, legal(text(f"forms.{name}.title", heading.lang, place=place)), styles["title"])
    sheet.write_string(0, len(columns) - 1, mark(heading), styles["mark"])


def _set_up_table(sheet: Worksheet, heading: Heading, frozen: int) -> None:
    sheet.freeze_panes(FIRST, frozen)
    sheet.repeat_rows(0, 1)
    sheet.set_landscape()
    set_up_page(sheet, heading)


def _set_rules(
    sheet: Worksheet, heading: Heading, places: Mapping[str, str], households: pd.DataFrame
) -> None:
    """Drop-downs and number rules; households of other lists have verdicts of their own."""
    on_roll = [name == list_label(ROLL, heading.lang) for name in households["list"]]
    for place_of, column in enumerate(VISIT, start=len(GIVEN)):
        for first, last, roll in _runs(on_roll):
            rule = verdict_rule(column, on_roll=roll)
            set_rule(sheet, rule, (first + FIRST, place_of, last + FIRST, place_of), heading.lang, places)


def verdict_rule(column: Column, *, on_roll: bool) -> Column:
    """The column with the drop-down list of its household's own verdicts."""
    if column.choices != "verdict" or on_roll:
        return column
    return Column(field=column.field, kind="choice", choices="list_verdict")


def _runs(flags: Sequence[bool]) -> list[tuple[int, int, bool]]:
    starts = [i for i, flag in enumerate(flags) if i == 0 or flag != flags[i - 1]]
    ends = [*starts[1:], len(flags)]
    return [(start, end - 1, flags[start]) for start, end in zip(starts, ends, strict=True)] if flags else []
