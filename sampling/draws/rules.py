"""The rules of a draw in plain words: what a witness must know to judge whether it is fair."""

from collections.abc import Iterator
from fractions import Fraction

from sampling.codes import list_label
from sampling.designs import RANDOM_SIZE, Design, Selection, SizeRule, rate_text
from sampling.designs.design import Rules
from sampling.words import catalogue, text


def rules(design: Design, lang: str) -> tuple[str, ...]:
    """How villages and households are drawn, one sentence for each rule of the design.

    Parameters
    ----------
    design
        As committed.
    lang
        The reader's language.

    Returns
    -------
    sentences
        Method, number and bounds of the villages, what else holds for them, then the same for households.
    """
    return (*_village_rules(design, lang), *_household_rules(design, lang))


def _village_rules(design: Design, lang: str) -> Iterator[str]:
    yield _method(design.villages_by, "villages", lang)
    yield _total(design, lang) if design.allocation else _size("villages", design.villages, lang)
    for field, value, rule in _special(design.kinds):
        yield _size("kind", rule, lang, field=field_name(field, lang), value=value)
    if design.villages_by.method in RANDOM_SIZE:
        yield _say("on_average", lang)
    if design.certainty:
        yield _say("certainty", lang, field=field_name(design.certainty, lang))
    if design.drawn_before is not None:
        name = "drawn_before" if design.drawn_before else "drawn_before_never"
        yield _say(name, lang, weight=str(design.drawn_before))
    yield _say(f"conflict.{design.conflict}", lang) + _gap(lang) + _say(f"rounding.{design.rounding}", lang)
    if design.reserves:
        yield _say("reserves", lang, number=design.reserves)


def _household_rules(design: Design, lang: str) -> Iterator[str]:
    yield _size("households", design.households, lang)
    yield _method(design.households_by, "households", lang)
    for field, value, rule in _special(design.categories):
        yield _size("category", rule, lang, field=field_name(field, lang), value=value)
    if design.households_by.method in RANDOM_SIZE:
        yield _say("on_average", lang)
    for name, rule in design.lists.items():
        yield _size("list", rule, lang, list=list_label(name, lang))
    if design.sealed:
        yield _say("sealed", lang)


def _special(table: Rules) -> Iterator[tuple[str, str, SizeRule]]:
    for field, by_value in table.items():
        for value, rule in by_value.items():
            yield field, value, rule


def _method(selection: Selection, stage: str, lang: str) -> str:
    """What the method does to the units of a stage, and what its chances follow."""
    between = text("draws.record.comma", lang)
    order = between.join(field_name(name, lang) for name in selection.order) or field_name("id", lang)
    size = field_name(selection.size, lang) if selection.size else ""
    fields = {"units": _say(f"units.{stage}", lang), "within": _say(f"within.{stage}", lang)}
    words = _say(f"method.{selection.method}", lang, order=order, size=size, **fields)
    return words + (_gap(lang) + _say("calibrated", lang) if selection.calibrated else "")


def _size(kind: str, rule: SizeRule, lang: str, **fields: str) -> str:
    """The share that a rule takes, and its bounds where it has any."""
    units = "villages" if kind in ("villages", "kind") else "households"
    return _say(kind, lang, share=_share(rule.rate, lang), bounds=_bounds(rule, units, lang), **fields)


def _bounds(rule: SizeRule, units: str, lang: str) -> str:
    """The bounds of a rule as the end of a sentence; empty where it has none."""
    name = ("low" if rule.at_least else "") + ("high" if rule.at_most is not None else "")
    return _say(f"bounds.{units}.{name}", lang, low=rule.at_least, high=rule.at_most) if name else ""


def _total(design: Design, lang: str) -> str:
    allocation = design.allocation
    assert allocation is not None
    measure = design.villages_by.size
    size = field_name(measure, lang) if measure else _say("number_of_villages", lang)
    spread = field_name(allocation.spread, lang) if allocation.spread else ""
    how = _say(f"allocation.{allocation.how}", lang, size=size, spread=spread, power=str(allocation.power))
    return _say(
        "total", lang, total=allocation.total, how=how, bounds=_bounds(design.villages, "villages", lang)
    )


def _share(rate: Fraction, lang: str) -> str:
    return _say("all", lang) if rate == 1 else rate_text(rate)


def field_name(name: str, lang: str) -> str:
    """What people call a field of the roll; one that the catalogue does not know has its own name."""
    return catalogue(lang).get(f"draws.record.field.{name}", name)


def _gap(lang: str) -> str:
    return text("words.between_sentences", lang)


def _say(name: str, lang: str, **fields: object) -> str:
    return text(f"draws.record.design.{name}", lang, **fields)
