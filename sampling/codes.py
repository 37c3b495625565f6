"""The code lists of a visit: outcomes, verdicts, reasons, and which of them go together.

Codes are what is stored; their labels are in the catalogues under `codes.<list>.<code>`.
"""

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


def verdicts_of(list_name: str) -> tuple[str, ...]:
    """The verdicts that a household of this list can have; the roll's list name is empty."""
    return VERDICTS if list_name == ROLL else LIST_VERDICTS


def reasons_of(verdict: str) -> tuple[str, ...]:
    """The reasons that a verdict can have; empty where it needs none."""
    return REASONS.get(verdict, ())
