"""The same batch on the machines of a Dask cluster: jobs run there, and this machine puts in place."""

import atexit
import ipaddress
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from distributed import Client, as_completed

from sampling.batches.batch import Outcome, attempt, limits_of
from sampling.batches.jobs import Job
from sampling.batches.kernels import Kernels
from sampling.words import InputError, Problem

TLS = "tls"
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
        client = Client(address, timeout=20)
    except (OSError, ValueError) as error:
        raise InputError([Problem(key="batches.no_cluster", value=f"{address}: {error}"[:200])]) from None
    with client:
        _refuse_blind(client, jobs)
        limits = limits_of(jobs)
        futures = {
            client.submit(_attempt_there, job, limits, pure=False, retries=LOST_WORKERS): job for job in jobs
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


def _attempt_there(job: Job, limits: dict[str, float]) -> Outcome:
    return attempt(job, _kernels_here(**limits))


def _outcome(future: object) -> Outcome:
    """What came of a job; a cluster that lost it too often says so."""
    error = future.exception()  # type: ignore[attr-defined]
    if error is None:
        return future.result()  # type: ignore[attr-defined]
    return Outcome(made=None, seconds=0.0, message=f"{type(error).__name__}: {error}"[:500])
