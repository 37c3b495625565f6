"""`reports/batch.json`: what became of every report, told while the run goes on."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from sampling.campaign import Campaign
from sampling.campaign.folder import BATCH
from sampling.files import json_bytes, write_whole

DONE, FAILED, WAITING = "done", "failed", "waiting"


@dataclass(frozen=True, kw_only=True)
class ReportRun:
    """What became of one report.

    Attributes
    ----------
    file, files
        The file that carries `inputs`, and all its files, in the campaign's folder; none where the place owes
        no such document.
    inputs
        SHA-256 of everything that it is made from.
    facts
        SHA-256 of the `facts.json` that it was last held against.
    cell
        The notebook's cell that failed, counted from 1.
    """

    report: str
    unit: str
    lang: str
    tier: str
    file: str
    files: tuple[str, ...]
    state: str
    made: bool
    seconds: float
    inputs: str
    facts: str
    cell: int | None = None
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class BatchResult:
    """What became of every report of a campaign, in the order of the units; `folder` is where they lie."""

    runs: tuple[ReportRun, ...]
    folder: Path

    @property
    def failed(self) -> int:
        """How many reports were not made."""
        return sum(run.state == FAILED for run in self.runs)

    @property
    def counts(self) -> dict[str, int]:
        """Reports that are there (`done`), those made by this run (`made`), and those that failed."""
        owed = [run for run in self.runs if run.files or run.state == FAILED]
        made = sum(run.made for run in owed)
        return {"done": len(owed) - self.failed, "made": made, "failed": self.failed}

    def to_table(self) -> pd.DataFrame:
        """One row per report."""
        return pd.DataFrame([asdict(run) for run in self.runs])

    def __repr__(self) -> str:
        return "BatchResult({done} done, {made} of them made now, {failed} failed)".format(**self.counts)


def read_batch(campaign: Campaign) -> dict[str, dict]:
    """What `reports/batch.json` says of each report, by its file; empty where nothing was run yet."""
    path = campaign.folder / BATCH
    reports = json.loads(path.read_text(encoding="utf-8"))["reports"] if path.exists() else []
    return {report["file"]: report for report in reports}


def write_batch(campaign: Campaign, before: dict[str, dict], runs: Iterable[ReportRun]) -> None:
    """Write what is known of every report; what an earlier run said of others stays."""
    told = dict(before) | {run.file: asdict(run) for run in runs}
    reports = [entry for _, entry in sorted(told.items())]
    write_whole(campaign.folder / BATCH, json_bytes({"reports": reports}))
