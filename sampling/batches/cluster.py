"""The same batch on the machines of a Dask cluster: jobs run there, and this machine puts in place."""

import atexit
import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from distributed import Client, as_completed

from sampling.batches.batch import Outcome, attempt, limits_of
from sampling.batches.jobs import Job, NotebookJob
from sampling.batches.kernels import Kernels
from sampling.batches.owed import NOTEBOOK, Request, jobs_of, notebook_jobs
from sampling.campaign import open_campaign
from sampling.words import InputError, Problem, text

TLS = "tls"
SECONDS_TO_ANSWER = 20
LOST_WORKERS = 5
"""How many workers a job may lose before it counts as failed: it may be the job that ends them."""


def outcomes_on(address: str, jobs: Sequence[Job]) -> Iterator[tuple[Job, Outcome]]:
    """Run jobs on a cluster; each as it is done.

    Parameters
    ----------
    address
        Of the scheduler: tls://HOST:PORT, or tcp:// on this machine itself.
    jobs
        Their campaigns' folders must lie at the same paths on every worker.

    Raises
    ------
    InputError
        If the address is open to others without TLS, nobody answers there, or a worker lacks a folder.
    """
    refuse_open(address)
    try:
        client = Client(address, timeout=SECONDS_TO_ANSWER)
    except (OSError, ValueError) as error:
        raise InputError([Problem(key="batches.no_cluster", value=f"{address}: {error}"[:200])]) from None
    with client:
        _refuse_blind(client, jobs)
        limits = limits_of(jobs)
        futures = {
            client.submit(_attempt_there, _order(job), limits, pure=False, retries=LOST_WORKERS): job
            for job in jobs
        }
        for future in as_completed(futures):
            yield futures.pop(future), _outcome(future)
            future.release()


def refuse_open(address: str) -> None:
    """Refuse an address that sends people's data over a network unencrypted.

    Raises
    ------
    InputError
        If it is neither tls:// nor on this machine itself.
    """
    place = urlsplit(address if "://" in address else f"tcp://{address}")
    if place.scheme != TLS and not _is_here(place.hostname or ""):
        raise InputError([Problem(key="batches.open_cluster", value=address)])


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refuse_blind(client: Client, jobs: Sequence[Job]) -> None:
    """Refuse workers that do not see a campaign's folder."""
    folders = sorted({str(job.campaign.folder) for job in jobs})
    lacking = [
        Problem(key="batches.blind_worker", value=folder, fields={"worker": worker})
        for folder in folders
        for worker, sees in client.run(_sees, folder).items()
        if not sees
    ]
    if lacking:
        raise InputError(lacking)


def _sees(folder: str) -> bool:
    return Path(folder, "campaign.toml").exists()


@cache
def _kernels_here(seconds: float, megabytes: float) -> Kernels:
    """The kernels of this worker, ended with it."""
    kernels = Kernels(seconds=seconds, megabytes=megabytes)
    atexit.register(kernels.close)
    return kernels


@dataclass(frozen=True, kw_only=True)
class Order:
    """A job as it is sent: what to make, without the tables; `inputs` must be the same there."""

    folder: str
    lang: str
    facts: str
    name: str
    inputs: str
    request: Request | None


def _order(job: Job) -> Order:
    return Order(
        folder=str(job.campaign.folder),
        lang=job.lang,
        facts=job.facts,
        name=job.name_of(job.marked),
        inputs=job.inputs,
        request=job.request if isinstance(job, NotebookJob) and job.kind == NOTEBOOK else None,
    )


def _attempt_there(order: Order, limits: dict[str, float]) -> Outcome:
    """Make a job on a worker, out of the folder as the worker sees it."""
    if order.request is None:
        job = _jobs_there(order.folder, order.lang, order.facts)[order.name]
    else:
        (job,) = notebook_jobs(open_campaign(order.folder, lang=order.lang), [order.request])
    if job.inputs != order.inputs:
        return Outcome(made=None, seconds=0.0, message=text("batches.other_version", order.lang))
    return attempt(job, _kernels_here(**limits))


@lru_cache(maxsize=4)
def _jobs_there(folder: str, lang: str, facts: str) -> Mapping[str, Job]:
    """The jobs of a campaign by the name of their files; `facts` makes a changed campaign another one."""
    jobs = jobs_of(open_campaign(folder, lang=lang), lang)
    return {job.name_of(job.marked): job for job in jobs}


def _outcome(future: object) -> Outcome:
    """What came of a job; a cluster that lost it too often says so."""
    error = future.exception()  # type: ignore[attr-defined]
    if error is None:
        return future.result()  # type: ignore[attr-defined]
    return Outcome(made=None, seconds=0.0, message=f"{type(error).__name__}: {error}"[:500])
