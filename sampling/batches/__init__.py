"""Everything a campaign owes in one run: notebooks and documents, in parallel, whole or not at all."""

from sampling.batches.batch import REPORTS, BatchResult, ReportKind, ReportRun, read_batch, run_reports
from sampling.batches.making import make_reports

__all__ = ["REPORTS", "BatchResult", "ReportKind", "ReportRun", "make_reports", "read_batch", "run_reports"]
