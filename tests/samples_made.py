"""The tiny county's whole set of reports, as `reports/samples/` holds it; run this file to make it anew.

The clock of the demo is set to one day, so that the same set comes out every time.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

from sampling.batches import jobs_of, run_batch
from sampling.campaign import open_campaign
from sampling.demo import demo

SAMPLES = Path(__file__).parent.parent / "reports" / "samples"
KINDS = (".html", ".pdf", ".docx", ".xlsx", ".ics")
DAY = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
"""Noon, so that it is the same day in nearly every zone."""


def make_samples(folder: Path) -> None:
    """Make the tiny county in `folder`, with its reports in both languages."""
    with patch.object(demo, "_now", lambda: DAY):
        for _ in demo.run_demo(folder, size="tiny", villages=None, lang="zh"):
            pass
    english = open_campaign(folder, lang="en")
    (result,) = run_batch([english], list(jobs_of(english, "en")))
    assert result.failed == 0


def sample_files(reports: Path) -> Iterator[Path]:
    """The files of a set, relative to it."""
    for path in sorted(reports.glob("*/*/*")):
        if path.suffix in KINDS:
            yield path.relative_to(reports)


def main() -> None:
    with tempfile.TemporaryDirectory() as made:
        make_samples(Path(made) / "demo")
        reports = Path(made) / "demo" / "reports"
        shutil.rmtree(SAMPLES, ignore_errors=True)
        for name in sample_files(reports):
            (SAMPLES / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(reports / name, SAMPLES / name)


if __name__ == "__main__":
    sys.exit(main())
