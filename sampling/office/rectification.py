"""限期整改通知书: what a town has to put right, in which villages and for whom, and by when."""

from collections.abc import Iterator

import pandas as pd

from sampling.campaign.followup import BLANK, PROCEDURE
from sampling.codes import label
from sampling.documents.model import RESTRICTED, Document, Grid, Paragraph, Part
from sampling.office.office import Office
from sampling.office.parts import addressed, numbered, paragraphs, say, signature
from sampling.office.people import CHANGES, CHECK, DROPPED, ENTITLED, Household, day_words, households_of
from sampling.reports.figures import count, listing, whole
from sampling.words import text

TO_HANDLE = (*CHANGES, CHECK, ENTITLED)


def rectification(office: Office) -> Document | None:
    """The notice to a town; none where there is nothing to put right."""
    faults, households = _faults_here(office), _to_handle(office)
    if faults.empty and not households:
        return None
    return Document(
        title=_say("title", office.lang),
        lang=office.lang,
        tier=RESTRICTED,
        marks=office.marks(RESTRICTED, draft=True),
        parts=(*_parts(office, faults, households), *signature(office)),
    )


def _faults_here(office: Office) -> pd.DataFrame:
    """What is wrong in the place's villages: rows of `Office.problems`."""
    return office.problems[office.problems["kind"] == PROCEDURE]


def _to_handle(office: Office) -> list[Household]:
    return [one for kind in TO_HANDLE for one in households_of(office, kind) if one.decision != DROPPED]


def _parts(office: Office, faults: pd.DataFrame, households: list[Household]) -> Iterator[Part]:
    lang = office.lang
    yield addressed(office)
    yield Paragraph(words=_say("intro", lang))
    yield numbered(1, _say("procedures", lang), lang)
    yield Paragraph(words=_forms(office, faults))
    if len(faults):
        yield _faults(faults, lang)
    yield numbered(2, _say("households", lang), lang)
    yield Paragraph(words=_counted(households, lang))
    if households:
        yield _households(households, office)
    yield numbered(3, _say("demands", lang), lang)
    yield from paragraphs([_deadline(office), *_demands(faults, households, lang)])


def _forms(office: Office, faults: pd.DataFrame) -> str:
    """How many villages are known at all: where no form came back, nobody can say that all is well."""
    seen = int(office.facts.procedures["villages"].sum())
    if not seen:
        return say("problems.no_forms", office.lang)
    key = "seen" if len(faults) else "no_faults"
    return _say(key, office.lang, villages=count("villages", seen, office.lang))


def _counted(households: list[Household], lang: str) -> str:
    """How many households there are to deal with, by what is recommended."""
    if not households:
        return _say("no_households", lang)
    numbers = {kind: sum(one.verdict == kind for one in households) for kind in TO_HANDLE}
    parts = [
        text("reports.figure.part", lang, label=label("verdict", kind, lang), number=whole(number))
        for kind, number in numbers.items()
        if number
    ]
    return _say(
        "counted", lang, households=count("households", len(households), lang), parts=listing(parts, lang)
    )


def _deadline(office: Office) -> str:
    told = office.campaign.settings.followup
    if told.deadline is None:
        return _say("within", office.lang, days=told.days)
    return _say("until", office.lang, date=day_words(told.deadline.isoformat(), office.lang))


def _demands(faults: pd.DataFrame, households: list[Household], lang: str) -> Iterator[str]:
    """What is asked for, as far as there is occasion for it."""
    blank = faults["what"] == BLANK
    if blank.any():
        yield _say("blank", lang)
    if not blank.all():
        yield _say("put_right", lang)
    if households:
        yield _say("decide", lang)
    yield _say("reply", lang)
    yield _say("again", lang)


def _faults(faults: pd.DataFrame, lang: str) -> Grid:
    names = faults["village_name"].where(faults["village_name"] != "", faults["village"])
    return Grid(
        caption=_say("faults", lang),
        columns=(text("notices.column.village", lang), _say("fault", lang)),
        rows=tuple(
            (str(name), text(f"notices.fault.{fault}", lang))
            for name, fault in zip(names, faults["what"], strict=True)
        ),
        widths=(1, 2),
    )


def _households(households: list[Household], office: Office) -> Grid:
    names = ("village", "household", "name", "verdict", "reason")
    return Grid(
        caption=_say("list", office.lang),
        columns=tuple(text(f"notices.column.{name}", office.lang) for name in names),
        rows=tuple(
            (
                *(one.village, one.number, one.name),
                label("verdict", one.verdict, office.lang),
                office.report.reason(one.reason) if one.reason else "",
            )
            for one in households
        ),
        widths=(2, 2, 3, 2, 3),
    )


def _say(key: str, lang: str, **fields: object) -> str:
    return text(f"notices.rectification.{key}", lang, **fields)
