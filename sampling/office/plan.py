"""核查工作方案: how the campaign is to be done, out of `campaign.toml` and the committed roll."""

from collections.abc import Iterator

from sampling.documents.model import INTERNAL, Document, Paragraph, Part
from sampling.draws.rules import rules
from sampling.office.office import Office
from sampling.office.parts import chapter, grid_of, paragraphs, say, signature
from sampling.reports import tables
from sampling.reports.figures import count, households

CONTENTS = ("meeting", "neighbours", "home", "files", "outcomes")
"""What teams do in each village, and what becomes of a household that was not met."""
DISCIPLINE = ("two", "conflict", "gifts", "secrecy")
AFTERWARDS = ("due", "decision", "misconduct")


def plan(office: Office) -> Document:
    """The plan of a campaign; who, when and where stay open where the settings do not say."""
    lang = office.lang
    return Document(
        title=say("plan.title", lang),
        lang=lang,
        tier=INTERNAL,
        marks=office.marks(INTERNAL, draft=True),
        parts=(*_parts(office), *signature(office)),
    )


def _parts(office: Office) -> Iterator[Part]:
    lang = office.lang
    yield chapter(1, "plan.purpose", lang)
    yield from paragraphs([say("plan.purpose_words", lang), _scope(office)])
    yield chapter(2, "plan.method", lang)
    yield from paragraphs([*rules(office.campaign.design, lang), say("plan.draw", lang), _expected(office)])
    yield from grid_of(tables.plan(office.report))
    yield chapter(3, "plan.contents", lang)
    yield from paragraphs(say(f"plan.content.{name}", lang) for name in CONTENTS)
    yield chapter(4, "plan.people", lang)
    yield _teams(office)
    yield from paragraphs(say(f"plan.discipline.{name}", lang) for name in DISCIPLINE)
    yield chapter(5, "plan.calendar", lang)
    yield _calendar(office)
    yield chapter(6, "plan.results", lang)
    yield from paragraphs(say(f"plan.after.{name}", lang) for name in AFTERWARDS)


def _scope(office: Office) -> str:
    strata = office.report.data.strata
    return say(
        "plan.scope",
        office.lang,
        households=households(strata["households"].sum(), office.lang),
        villages=count("villages", strata["N"].sum(), office.lang),
        towns=count("towns", strata["township"].nunique(), office.lang),
    )


def _expected(office: Office) -> str:
    strata = office.report.data.strata
    visits = households(strata["expected_visits"].astype(float).sum(), office.lang)
    return say("plan.expected", office.lang, households=visits)


def _teams(office: Office) -> Paragraph:
    """How long a day is, and that teams are named in a list of their own."""
    limits = office.campaign.settings.visits.limits
    day = {name: f"{limits.get(name, usual):g}" for name, usual in (("hours", 8), ("km", 150))}
    return Paragraph(words=say("plan.teams", office.lang, **day))


def _calendar(office: Office) -> Paragraph:
    limits = office.campaign.settings.visits.limits
    if "start" not in limits or "end" not in limits:
        return Paragraph(words=say("plan.calendar_open", office.lang))
    days = {name: limits[name].isoformat() for name in ("start", "end")}
    return Paragraph(words=say("plan.calendar_set", office.lang, **days))
