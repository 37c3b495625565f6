"""The report step: everything that campaigns owe, with a bar on a terminal, and a sentence at the end."""

from collections.abc import Sequence

from sampling.batches.batch import run_batch
from sampling.batches.owed import jobs_of
from sampling.campaign import Campaign, Done, progress_shown


def make_reports(campaigns: Sequence[Campaign], *, cluster: str = "") -> tuple[list[Done], int]:
    """Make what campaigns owe, each in its reader's language.

    Parameters
    ----------
    campaigns
        One or more; their reports run side by side.
    cluster
        The address of a Dask scheduler; empty for this machine.

    Returns
    -------
    done, failed
        What to say of each campaign, and how many reports failed.

    Raises
    ------
    InputError
        If a step before is not done, or the cluster is refused.
    """
    jobs = [job for campaign in campaigns for job in jobs_of(campaign, campaign.lang)]
    with progress_shown() as tell:
        results = run_batch(
            campaigns, jobs, cluster=cluster, on_progress=lambda _, done, total: tell(done, total)
        )
    done = [Done(key="reports.done", fields=result.counts, files=(result.folder,)) for result in results]
    return done, sum(result.failed for result in results)
