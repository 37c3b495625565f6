"""工作总结: the county's summary of a campaign, what was found apart from what is estimated."""

from collections.abc import Iterator

from sampling.documents.model import FOUND, INTERNAL, Document, Grid, Part
from sampling.draws.rules import rules
from sampling.office.office import Office
from sampling.office.parts import chapter, grid_of, paragraphs, say, signature, without_heading
from sampling.office.removed import removed_sentence
from sampling.reports import pictures, prose, tables
from sampling.reports.estimated import estimate_row
from sampling.reports.figures import count, households, whole
from sampling.reports.html import Block
from sampling.words import text

ERRORS = {
    "kept": ("ineligible_households", "ineligible_people", "paid_to_ineligible_yuan"),
    "removed": ("wrongly_removed_households", "wrongly_removed_people", "wrongly_removed_yuan"),
    "left_out": ("wrongly_left_out_households", "wrongly_left_out_people", "wrongly_left_out_yuan"),
}
"""The three errors, each in households, people and yuan a month, as `estimates.csv` names them."""
MEASURES = ("draw", "visits", "checks", "register")
NEXT_STEPS = ("decide", "rectify", "blank", "review", "publicity", "hotline")


def summary(office: Office) -> Document:
    """The summary; a draft for the office to finish."""
    lang = office.lang
    return Document(
        title=say("summary.title", lang),
        lang=lang,
        tier=INTERNAL,
        marks=office.marks(INTERNAL, draft=True),
        parts=(*_parts(office), *signature(office)),
    )


def _parts(office: Office) -> Iterator[Part]:
    lang, report = office.lang, office.report
    yield chapter(1, "summary.basics", lang)
    yield from paragraphs(_basics(office))
    yield chapter(2, "summary.measures", lang)
    yield from paragraphs([*rules(office.campaign.design, lang), *_measures(lang)])
    yield chapter(3, "summary.found", lang)
    yield from paragraphs([removed_sentence(office)], FOUND)
    yield from without_heading(prose.found(report))
    yield from without_heading(prose.other_lists(report))
    yield from grid_of(tables.verdicts(report))
    yield from grid_of(tables.towns(report))
    yield from _pictures(pictures.coverage(report), pictures.reasons(report))
    yield chapter(4, "summary.estimated", lang)
    yield from without_heading(prose.estimates(report))
    yield from three_errors(office)
    yield from _pictures(pictures.forest(report), pictures.reasons_twice(report), pictures.money(report))
    yield chapter(5, "summary.problems", lang)
    yield from paragraphs(problems(office), FOUND)
    yield chapter(6, "summary.next", lang)
    yield from paragraphs(say(f"summary.step.{name}", lang) for name in NEXT_STEPS)


def _measures(lang: str) -> Iterator[str]:
    return (say(f"summary.measure.{name}", lang) for name in MEASURES)


def _pictures(*blocks: Block) -> Iterator[Part]:
    for block in blocks:
        yield from block.parts


def _basics(office: Office) -> Iterator[str]:
    lang, lists = office.lang, office.facts.lists
    roll = lists[lists["list"] == ""]
    drawn = office.facts.places
    yield say(
        "summary.roll",
        lang,
        households=households(roll["households"].sum(), lang),
        people=count("people", roll["persons"].sum(), lang),
        towns=count("towns", roll["township"].nunique(), lang),
    )
    yield say(
        "summary.drawn",
        lang,
        villages=count("villages", len(drawn), lang),
        certain=count("villages", drawn["certainty"].sum(), lang),
        households=households(drawn["m"].sum(), lang),
    )


def three_errors(office: Office) -> tuple[Grid, ...]:
    """Wrongly kept, removed and left out, with their intervals; nothing where none is estimated."""
    lang = office.lang
    rows = [(name, _cells(office, parameters)) for name, parameters in ERRORS.items()]
    if not any(any(cells) for _, cells in rows):
        return ()
    nothing = text("reports.estimated.not_estimated", lang)
    return (
        Grid(
            caption=say("summary.errors.caption", lang),
            columns=tuple(
                say(f"summary.errors.{name}", lang) for name in ("error", "households", "people", "yuan")
            ),
            rows=tuple(
                (say(f"summary.errors.{name}", lang), *(cell or nothing for cell in cells))
                for name, cells in rows
            ),
            numeric=(1, 2, 3),
            note=say("summary.errors.note", lang),
            widths=(2, 3, 3, 4),
        ),
    )


def _cells(office: Office, parameters: tuple[str, ...]) -> list[str]:
    """Each quantity with its interval, empty where it is not estimated."""
    found = (estimate_row(office.report.data, name) for name in parameters)
    return [
        ""
        if row is None or row[["estimate", "low", "high"]].isna().any()
        else say(
            "summary.errors.cell",
            office.lang,
            number=whole(row["estimate"]),
            low=whole(row["low"]),
            high=whole(row["high"]),
        )
        for row in found
    ]


def problems(office: Office) -> Iterator[str]:
    """What village forms say went wrong, as far as the figures show it."""
    lang, forms = office.lang, office.facts.procedures
    seen = int(forms["villages"].sum())
    if not seen:
        yield say("problems.no_forms", lang)
        return
    sums = {name: int(forms[name].sum()) for name in ("posted", "meetings", "files", "blank", "against")}
    lacking = {name: seen - sums[name] for name in ("posted", "meetings", "files")}
    lacking |= {"blank": sums["blank"]}
    yield say("problems.seen", lang, villages=count("villages", seen, lang))
    for name, number in lacking.items():
        if number:
            yield say(f"problems.{name}", lang, villages=count("villages", number, lang))
    if not any(lacking.values()):
        yield say("problems.none", lang)
    if sums["against"]:
        asked = count("residents", forms["neighbours"].sum(), lang)
        yield say("problems.against", lang, asked=asked, against=count("residents", sums["against"], lang))
