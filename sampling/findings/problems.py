"""What is wrong with a returned row: kept as data, worded when somebody reads it."""

from collections.abc import Mapping

from sampling.forms.layout import QUESTION_FIELDS
from sampling.words import Problem, text

VALUE_LIMIT = 60
"""Characters of a wrong value that a sentence repeats; the whole is kept with the row."""


def wrong(name: str, row: Mapping[str, str], field: str, **fields: object) -> Problem:
    """The problem `findings.<name>` of one field of a form; `column` is the field until it is worded."""
    return Problem(key=f"findings.{name}", column=field, value=row[field][:VALUE_LIMIT], fields=fields)


def to_record(problem: Problem) -> dict[str, object]:
    """A problem as it is kept in the register, without its place: that stands in the event."""
    fields = {name: str(value) for name, value in problem.fields.items()}
    return {"key": problem.key, "column": problem.column, "value": problem.value, "fields": fields}


def sentences(record: Mapping, lang: str, *, file: str, row: str) -> dict[str, str]:
    """The two sentences of a kept problem, `problem` and `remedy`, in the reader's language."""
    column = column_title(record["column"], lang)
    place = {"file": file, "row": row, "column": column, "value": record["value"]}
    return {
        name: text(f"{record['key']}.{name}", lang, **place, **record["fields"])
        for name in ("problem", "remedy")
    }


def column_title(field: str, lang: str) -> str:
    """The title of a field on the form: a column, a question to the village, or the village itself."""
    if field == "village":
        return text("forms.cover.village", lang)
    kind = "question" if field in QUESTION_FIELDS else "column"
    return text(f"forms.{kind}.{field}", lang) if field else ""
