"""The visit workbook on its way out: one XLSX for one drawn village, in two faces."""

import datetime
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pandas as pd
from xlsxwriter import Workbook

from sampling.codes import BUILT_IN, Codebook
from sampling.files import write_whole
from sampling.forms.cells import Styles, make_styles
from sampling.forms.layout import Heading
from sampling.forms.phone import write_upright
from sampling.forms.returned import no_members
from sampling.forms.sheets import choice_places, write_choices, write_cover, write_identity
from sampling.forms.standard import NO_STANDARD, Standard
from sampling.forms.tables_out import write_facts, write_households, write_members
from sampling.words import text

CREATED = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
"""The date inside each workbook: always the same, so that the same form is the same bytes."""

Face = Callable[[Workbook, Heading, Styles, Mapping[str, str], pd.DataFrame, pd.DataFrame, Standard], None]
"""What draws the households into a workbook: book, heading, styles, lists, households, members, standard."""


def write_workbook(
    path: Path,
    village: Mapping[str, str],
    households: pd.DataFrame,
    *,
    campaign: str,
    form_id: str,
    lang: str,
    codebook: Codebook = BUILT_IN,
    standard: Standard = NO_STANDARD,
    marks: Sequence[str] = (),
) -> None:
    """Write the workbook of one drawn village, whole or not at all.

    Parameters
    ----------
    path
        The file to write.
    village
        Its township, township_name, village and village_name.
    households
        One row a household, as people shall read it: the given fields of the layout; `each`, if there, is the
        standard a person in yuan. Without rows the workbook has the village's questions only.
    campaign, form_id
        Whose form it is; a returned form is known by them.
    lang
        The language of titles and drop-down lists.
    codebook, standard
        The campaign's reasons, and what a household is due.
    marks
        What must be said on every sheet, of MARKS.
    """
    heading = heading_of(village, campaign=campaign, form_id=form_id, lang=lang, marks=marks)
    write_whole(path, workbook_bytes(heading, households, {}, codebook=codebook, standard=standard))


def heading_of(
    village: Mapping[str, str], *, campaign: str, form_id: str, lang: str, marks: Sequence[str]
) -> Heading:
    """The heading of a village's form."""
    names = {name: village.get(name, "") for name in ("township", "township_name", "village", "village_name")}
    return Heading(campaign=campaign, form_id=form_id, lang=lang, marks=tuple(marks), **names)


def write_in_tables(
    book: Workbook,
    heading: Heading,
    styles: Styles,
    places: Mapping[str, str],
    households: pd.DataFrame,
    members: pd.DataFrame,
    standard: Standard,
) -> None:
    """The face for a desk: three sheets, with a row a household or a member."""
    sheets = [
        book.add_worksheet(text(f"forms.{name}.name", heading.lang)) for name in ("sheet", "facts", "members")
    ]
    write_households(sheets[0], heading, styles, places, households)
    write_facts(sheets[1], heading, styles, places, households, standard)
    write_members(sheets[2], heading, styles, places, households, members)


def workbook_bytes(
    heading: Heading,
    households: pd.DataFrame,
    village_answers: Mapping[str, str],
    *,
    members: pd.DataFrame | None = None,
    codebook: Codebook = BUILT_IN,
    standard: Standard = NO_STANDARD,
    face: Face = write_in_tables,
) -> bytes:
    """The workbook of one village as the bytes of its file; the same input gives the same bytes.

    Parameters
    ----------
    heading
        Whose form it is.
    households, members
        As in `ReturnedForm`: in a filled workbook with the answers.
    village_answers
        The village's questions, answered or not.
    codebook, standard
        As in `write_workbook`.
    face
        How households are drawn: `write_in_tables`, or `write_upright` for phones.
    """
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"created": CREATED})
        styles = make_styles(book, heading.lang)
        cover = book.add_worksheet(text("forms.cover.sheet", heading.lang))
        places = choice_places(codebook)
        write_cover(cover, heading, styles, places, len(households), village_answers)
        if len(households):
            people = no_members() if members is None else members
            face(book, heading, styles, places, households, people, standard)
        write_choices(book, heading.lang, codebook)
        write_identity(book, heading, len(households))
    return out.getvalue()


__all__ = ["heading_of", "workbook_bytes", "write_in_tables", "write_upright", "write_workbook"]
