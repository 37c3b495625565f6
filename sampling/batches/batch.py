"""Every report of a campaign in one run: in parallel, whole or not at all, going on where it was stopped."""

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pandas as pd

from sampling.batches.template import Template, read_template, refuse_undeclared
from sampling.campaign import Campaign
from sampling.campaign.folder import FACTS
from sampling.campaign.status import sha256_of
from sampling.files import json_bytes, write_whole
from sampling.reports.data import ReportData
from sampling.reports.html import inputs_of, notebook_page
from sampling.reports.report import (
    COUNTY,
    PARAMETERS,
    Report,
    report_folder,
    report_on,
    safe_name,
)

BATCH = Path("reports") / "batch.json"
DONE, FAILED, WAITING = "done", "failed", "waiting"
TOWNS = "towns"


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
"""The reports of a campaign. A further one is a notebook and an entry here."""


@dataclass(frozen=True, kw_only=True)
class ReportRun:
    """What became of one report: `cell` is the notebook's cell that failed, counted from 1."""

    report: str
    unit: str
    lang: str
    file: str
    state: str
    made: bool
    seconds: float
    facts: str
    """SHA-256 of the `facts.json` that the report was last held against."""
    cell: int | None = None
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class BatchResult:
    """What became of every report of a run, in the order of the units; `folder` is where they lie."""

    runs: tuple[ReportRun, ...]
    folder: Path

    @property
    def failed(self) -> int:
        """How many reports were not made."""
        return sum(run.state == FAILED for run in self.runs)

    @property
    def counts(self) -> dict[str, int]:
        """Reports that are there (`done`), those made by this run (`made`), and those that failed."""
        made = sum(run.made for run in self.runs)
        return {"done": len(self.runs) - self.failed, "made": made, "failed": self.failed}

    def to_table(self) -> pd.DataFrame:
        """One row per report."""
        return pd.DataFrame([asdict(run) for run in self.runs])

    def __repr__(self) -> str:
        return "BatchResult({done} done, {made} of them made now, {failed} failed)".format(**self.counts)


@dataclass(frozen=True, kw_only=True)
class Job:
    """One report to be made: where it goes and the hash of everything that it is made from."""

    kind: str
    report: Report
    template: Template
    inputs: str
    facts: str

    @property
    def stem(self) -> str:
        return f"{REPORTS[self.kind].file}-{safe_name(self.report.unit['unit'])}"

    @property
    def path(self) -> Path:
        return self.report.folder / f"{self.stem}.html"

    @property
    def parameters(self) -> dict[str, str]:
        """What the notebook is given; the unit by its number, never by a name: parameters become code."""
        place = {"campaign": str(self.report.campaign.folder), "unit": self.report.unit["number"]}
        return place | {"lang": self.report.lang}

    def run(self, state: str, *, made: bool, seconds: float, **failure: Any) -> ReportRun:
        """What became of it."""
        return ReportRun(
            report=self.kind,
            unit=self.report.unit["unit"],
            lang=self.report.lang,
            file=self.path.relative_to(self.report.campaign.folder).as_posix(),
            state=state,
            made=made,
            seconds=round(seconds, 2),
            facts=self.facts,
            **failure,
        )


def run_reports(
    campaign: Campaign,
    *,
    lang: str = "",
    workers: int = 0,
    on_progress: Callable[[ReportRun, int, int], None] | None = None,
) -> BatchResult:
    """Make every report of a campaign as HTML, beside the notebook that made it.

    A report whose page is there and was made from the same inputs (template, parameters, the unit's own
    tables, this package with its catalogues, installed versions) is kept. A report that fails does not
    stop the others. `reports/batch.json` always tells how far the run is.

    Parameters
    ----------
    campaign
        A campaign with estimates.
    lang
        The reader's language; empty for the campaign's own.
    workers
        Notebooks that run side by side; 0 for one more than there are cores.
    on_progress
        Called with each report's result, how many are finished, and how many there are.

    Raises
    ------
    InputError
        If a step before the reports is not done, or a notebook does not declare a parameter.
    """
    lang = lang or campaign.lang
    jobs = list(_jobs(campaign, lang))
    before = read_batch(campaign)
    runs = {job.stem: _kept(job, before) for job in jobs if inputs_of(job.path) == job.inputs}
    open_jobs = [job for job in jobs if job.stem not in runs]
    waiting = {job.stem: job.run(WAITING, made=False, seconds=0) for job in open_jobs}
    _record(campaign, before, waiting | runs)
    for job, run in _finished(open_jobs, workers):
        runs[job.stem] = run
        _record(campaign, before, waiting | runs)
        if on_progress:
            on_progress(run, len(runs), len(jobs))
    folder = report_folder(campaign, lang)
    return BatchResult(runs=tuple(runs[job.stem] for job in jobs), folder=folder)


