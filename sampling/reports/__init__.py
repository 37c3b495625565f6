"""What people read: notebooks about one campaign, run over every town into pages that stand alone."""

from sampling.reports import ceremony, pictures, prose, steps, tables
from sampling.reports.batch import REPORTS, BatchResult, ReportKind, ReportRun, read_batch, run_reports
from sampling.reports.making import make_reports
from sampling.reports.report import Report, ReportRefused, open_report

__all__ = [
    "REPORTS",
    "BatchResult",
    "Report",
    "ReportKind",
    "ReportRefused",
    "ReportRun",
    "ceremony",
    "make_reports",
    "open_report",
    "pictures",
    "prose",
    "read_batch",
    "run_reports",
    "steps",
    "tables",
]
