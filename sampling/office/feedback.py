"""督查反馈意见: what a town is told of what was found in it, and what it has to do."""

from collections.abc import Iterator

from sampling.documents.model import FOUND, INTERNAL, Document, Paragraph, Part
from sampling.office.office import Office
from sampling.office.parts import addressed, chapter, grid_of, paragraphs, say, signature, without_heading
from sampling.office.summary import problems
from sampling.reports import counts, prose, tables

STEPS = ("decide", "reasons", "rectify", "reply")


def feedback(office: Office) -> Document:
    """The letter to a town."""
    lang = office.lang
    return Document(
        title=say("feedback.title", lang),
        lang=lang,
        tier=INTERNAL,
        marks=office.marks(INTERNAL, draft=True),
        parts=(*_parts(office), *signature(office)),
    )


def _parts(office: Office) -> Iterator[Part]:
    lang, report = office.lang, office.report
    yield addressed(office)
    yield Paragraph(words=say("feedback.intro", lang))
    yield chapter(1, "feedback.found", lang)
    yield from without_heading(prose.found(report))
    yield from without_heading(prose.other_lists(report))
    if counts.number(counts.completed(report.data.roll_visits)):
        yield from grid_of(tables.verdicts(report))
    yield from grid_of(tables.villages(report))
    yield chapter(2, "feedback.procedures", lang)
    yield from paragraphs(problems(office), FOUND)
    yield chapter(3, "feedback.estimated", lang)
    yield from without_heading(prose.estimates(report))
    yield chapter(4, "feedback.steps", lang)
    days = office.campaign.settings.followup.days
    yield from paragraphs(say(f"feedback.step.{name}", lang, days=days) for name in STEPS)
