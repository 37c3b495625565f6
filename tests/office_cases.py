"""Towns whose people and findings a test may change, and the words of what is made from them."""

import pandas as pd

from sampling.documents.figures import words_of
from sampling.documents.model import Book, Document
from sampling.office.office import Office

HOSTILE = ("<script>alert(1)</script>", "长" * 300, "户主👵🏽", "a\x00b\x1bc", "=1+1", "{name}")


def towns_of(office: Office) -> list[Office]:
    return [office.of(number) for number in office.campaign.units()["number"]]


def told(content: Document | Book | None) -> str:
    """Every word of a document or workbook, a line each."""
    if content is None:
        return ""
    if isinstance(content, Document):
        return "\n".join([content.title, *content.marks, *(w for p in content.parts for w in words_of(p))])
    cells = [str(cell) for sheet in content.sheets for row in sheet.rows for cell in row if cell is not None]
    heads = [one.title for sheet in content.sheets for one in sheet.columns]
    return "\n".join([content.title, *(s.title for s in content.sheets), *heads, *cells])


def town_with(office: Office, verdict: str) -> Office:
    """The first town where this was recommended, apart from the others: a test may change its tables."""
    number = next(t.unit["number"] for t in towns_of(office) if (t.inspected["verdict"] == verdict).any())
    return office.of(number)


def change(town: Office, table: str, column: str, value: object, where: pd.Series | None = None) -> Office:
    """The same town, with another value in a column of its people or findings."""
    rows = getattr(town, table).copy()
    rows.loc[slice(None) if where is None else where, column] = value
    town.__dict__[table] = rows
    return town


def rename(town: Office, names: tuple[str, ...]) -> Office:
    """The same town, whose people have these names in turn."""
    for table in ("inspected", "roll"):
        rows = getattr(town, table).copy()
        rows["household_name"] = [names[place % len(names)] for place in range(len(rows))]
        town.__dict__[table] = rows
    return town
