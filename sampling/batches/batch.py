"""Everything that campaigns owe in one run: in parallel, whole or not at all, going on where it stopped."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

from sampling.batches.checking import Guard
from sampling.batches.exports import log_exports
from sampling.batches.jobs import Job, JobFailedError, Made
from sampling.batches.kernels import Kernels
from sampling.batches.owed import jobs_of
from sampling.batches.record import DONE, FAILED, WAITING, BatchResult, ReportRun, read_batch, write_batch
from sampling.campaign import Campaign
from sampling.campaign.folder import REPORTS
from sampling.documents.model import RESTRICTED
from sampling.files import write_whole

Progress = Callable[[ReportRun, int, int], None]
FAILED_FOLDER = ".failed"
PRIVATE = 0o700
"""Folders with names in them are their owner's only, where the system knows such a thing."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a job came to: what it made, or why it failed; and the seconds it took."""

    made: Made | None
    seconds: float
    cell: int | None = None
    message: str = ""
    notebook: bytes = b""


@dataclass(kw_only=True)
class Ledger:
    """The runs of one campaign while its batch goes on; `batch.json` always tells how far it is."""

    campaign: Campaign
    jobs: Sequence[Job]
    before: Mapping[str, dict] = field(default_factory=dict)
    runs: dict[str, ReportRun] = field(default_factory=dict)

    def open_jobs(self) -> list[Job]:
        """The jobs that are not made yet; those that are go into the record as they are."""
        self.before = read_batch(self.campaign)
        for job in self.jobs:
            told = self.before.get(job.name_of(job.marked), {})
            if job.is_made(told):
                suffixes = job.suffixes if job.marked.exists() else ()
                seconds = told.get("seconds", 0.0)
                self.add(job, job.run(DONE, made=False, seconds=seconds, suffixes=suffixes))
        waiting = [job for job in self.jobs if job.name_of(job.marked) not in self.runs]
        for job in waiting:
            self.add(job, job.run(WAITING, made=False, seconds=0, suffixes=()))
        self.write()
        return waiting

    def add(self, job: Job, run: ReportRun) -> None:
        """What became of a job."""
        self.runs[job.name_of(job.marked)] = run

    def write(self) -> None:
        """Write `batch.json`."""
        write_batch(self.campaign, dict(self.before), self.runs.values())

    def result(self) -> BatchResult:
        """What became of all jobs."""
        runs = tuple(self.runs[job.name_of(job.marked)] for job in self.jobs)
        return BatchResult(runs=runs, folder=self.campaign.folder / REPORTS)


def run_reports(
    campaign: Campaign, *, lang: str = "", workers: int = 0, on_progress: Progress | None = None
) -> BatchResult:
    """Everything that one campaign owes, in one language; see `run_batch`."""
    jobs = list(jobs_of(campaign, lang or campaign.lang))
    return run_batch([campaign], jobs, workers=workers, on_progress=on_progress)[0]


def run_batch(
    campaigns: Sequence[Campaign],
    jobs: Sequence[Job],
    *,
    workers: int = 0,
    cluster: str = "",
    on_progress: Progress | None = None,
) -> list[BatchResult]:
    """Make what is to be made, side by side.

    A job whose files are there, made from the same, is kept. One that fails does not stop the others; its
    older files are removed, since their figures no longer hold; what it was is kept in `reports/.failed/`.
    What was made is read back and looked through before it is put in place.

    Parameters
    ----------
    campaigns
        Whose jobs these are.
    jobs
        What `jobs_of` and `notebook_jobs` give.
    workers
        Jobs that run side by side; 0 for one more than there are cores.
    cluster
        The address of a Dask scheduler that runs them; empty for this machine.
    on_progress
        Called with each report's result, how many are finished, and how many there are.

    Returns
    -------
    results
        One for each campaign, in order.
    """
    ledgers = {
        campaign.folder: Ledger(
            campaign=campaign, jobs=[job for job in jobs if job.campaign.folder == campaign.folder]
        )
        for campaign in campaigns
    }
    guards = {campaign.folder: Guard(campaign) for campaign in campaigns}
    waiting = [job for ledger in ledgers.values() for job in ledger.open_jobs()]
    number, placed = len(jobs) - len(waiting), []
    for job, outcome in _outcomes(waiting, workers, cluster):
        ledger = ledgers[job.campaign.folder]
        run = finish(job, outcome, guards[job.campaign.folder])
        ledger.add(job, run)
        ledger.write()
        placed.append((job, run))
        number += 1
        if on_progress:
            on_progress(run, number, len(jobs))
    for campaign in campaigns:
        log_exports(campaign, [run for job, run in placed if job.campaign.folder == campaign.folder])
    return [ledger.result() for ledger in ledgers.values()]


