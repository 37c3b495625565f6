"""The code lists of a visit: outcomes, verdicts, reasons, and what else a form lets people choose from."""

from types import MappingProxyType

ROLL = ""
"""The name of the main list: the roll itself."""

PAID_LISTS = (ROLL, "five_guarantee", "relief")
"""Lists of households that are paid; those of every other list (removed, refused …) are not."""

OUTCOMES = ("completed", "absent", "refused", "not_found", "out_of_scope")
"""What became of a visit. Only `completed` carries a verdict; out of scope means not paid in the
reference month, or listed twice, and nothing else (death and moving away are findings)."""

MODES = ("at_home", "by_documents")
"""How a household was looked at: visited at home, or by its documents (资料核实)."""

VERDICTS = ("correct", "ineligible", "overpaid", "underpaid", "to_be_checked")
"""What was found at a household that is paid: a recommendation, not yet a decision."""

LIST_VERDICTS = ("correct", "entitled", "to_be_checked")
"""What was found at a household that is not paid: rightly so, or entitled."""

REASONS = MappingProxyType(
    {
        "ineligible": (
            "head_died",
            "official_relative",
            "former_official",
            "orphan_adult",
            "pensioner",
            "living_improved",
            "identity_mixup",
            "children_earning",
            "supporters_able",
            "working_age",
            "favouritism",
            "objection",
            "moved_away",
            "other",
        ),
        "overpaid": ("persons_wrong", "income_wrong", "class_wrong", "other"),
        "underpaid": ("persons_wrong", "income_wrong", "class_wrong", "other"),
        "to_be_checked": ("moved_away", "living_elsewhere", "objection", "papers_missing", "other"),
    }
)
"""Reasons by verdict. The first six of `ineligible` are one campaign's grounds; GROUNDS has another's."""

REASON_NEEDED = ("ineligible", "overpaid", "underpaid")
"""Verdicts that are none without a reason."""

LOOK_AGAIN = ("official_relative", "former_official", "working_age", "favouritism", "objection")
"""What somebody is, or what neighbours say: a reason to look again and, without income, no ground to stop."""

GROUNDS = MappingProxyType(
    {
        "six": (
            "head_died",
            "official_relative",
            "former_official",
            "orphan_adult",
            "pensioner",
            "living_improved",
        ),
        "seven": (
            "head_died",
            "children_earning",
            "favouritism",
            "supporters_able",
            "working_age",
            "identity_mixup",
            "objection",
        ),
    }
)
"""Two lists of grounds that counties report by, in our codes."""

CROSSWALK = MappingProxyType(
    {
        "official_relative": "favouritism",
        "former_official": "favouritism",
        "orphan_adult": "working_age",
        "pensioner": "living_improved",
        "living_improved": "children_earning",
        "children_earning": "living_improved",
        "supporters_able": "living_improved",
        "working_age": "living_improved",
        "favouritism": "official_relative",
    }
)
"""Where a reason of one list of grounds is counted in the other; a reason that both have stays itself."""

CATEGORIES = ("alone", "ill_or_disabled", "able_to_work")
"""Kinds of household, registered apart: 孤寡户, 病残户, 有劳动能力户."""

AREAS = ("rural", "urban")
"""The two programmes of the roll, each with its standard."""

RELATIONS = ("head", "spouse", "child", "child_in_law", "grandchild", "parent", "sibling", "other")
"""Who a member is to the head of the household."""

HEALTH = ("well", "ill", "disabled", "died")
ABILITY = ("full", "part", "none")
"""How far a member can work."""

TIES = ("none", "official", "former_official", "relative")
"""What the household is to officials: itself one, formerly one, a relative of one."""

HOLDERS = ("head", "member", "other")
"""In whose name the account is."""

RECEIVERS = ("household", "relative", "village", "other", "nobody")
"""Who draws the money."""

PAYMENTS = ("in_full", "drawn_by_another", "withheld", "short")
"""What happened to the money on its way; it says nothing of what is due."""

DECISIONS = ("accepted", "changed", "dropped")
"""What the county made of a recommendation, later."""

REPLIES = ("accepted", "contested", "visit_again")
"""What a town says to a finding: it accepts it, contests it, or asks for another visit."""

YES_NO = ("yes", "no")
"""The two answers to a question that has only two."""


def is_paid(list_name: str) -> bool:
    """Whether the households of this list are paid, so that a finding says something of the amount."""
    return list_name in PAID_LISTS


def verdicts_of(list_name: str) -> tuple[str, ...]:
    """The verdicts that a household of this list can have; the roll's list name is empty."""
    return VERDICTS if is_paid(list_name) else LIST_VERDICTS


def reasons_of(verdict: str) -> tuple[str, ...]:
    """The built-in reasons that a verdict can have; empty where it has none."""
    return REASONS.get(verdict, ())


def ground(reason: str, among: str) -> str:
    """A reason as it is counted in one of the lists of GROUNDS; "other" where that has none for it.

    >>> ground("former_official", "seven")
    'favouritism'
    """
    counted = reason if reason in GROUNDS[among] else CROSSWALK.get(reason, "other")
    return counted if counted in GROUNDS[among] else "other"


def verdict_table(list_name: str) -> str:
    """The table of labels for a list's verdicts: `correct` reads differently for those off the roll."""
    return "verdict" if is_paid(list_name) else "list_verdict"
