"""The code lists of a visit: outcomes, verdicts, reasons, and which of them go together.

Codes are what is stored; their labels are in the catalogues under `codes.<table>.<code>`. People read and
choose labels; `code_of` finds the code of a label in whichever language it was written.
"""

from functools import cache

from sampling.words import LANGUAGES, catalogue, fold, text

ROLL = ""
"""The name of the main list: the roll itself."""

OUTCOMES = ("completed", "absent", "refused", "not_found", "out_of_scope")
"""What became of a visit. Only `completed` carries a verdict; out of scope means not paid in the
reference month, or listed twice, and nothing else (death and moving away are findings)."""

VERDICTS = ("correct", "ineligible", "overpaid", "underpaid", "to_be_checked")
"""What was found at a household that is on the roll: a recommendation, not yet a decision."""

LIST_VERDICTS = ("correct", "entitled", "to_be_checked")
"""What was found at a household of another list (removed, refused …): rightly off the roll, or entitled."""

REASONS = {
    "ineligible": (
        "head_died",
        "official_relative",
        "former_official",
        "orphan_adult",
        "pensioner",
        "living_improved",
        "identity_mixup",
        "other",
    ),
    "overpaid": ("persons_wrong", "income_wrong", "class_wrong", "other"),
    "underpaid": ("persons_wrong", "income_wrong", "class_wrong", "other"),
}
"""Reasons by the verdict that needs one. The first six of `ineligible` are the campaign's grounds."""

CATEGORIES = ("alone", "ill_or_disabled", "able_to_work")
"""Kinds of household, registered apart: 孤寡户, 病残户, 有劳动能力户."""


YES_NO = ("yes", "no")
"""The two answers to a question that has only two."""


def verdicts_of(list_name: str) -> tuple[str, ...]:
    """The verdicts that a household of this list can have; the roll's list name is empty."""
    return VERDICTS if list_name == ROLL else LIST_VERDICTS


def reasons_of(verdict: str) -> tuple[str, ...]:
    """The reasons that a verdict can have; empty where it needs none."""
    return REASONS.get(verdict, ())


def verdict_table(list_name: str) -> str:
    """The table of labels for a list's verdicts: `correct` reads differently for those off the roll."""
    return "verdict" if list_name == ROLL else "list_verdict"


def label(table: str, code: str, lang: str) -> str:
    """What people read for a code; a code without a label, such as a county's own, is shown as it is."""
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
                found |= {_same(words): code, _same(code): code}
    return found


def code_of(table: str, written: str) -> str | None:
    """The code of a label or code as somebody wrote it, in any language; None if there is no such."""
    return labels_of(table).get(_same(written))


def _same(written: str) -> str:
    return "".join(fold(written).casefold().split())