def _outcomes(jobs: Sequence[Job], workers: int, cluster: str) -> Iterator[tuple[Job, Outcome]]:
    if not jobs:
        return  # a run that makes nothing starts nothing
    if cluster:
        from sampling.batches.cluster import outcomes_on  # distributed is an extra

        yield from outcomes_on(cluster, jobs)
        return
    workers = workers or (os.cpu_count() or 1) + 1  # one more: a kernel that starts or ends mostly waits
    kernels = Kernels(**limits_of(jobs))
    try:
        with ThreadPoolExecutor(workers) as pool:
            pending = {pool.submit(attempt, job, kernels): job for job in jobs}
            try:
                for future in as_completed(pending):
                    yield pending.pop(future), future.result()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
    finally:
        kernels.close()


def limits_of(jobs: Sequence[Job]) -> dict[str, float]:
    """How long a notebook may run and what memory it may take: the widest limits of these campaigns."""
    settings = [job.campaign.settings.reports for job in jobs]
    return {name: max(one[name] for one in settings) for name in ("seconds", "megabytes")}


def attempt(job: Job, kernels: Kernels) -> Outcome:
    """Make one job; whatever goes wrong stays with it."""
    start = time.monotonic()
    try:
        made = job.make(kernels)
    except JobFailedError as error:
        seconds = time.monotonic() - start
        return Outcome(
            made=None, seconds=seconds, cell=error.cell, message=str(error), notebook=error.notebook
        )
    except Exception as error:
        message = f"{type(error).__name__}: {error}"[:500]
        return Outcome(made=None, seconds=time.monotonic() - start, message=message)
    return Outcome(made=made, seconds=time.monotonic() - start)


def finish(job: Job, outcome: Outcome, guard: Guard) -> ReportRun:
    """Look through what a job made and put it in place, the file that carries its hash last."""
    made, wrong = outcome.made, ""
    if made is not None:
        wrong = guard.problem(job, made)
    if made is None or wrong:
        return _failed(job, outcome, guard.harmless(wrong or outcome.message))
    for suffix in job.suffixes:
        if suffix not in made.files:
            job.path(suffix).unlink(missing_ok=True)  # the place owed one, and owes none any more
    if job.tier == RESTRICTED:
        job.marked.parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    for suffix, data in made.files.items():
        write_whole(job.path(suffix), data)
    return job.run(DONE, made=True, seconds=outcome.seconds, suffixes=tuple(made.files))


def _failed(job: Job, outcome: Outcome, message: str) -> ReportRun:
    for suffix in reversed(job.suffixes):
        job.path(suffix).unlink(missing_ok=True)  # older figures would no longer hold
    kept = {".ipynb": outcome.notebook} if outcome.made is None else outcome.made.files
    folder = job.campaign.folder / REPORTS / FAILED_FOLDER / job.lang
    folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    folder.parent.chmod(PRIVATE)
    for suffix, data in kept.items():
        if data:
            write_whole(folder / f"{job.stem}{suffix}", data)
    return job.run(
        FAILED, made=False, seconds=outcome.seconds, suffixes=(), cell=outcome.cell, message=message
    )
