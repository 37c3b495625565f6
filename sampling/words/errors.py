"""What is wrong with an input: all of it at once, with place, value and what to do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from sampling.words.text import text

REFUSED, REPORTED = "refused", "reported"
COLUMNS = ("severity", "file", "row", "column", "value", "problem", "remedy")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that a reader must know about the input.

    The catalogues hold two sentences for `key`: `<key>.problem` (what is wrong) and `<key>.remedy`
    (what to do). Both may use {file}, {row}, {column}, {value} and the names in `fields`.
    `severity` is "refused" (the input is not taken) or "reported" (it is taken; the reader should look).
    Rows count as a spreadsheet shows them: the first line of the sheet is row 1.
    `value` must never hold an identity number, an account or a phone.
    """

    key: str
    file: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""
    severity: str = REFUSED
    fields: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    def to_row(self, lang: str) -> dict[str, str]:
        """The problem as a row of `problems.csv`, worded in `lang`; its keys are COLUMNS."""
        place = {"file": self.file, "row": "" if self.row is None else str(self.row)}
        place |= {"column": self.column, "value": self.value}
        words = {
            name: text(f"{self.key}.{name}", lang, **place, **self.fields) for name in ("problem", "remedy")
        }
        return {"severity": text(f"words.severity.{self.severity}", lang), **place, **words}

    def to_line(self, lang: str) -> str:
        """The problem as one line for a terminal."""
        row = self.to_row(lang)
        place = [row["file"]]
        place += [text("words.place.row", lang, row=row["row"])] if row["row"] else []
        place += [text("words.place.column", lang, column=row["column"])] if row["column"] else []
        sentences = row["problem"] + text("words.between_sentences", lang) + row["remedy"]
        return " · ".join([*filter(None, place), sentences])


class InputError(Exception):
    """An input was refused; `problems` holds every reason, never only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"{len(self.problems)} problems, the first: {self.problems[0].to_line('en')}")


def refuse_if_any(problems: Iterable[Problem]) -> None:
    """Raise InputError with all `problems` if one of them refuses the input; do nothing otherwise."""
    problems = tuple(problems)
    if any(problem.severity == REFUSED for problem in problems):
        raise InputError(problems)
