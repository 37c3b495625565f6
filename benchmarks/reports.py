"""How long reports take: the batch beside plain papermill, one notebook after the other, in the same run.

python benchmarks/reports.py [CAMPAIGN]

CAMPAIGN is a campaign folder with estimates (never written into); without one the tiny county is made. The
batch makes more than papermill does: pages and PDF, read back and looked through. Times are elapsed ones.
"""

import argparse
import contextlib
import io
import shutil
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import papermill

from sampling.batches import jobs_of, run_batch
from sampling.batches.jobs import Job, NotebookJob
from sampling.campaign import Campaign, open_campaign
from sampling.demo.demo import STEPS, make_demo

PLAIN = 12
"""Notebooks that papermill runs; the batch runs them all."""
AFTER = ("report", "replies", "ledgers", "start")


def elapsed(step: Callable[[], object]) -> float:
    """Seconds that a step takes."""
    start = time.perf_counter()
    with contextlib.redirect_stderr(io.StringIO()):
        step()
    return time.perf_counter() - start


def plain(jobs: list[NotebookJob], folder: Path) -> None:
    """Each notebook by papermill alone, in a kernel of its own, one after the other."""
    for job in jobs:
        out = folder / f"{job.stem}.ipynb"
        papermill.execute_notebook(
            job.template.path, out, dict(job.parameters), kernel_name="python3", progress_bar=False
        )


def made(campaign: Campaign, jobs: list[Job]) -> None:
    """The batch, from nothing."""
    shutil.rmtree(campaign.folder / "reports", ignore_errors=True)
    (result,) = run_batch([campaign], jobs)
    assert result.failed == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("campaign", nargs="?", type=Path)
    given = parser.parse_args().campaign
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "c"
        if given:
            shutil.copytree(given, folder, ignore=shutil.ignore_patterns("reports"))
        else:
            make_demo(folder, size="tiny", villages=None, lang="zh")
            for name in [name for name in STEPS if name not in AFTER]:
                STEPS[name](open_campaign(folder))
        campaign = open_campaign(folder)
        every = list(jobs_of(campaign, campaign.lang))
        notebooks = [job for job in every if isinstance(job, NotebookJob)]
        some = notebooks[:PLAIN]
        batch = elapsed(partial(made, campaign, notebooks)) / len(notebooks)
        alone = elapsed(partial(plain, some, Path(place))) / len(some)
        print(f"papermill, {len(some)} notebooks: {alone:.2f} s each")
        print(f"the batch, {len(notebooks)} notebooks: {batch:.2f} s each")
        print(f"the batch takes {batch / alone:.2f} of plain papermill's time")
        whole = elapsed(partial(made, campaign, every))
        print(f"everything, {len(every)} jobs ({len(notebooks)} notebooks): {whole:.1f} s")
        again = elapsed(lambda: run_batch([campaign], list(jobs_of(campaign, campaign.lang))))
        print(f"again, nothing changed: {again:.1f} s")


if __name__ == "__main__":
    main()
