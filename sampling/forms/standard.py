"""What a household is due by the county's standard: the difference to it, or an amount by class."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from sampling.codes import CATEGORIES, code_of

DIFFERENCE, CLASS = "difference", "class"
MODES = (DIFFERENCE, CLASS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """The standards in fen a month and a person.

    `areas` has the standards by area (rural, urban), `classes` the amounts by kind of household; which of
    them counts says `mode`. Nothing is due by a standard that is not there.
    """

    mode: str = DIFFERENCE
    areas: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    classes: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def each(self, *, area: str, category: str) -> int | None:
        """The standard or the amount a person; None where the county names none."""
        return self.areas.get(area) if self.mode == DIFFERENCE else self.classes.get(category)

    def due(
        self, *, area: str, category: str, income_fen: int | None, persons: int | None, entitled: int | None
    ) -> int | None:
        """The amount due in fen a month; None where the standard, or what it depends on, is not known.

        Parameters
        ----------
        area, category
            Codes of the household.
        income_fen
            Of the household a month, all kinds together; not asked for where the amount goes by class.
        persons
            家庭人口: over whom the income is spread.
        entitled
            保障人口: for whom something is paid.

        Notes
        -----
        (standard - income / persons) times entitled persons, not below 0, or amount times entitled persons.
        Rounded to the fen, halves up.
        """
        each = self.each(area=area, category=category)
        if each is None or entitled is None:
            return None
        if self.mode == CLASS:
            return each * entitled
        if income_fen is None or not persons:
            return None
        exact = (each - Fraction(income_fen, persons)) * entitled
        return max(int(exact + Fraction(1, 2)) if exact > 0 else 0, 0)


NO_STANDARD = Standard()
"""For a county that names no standard: then nothing is reckoned."""


def standard_of(settings: Mapping[str, Any]) -> Standard:
    """The standard that the section `[standard]` of `campaign.toml` names: yuan a month and a person."""
    areas = {area: _fen(settings[area]) for area in ("rural", "urban") if area in settings}
    classes = {_category(name): _fen(yuan) for name, yuan in settings.get("classes", {}).items()}
    return Standard(mode=settings.get("mode", DIFFERENCE), areas=areas, classes=classes)


def _fen(yuan: float) -> int:
    return round(Fraction(str(yuan)) * 100)


def _category(name: str) -> str:
    code = code_of("category", name)
    return code if code in CATEGORIES else name
