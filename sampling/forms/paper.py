"""The forms on paper: one PDF for each drawn village, to be written on by hand.

What is known goes to the template `paper.typ` as JSON: a name is never markup there.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import segno

from sampling.codes import BUILT_IN, LIST_VERDICTS, VERDICTS, Codebook, verdict_table
from sampling.draws.roles import drawn_rows
from sampling.files import write_whole
from sampling.forms.drawn import drawn_villages, issued_households
from sampling.forms.issue import form_files, form_rows, village_names
from sampling.forms.layout import (
    ANSWERS,
    GIVEN_FIELDS,
    MARKS,
    MEMBER_FIELDS,
    MEMBER_ROWS,
    QUESTIONS,
    Heading,
    choice_label,
    choices_of,
)
from sampling.forms.printing import compile_page
from sampling.forms.serials import code_text
from sampling.forms.standard import NO_STANDARD, Standard
from sampling.forms.workbook import heading_of
from sampling.words import catalogue, text

TEMPLATE = Path(__file__).with_name("paper.typ")


def write_papers(
    sample: pd.DataFrame,
    roll: pd.DataFrame,
    lists: Mapping[str, pd.DataFrame],
    folder: Path,
    *,
    villages: Collection[str] = (),
    campaign: str,
    lang: str,
    codebook: Codebook = BUILT_IN,
    standard: Standard = NO_STANDARD,
    marks: Sequence[str] = (),
    progress: Callable[[int, int], object] | None = None,
) -> tuple[Path, ...]:
    """Write a PDF for each drawn village: its own page, one a household, and one for residents.

    Parameters
    ----------
    sample
        The rows of `sample.csv`.
    roll, lists
        The restricted roll and the other drawn lists by name: what teams need to find people.
    folder
        Where the files go, `<village>.pdf`; each is there whole or not at all.
    villages
        Of which; of all drawn ones if none is named.
    campaign, lang, codebook, standard, marks
        As in `write_workbook`.
    progress
        Called after each village with the number done and the number of all.

    Returns
    -------
    tuple of Path
        The PDFs, in the order of the sample.
    """
    places = drawn_villages(sample)
    stems = form_files(places["village"])
    places = places[places["village"].isin(villages)] if villages else places
    issued = drawn_rows(issued_households(sample, roll, lists))
    names = village_names(roll, lists)
    written = []
    for place in places.to_dict("records"):
        village = place["village"]
        known = {"township": place["township"], "village": village, **names.get(village, {})}
        heading = heading_of(known, campaign=campaign, form_id=place["form_id"], lang=lang, marks=marks)
        path = folder / Path(stems[village]).with_suffix(".pdf").name
        write_whole(path, paper_pdf(heading, issued[issued["village"] == village], codebook, standard))
        written.append(path)
        if progress:
            progress(len(written), len(places))
    return tuple(written)


def paper_pdf(heading: Heading, issued: pd.DataFrame, codebook: Codebook, standard: Standard) -> bytes:
    """The papers of one village, or of some of its households, as the bytes of a PDF.

    Parameters
    ----------
    heading
        Whose papers they are.
    issued
        The rows of `issued_households`.
    codebook, standard
        The campaign's.
    """
    shown = paper_rows(issued, heading.campaign, heading.lang, standard)
    return compile_page(TEMPLATE, paper_content(heading, shown, codebook, standard))


def paper_rows(issued: pd.DataFrame, campaign: str, lang: str, standard: Standard) -> pd.DataFrame:
    """The households as paper shows them: the columns of `form_rows`, and QR code and table of verdicts.

    Parameters
    ----------
    issued
        The rows of `issued_households`.
    campaign
        Its id: it stands in the QR code.
    lang, standard
        As in `form_rows`.
    """
    shown = form_rows(issued, lang, standard)
    known = issued.loc[shown.index]
    codes = zip(known["serial"], known["ticket"], strict=True)
    shown["qr"] = [qr_picture(code_text(campaign, serial, ticket)) for serial, ticket in codes]
    shown["verdicts"] = [verdict_table(name) for name in known["list"]]
    return shown


def qr_picture(written: str) -> str:
    """A QR code as SVG with a quiet zone; a quarter of it may be smudged."""
    return segno.make(written, error="q", micro=False).svg_inline(border=2, omitsize=True)


def paper_content(
    heading: Heading, households: pd.DataFrame, codebook: Codebook, standard: Standard
) -> dict[str, Any]:
    """All that the template prints for one village, as JSON can hold it."""
    lang = heading.lang
    place = {"township": heading.township, "village": heading.village}
    named = {name: _named(id, getattr(heading, f"{name}_name"), lang) for name, id in place.items()}
    return {
        "lang": lang,
        "campaign": heading.campaign,
        "form_id": heading.form_id,
        "place": named,
        "marks": [text(f"forms.look.{mark}", lang, mark=MARKS[mark]) for mark in heading.marks],
        "households": households.to_dict("records"),
        "mode": standard.mode,
        "member_rows": MEMBER_ROWS,
        "words": paper_words(lang),
        "columns": _titles(lang),
        "choices": _choices(lang, codebook),
        "reasons": _reasons(lang, codebook),
        "questions": [_question(column.field, column.kind, lang) for column in QUESTIONS],
    }


def paper_words(lang: str) -> dict[str, str]:
    """The words of the template; it fills in their fields itself."""
    names = [key.removeprefix("paper.") for key in catalogue(lang) if key.startswith("paper.")]
    words = {name: catalogue(lang)[f"paper.{name}"] for name in names}
    cover = {name: text(f"forms.cover.{name}", lang) for name in ("campaign", "form_id")}
    return words | cover | {"pages": catalogue(lang)["forms.look.pages"]}


def _titles(lang: str) -> dict[str, str]:
    fields = (*GIVEN_FIELDS, *(column.field for column in ANSWERS), *MEMBER_FIELDS)
    return {field: text(f"forms.column.{field}", lang) for field in fields}


def _choices(lang: str, codebook: Codebook) -> dict[str, list[str]]:
    return {
        table: [choice_label(table, code, lang, codebook) for code in codes]
        for table, codes in choices_of(codebook).items()
    }


def _reasons(lang: str, codebook: Codebook) -> dict[str, list[dict[str, Any]]]:
    """For each table of verdicts the verdicts that have reasons, each with its own."""
    return {
        table: [
            {
                "verdict": choice_label(table, verdict, lang, codebook),
                "reasons": [codebook.label(reason, lang) for reason in codebook.reasons_of(verdict)],
            }
            for verdict in verdicts
            if codebook.reasons_of(verdict)
        ]
        for table, verdicts in (("verdict", VERDICTS), ("list_verdict", LIST_VERDICTS))
    }


def _question(field: str, kind: str, lang: str) -> dict[str, str]:
    return {
        "kind": kind,
        "title": text(f"forms.question.{field}", lang),
        "hint": text(f"forms.hint.{field}", lang),
    }


def _named(id: str, name: str, lang: str) -> str:
    return text("forms.look.named", lang, name=name, code=id) if name else id
