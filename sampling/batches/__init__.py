"""Everything a campaign owes in one run: notebooks and documents, in parallel, whole or not at all."""

from sampling.batches.batch import run_batch, run_reports
from sampling.batches.jobs import Request
from sampling.batches.making import make_reports
from sampling.batches.owed import REPORTS, ReportKind, jobs_of, notebook_jobs
from sampling.batches.record import BatchResult, ReportRun, read_batch

__all__ = [
    "REPORTS",
    "BatchResult",
    "ReportKind",
    "ReportRun",
    "Request",
    "jobs_of",
    "make_reports",
    "notebook_jobs",
    "read_batch",
    "run_batch",
    "run_reports",
]
