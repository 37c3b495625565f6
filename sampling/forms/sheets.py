"""The sheets that every workbook has: a cover with the village's questions, and two hidden ones."""

from collections.abc import Mapping

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from sampling.codes import Codebook
from sampling.forms.cells import Styles, legal, mark, named, set_rule, set_up_page, write_answer
from sampling.forms.layout import FIELD, MARK, MARKS, QUESTIONS, VERSION, Heading, choice_label, choices_of
from sampling.words import text


def write_identity(book: Workbook, heading: Heading, households: int) -> None:
    """The hidden sheet by which a form is known again, whatever its file is called by then."""
    sheet = book.add_worksheet("form")
    facts = {
        MARK: VERSION,
        "form_id": heading.form_id,
        "campaign": heading.campaign,
        "township": heading.township,
        "township_name": heading.township_name,
        "village": heading.village,
        "village_name": heading.village_name,
        "lang": heading.lang,
        "households": str(households),
        "data": " ".join(MARKS[name] for name in heading.marks),
    }
    for row, (name, value) in enumerate(facts.items()):
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, legal(value))
    sheet.very_hidden()


def choice_places(codebook: Codebook) -> dict[str, str]:
    """Where each drop-down list stands on the hidden sheet of lists.

    Lists written into the rule itself would stop at 255 characters, hence a range.
    """
    places = {}
    for column, (table, choices) in enumerate(choices_of(codebook).items()):
        letter = chr(ord("A") + column)
        places[table] = f"=lists!${letter}$2:${letter}${len(choices) + 1}"
    return places


def write_choices(book: Workbook, lang: str, codebook: Codebook) -> None:
    """The hidden sheet with the drop-down lists."""
    sheet = book.add_worksheet("lists")
    for column, (table, choices) in enumerate(choices_of(codebook).items()):
        sheet.write_string(0, column, table)
        for row, code in enumerate(choices, start=1):
            sheet.write_string(row, column, choice_label(table, code, lang, codebook))
    sheet.hide()


def write_cover(
    sheet: Worksheet,
    heading: Heading,
    styles: Styles,
    places: Mapping[str, str],
    households: int,
    answers: Mapping[str, str],
) -> None:
    """The cover: what this is, how to fill it in, and the questions about the village."""
    lang = heading.lang
    sheet.set_column(0, 0, None, None, {"hidden": True})
    sheet.set_column(1, 1, 27)
    sheet.set_column(2, 2, 23)
    sheet.set_column(3, 3, 42)
    sheet.set_row(0, 30)
    sheet.write_string(0, 1, text("forms.cover.title", lang), styles["title"])
    sheet.write_string(0, 3, mark(heading), styles["mark"])
    facts = {
        "campaign": heading.campaign,
        "township": named(heading.township_name, heading.township, lang),
        "village": named(heading.village_name, heading.village, lang),
        "households": str(households),
        "form_id": heading.form_id,
    }
    for row, (name, value) in enumerate(facts.items(), start=1):
        sheet.write_string(row, 1, text(f"forms.cover.{name}", lang), styles["label"])
        sheet.set_row(row, 21)
        sheet.merge_range(row, 2, row, 3, "", styles["fact"])
        sheet.write_string(row, 2, legal(value), styles["fact"])
    row = _write_guide(sheet, 7, lang, styles)
    row = _write_questions(sheet, row + 1, lang, styles, places, answers)
    sheet.set_row(row + 1, 34)
    sheet.merge_range(row + 1, 1, row + 1, 3, text("forms.cover.signatures", lang), styles["line"])
    set_up_page(sheet, heading)
    sheet.set_portrait()


def _write_guide(sheet: Worksheet, row: int, lang: str, styles: Styles) -> int:
    sheet.write_string(row, 1, text("forms.cover.guide", lang), styles["heading"])
    for number in range(1, 6):
        sheet.set_row(row + number, 32)
        line = f"{number}. " + text(f"forms.guide.line_{number}", lang)
        sheet.merge_range(row + number, 1, row + number, 3, line, styles["line"])
    return row + 6


def _write_questions(
    sheet: Worksheet,
    row: int,
    lang: str,
    styles: Styles,
    places: Mapping[str, str],
    answers: Mapping[str, str],
) -> int:
    sheet.write_string(row, 1, text("forms.cover.questions", lang), styles["heading"])
    for row, question in enumerate(QUESTIONS, start=row + 1):  # noqa: B020 (rows go on counting)
        sheet.set_row(row, 32)
        sheet.write_string(row, 0, FIELD + question.field)
        sheet.write_string(row, 1, text(f"forms.question.{question.field}", lang), styles["label"])
        style = styles[f"asked_{question.kind}"]
        write_answer(sheet, (row, 2), answers.get(question.field, ""), question.kind, style)
        sheet.write_string(row, 3, text(f"forms.hint.{question.field}", lang), styles["line"])
        set_rule(sheet, question, (row, 2, row, 2), lang, places)
    return row + 1
