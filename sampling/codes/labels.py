"""Codes and the words for them: what is stored, and what people read and choose.

The words are in the catalogues under `codes.<table>.<code>`; `code_of` finds the code of a word in whichever
language it was written.
"""

from functools import cache

from sampling.codes.tables import ROLL
from sampling.words import LANGUAGES, catalogue, fold, text


def label(table: str, code: str, lang: str) -> str:
    """What people read for a code; a code without a label is shown as it is."""
    return catalogue(lang).get(f"codes.{table}.{code}", code)


def list_label(list_name: str, lang: str) -> str:
    """What people read for a list; a list that the catalogue does not know is shown by its own name."""
    return text("codes.list.roll", lang) if list_name == ROLL else label("list", list_name, lang)


@cache
def labels_of(table: str) -> dict[str, str]:
    """Code by label, of one table, in all languages; the codes themselves are labels too."""
    found: dict[str, str] = {}
    for lang in LANGUAGES:
        for key, words in catalogue(lang).items():
            head, _, code = key.rpartition(".")
            if head == f"codes.{table}":
                found |= {same(words): code, same(code): code}
    return found


def code_of(table: str, written: str) -> str | None:
    """The code of a label or code as somebody wrote it, in any language; None if there is no such."""
    return labels_of(table).get(same(written))


def same(written: str) -> str:
    """What is written as it is compared: half width, without spaces, capitals or not."""
    return "".join(fold(written).casefold().split())
