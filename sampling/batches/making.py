"""The report step: every report of a campaign, with a bar on a terminal, and a sentence at the end."""

from sampling.batches.batch import run_reports
from sampling.campaign import Campaign, Done, progress_shown


def make_reports(campaign: Campaign) -> tuple[Done, int]:
    """Make the reports of a campaign in its reader's language.

    Returns
    -------
    done, failed
        What to say, and how many reports failed.

    Raises
    ------
    InputError
        If a step before is not done.
    """
    with progress_shown() as tell:
        result = run_reports(campaign, on_progress=lambda _, done, total: tell(done, total))
    return Done(key="reports.done", fields=result.counts, files=(result.folder,)), result.failed
