"""What a campaign owes: which notebooks and documents, for which places, and what each is made from."""

import hashlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distributions
from pathlib import Path

from sampling.batches.jobs import Job, NotebookJob, OfficeJob, Request, digest, stem_of
from sampling.batches.template import read_template, refuse_other_kinds, refuse_undeclared
from sampling.campaign import Campaign
from sampling.campaign.folder import FACTS
from sampling.campaign.status import made_from, sha256_of
from sampling.documents.model import INTERNAL
from sampling.office.kinds import COUNTY, OFFICE, TOWNS
from sampling.office.office import Office, open_office
from sampling.reports.data import ReportData
from sampling.reports.report import PARAMETERS, report_on
from sampling.words import InputError, Problem

NOTEBOOK = "notebook"
"""The kind of a notebook that is no report of every campaign."""
NOTEBOOK_FILES = (".ipynb", ".pdf", ".html")


@dataclass(frozen=True, kw_only=True)
class ReportKind:
    """A notebook, the places it is made for (TOWNS or COUNTY), and how its files begin."""

    notebook: str
    places: str
    file: str = "report"


REPORTS = {
    "report_county": ReportKind(notebook="61_report_county", places=COUNTY),
    "report_town": ReportKind(notebook="60_report_town", places=TOWNS),
}
"""The notebook reports of a campaign. A further one is a notebook and an entry here."""


def jobs_of(campaign: Campaign, lang: str) -> Iterator[Job]:
    """Everything that a campaign owes in one language.

    Raises
    ------
    InputError
        If a step before the reports is not done, or something came back since the estimates.
    """
    if campaign.facts()["made_from"] != made_from(campaign):
        raise InputError([Problem(key="batches.stale", file=FACTS)])
    yield from _report_jobs(campaign, lang)
    yield from _office_jobs(campaign, lang)


def _report_jobs(campaign: Campaign, lang: str) -> Iterator[NotebookJob]:
    county, shared = ReportData(campaign=campaign), _shared(campaign)
    for kind, entry in REPORTS.items():
        for unit in [""] if entry.places == COUNTY else campaign.units()["number"]:
            request = Request(notebook=entry.notebook, unit=unit, lang=lang)
            yield _notebook_job(county, request, kind, entry.file, shared)


def notebook_jobs(campaign: Campaign, requests: Iterable[Request]) -> list[NotebookJob]:
    """Any notebooks with any parameters, as jobs for `run_batch`.

    Parameters
    ----------
    campaign
        A campaign with estimates.
    requests
        The notebook's name (as in `notebooks/`), the unit by number or name (empty: the county), the language
        (empty: the campaign's), and further parameters that the notebook declares.

    Raises
    ------
    InputError
        If a notebook does not declare a parameter, or another kind of value; if there is no such unit.
    """
    shared = _shared(campaign)
    county = ReportData(campaign=campaign)
    return [_notebook_job(county, request, NOTEBOOK, request.notebook, shared) for request in requests]


def _notebook_job(
    county: ReportData, request: Request, kind: str, begin: str, shared: Sequence[str]
) -> NotebookJob:
    campaign, lang = county.campaign, request.lang or county.campaign.lang
    template = read_template(request.notebook)
    refuse_undeclared(template, [*PARAMETERS, *request.more])
    refuse_other_kinds(template, request.more)
    report = report_on(county, request.notebook, unit=request.unit, lang=lang)
    more = [f"{name}={value!r}" for name, value in sorted(request.more.items())]
    own = [lang, template.content, *more, *report.unit.values(), report.data.fingerprint()]
    stem = stem_of(begin, report.unit["unit"])
    return NotebookJob(
        kind=kind,
        campaign=campaign,
        unit=report.unit,
        lang=lang,
        tier=INTERNAL,
        stem=f"{stem}-{digest(more)[:8]}" if more else stem,
        suffixes=NOTEBOOK_FILES,
        inputs=digest([*shared, *own]),
        facts=sha256_of(campaign.folder / FACTS),
        report=report,
        template=template,
        request=request,
    )


def _shared(campaign: Campaign) -> list[str]:
    """What every report is made from: this package, the installed versions, and what stands on every page."""
    told = [campaign.id, ",".join(campaign.marks), campaign.commit()["frame_sha256"]]
    return [source_hash(), *installed_versions(), *told]


def _office_jobs(campaign: Campaign, lang: str) -> Iterator[OfficeJob]:
    county = open_office(campaign, lang=lang)
    towns = [county.of(number) for number in campaign.units()["number"]]
    prints = {id(office): office.fingerprint() for office in (county, *towns)}
    own = campaign.settings.office["template"]
    shared = [*_shared(campaign), lang, sha256_of(campaign.folder / own) if own else ""]
    facts = sha256_of(campaign.folder / FACTS)
    for kind, entry in OFFICE.items():
        for office in [county] if entry.places == COUNTY else towns:
            yield OfficeJob(
                kind=kind,
                campaign=campaign,
                unit=office.unit,
                lang=lang,
                tier=entry.tier,
                stem=_stem(entry.file, entry.of_unit, office),
                suffixes=entry.suffixes,
                inputs=digest([*shared, kind, *map(str, office.unit.values()), prints[id(office)]]),
                facts=facts,
                office=office,
                entry=entry,
            )


def _stem(begin: str, of_unit: bool, office: Office) -> str:
    return stem_of(begin, office.unit["unit"]) if of_unit else begin


@cache
def source_hash() -> str:
    """SHA-256 over this package: its code, its catalogues and its style."""
    folder = Path(__file__).parents[1]
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".py", ".toml", ".css", ".typ"):
            found.update(path.relative_to(folder).as_posix().encode("utf-8") + b"\0" + path.read_bytes())
    return found.hexdigest()


@cache
def installed_versions() -> tuple[str, ...]:
    """Python and every installed distribution with its version: an upgrade makes every report again."""
    packages = {f"{package.metadata['Name']}=={package.version}" for package in distributions()}
    return (sys.version, *sorted(packages))
