"""限期整改通知书: what a town has to put right, in which villages and for whom, and by when."""

from collections.abc import Iterator

import pandas as pd

from sampling.campaign.followup import village_faults
from sampling.codes import label
from sampling.documents.model import RESTRICTED, Document, Grid, Paragraph, Part
from sampling.office.office import Office
from sampling.office.parts import addressed, numbered, signature
from sampling.office.people import CHANGES, CHECK, DROPPED, ENTITLED, Household, households_of
from sampling.reports import tables
from sampling.words import text


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
    """What is wrong in the place's villages: township, village, fault, and the village's name."""
    faults = village_faults(office.campaign)
    if office.unit["number"]:
        faults = faults[faults["township"] == office.report.data.township]
    return faults.merge(tables.village_names(office.report)[["village", "name"]], on="village", how="left")


def _to_handle(office: Office) -> list[Household]:
    kinds = (*CHANGES, CHECK, ENTITLED)
    return [one for kind in kinds for one in households_of(office, kind) if one.decision != DROPPED]


def _parts(office: Office, faults: pd.DataFrame, households: list[Household]) -> Iterator[Part]:
    lang = office.lang
    yield addressed(office)
    yield Paragraph(words=_say("intro", lang))
    yield numbered(1, _say("procedures", lang), lang)
    yield _faults(faults, lang) if len(faults) else Paragraph(words=_say("no_faults", lang))
    yield numbered(2, _say("households", lang), lang)
    yield _households(households, office) if households else Paragraph(words=_say("no_households", lang))
    yield numbered(3, _say("demands", lang), lang)
    yield Paragraph(words=_deadline(office))
    yield Paragraph(words=_say("reply", lang))


def _deadline(office: Office) -> str:
    told = office.campaign.settings.followup
    if told.deadline is None:
        return _say("within", office.lang, days=told.days)
    return _say("until", office.lang, date=told.deadline.isoformat())


def _faults(faults: pd.DataFrame, lang: str) -> Grid:
    rows = zip(faults["name"], faults["fault"], strict=True)
    return Grid(
        caption=_say("faults", lang),
        columns=(text("notices.column.village", lang), _say("fault", lang)),
        rows=tuple((str(name), text(f"notices.fault.{fault}", lang)) for name, fault in rows),
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
