"""The village's questions on a returned cover, by their hidden fields, else by their titles."""

from collections.abc import Iterator, Sequence

from sampling.forms.layout import FIELD, QUESTION_FIELDS
from sampling.forms.marked import Grid, is_marked
from sampling.frames.headers import fold_header
from sampling.words import LANGUAGES, REPORTED, Problem, text

ENOUGH = 4
"""Questions of ours that make a sheet without hidden fields a cover."""


def village_answers(grids: Sequence[Grid], lang: str) -> tuple[dict[str, str], list[Problem]]:
    """The answers to those questions that are still there, and a note where a copied cover says another.

    Parameters
    ----------
    grids
        All sheets.
    lang
        The language of the notes.
    """
    said: dict[str, list[str]] = {}
    for field, written in _marked(grids):
        said.setdefault(field, []).append(written)
    if not said:
        for field, written in _titled(grids):
            said.setdefault(field, []).append(written)
    filled = {field: list(dict.fromkeys(filter(None, written))) for field, written in said.items()}
    return {field: (written or [""])[0] for field, written in filled.items()}, [
        Problem(key="forms.cover_twice", value=text(f"forms.question.{field}", lang), severity=REPORTED)
        for field, written in filled.items()
        if len(written) > 1
    ]


def _marked(grids: Sequence[Grid]) -> Iterator[tuple[str, str]]:
    """The answer stands two cells to the right of its hidden field name."""
    for rows in grids:
        for row in rows:
            for place, value in enumerate(row):
                field = value.removeprefix(FIELD)
                if field in QUESTION_FIELDS and value != field:
                    yield field, row[place + 2].strip() if len(row) > place + 2 else ""


def _titled(grids: Sequence[Grid]) -> Iterator[tuple[str, str]]:
    """The answer stands beside its title."""
    titles = {
        fold_header(text(f"forms.question.{field}", lang)): field
        for lang in LANGUAGES
        for field in QUESTION_FIELDS
    }
    for rows in grids:
        if is_marked(rows):
            continue
        found = [
            (titles[title], row[place + 1].strip())
            for row in rows
            for place, cell in enumerate(row[:-1])
            if (title := fold_header(cell)) in titles
        ]
        if len({field for field, _ in found}) >= ENOUGH:
            yield from found