def read_batch(campaign: Campaign) -> dict[str, dict]:
    """What `reports/batch.json` says of each report, by its file; empty where nothing was run yet."""
    path = campaign.folder / BATCH
    reports = json.loads(path.read_text(encoding="utf-8"))["reports"] if path.exists() else []
    return {report["file"]: report for report in reports}


def _record(campaign: Campaign, before: Mapping[str, dict], runs: Mapping[str, ReportRun]) -> None:
    now = {run.file: asdict(run) for run in runs.values()}
    reports = [entry for _, entry in sorted((dict(before) | now).items())]
    write_whole(campaign.folder / BATCH, json_bytes({"reports": reports}))


def _kept(job: Job, before: Mapping[str, dict]) -> ReportRun:
    file = job.path.relative_to(job.report.campaign.folder).as_posix()
    return job.run(DONE, made=False, seconds=before.get(file, {}).get("seconds", 0.0))


def _jobs(campaign: Campaign, lang: str) -> Iterator[Job]:
    county = ReportData(campaign=campaign)
    facts = sha256_of(campaign.folder / FACTS)
    told = [campaign.id, ",".join(campaign.marks), campaign.commit()["frame_sha256"]]  # on every page
    shared = [source_hash(), *installed_versions(), lang, *told]
    for kind, entry in REPORTS.items():
        template = read_template(entry.notebook)
        refuse_undeclared(template, PARAMETERS)
        for unit in [""] if entry.places == COUNTY else campaign.units()["number"]:
            report = report_on(county, entry.notebook, unit=unit, lang=lang)
            inputs = [*shared, template.content, *report.unit.values(), report.data.fingerprint()]
            digest = hashlib.sha256("\x1f".join(inputs).encode("utf-8")).hexdigest()
            yield Job(kind=kind, report=report, template=template, inputs=digest, facts=facts)


@cache
def source_hash() -> str:
    """SHA-256 over this package: its code, its catalogues and its style."""
    folder = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".py", ".toml", ".css"):
            digest.update(path.relative_to(folder).as_posix().encode("utf-8") + b"\0" + path.read_bytes())
    return digest.hexdigest()


@cache
def installed_versions() -> tuple[str, ...]:
    """Python and every installed distribution with its version: an upgrade makes every report again."""
    packages = {f"{package.metadata['Name']}=={package.version}" for package in distributions()}
    return (sys.version, *sorted(packages))


def _finished(jobs: Sequence[Job], workers: int) -> Iterator[tuple[Job, ReportRun]]:
    if not jobs:
        return
    from sampling.batches.kernels import kernel_managers  # a run that makes nothing starts nothing

    workers = workers or (os.cpu_count() or 1) + 1  # one more: a kernel that starts or ends mostly waits
    with kernel_managers() as manager, ThreadPoolExecutor(workers) as pool:
        pending = {pool.submit(_make, job, manager): job for job in jobs}
        try:
            for future in as_completed(pending):
                yield pending[future], future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _make(job: Job, manager: type) -> ReportRun:
    """Run one notebook and write its page; whatever goes wrong stays with this report."""
    from sampling.batches import execution  # papermill takes two seconds to import

    start = time.monotonic()
    try:
        notebook = execution.execute(job.template, job.parameters, manager)
        page = notebook_page(notebook, title=job.report.title, lang=job.report.lang, inputs=job.inputs)
        write_whole(job.path.with_suffix(".ipynb"), json_bytes(notebook))
        write_whole(job.path, page)
    except Exception as error:
        job.path.unlink(missing_ok=True)  # an older page would show figures that no longer hold
        cell, message = execution.failure(job.template, error)
        return job.run(FAILED, made=False, seconds=time.monotonic() - start, cell=cell, message=message)
    return job.run(DONE, made=True, seconds=time.monotonic() - start)
