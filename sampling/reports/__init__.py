"""What people read in notebooks: the parts of a report about one campaign, one town or the county."""

from sampling.reports import ceremony, pictures, prose, steps, tables
from sampling.reports.report import Report, ReportRefused, open_report

__all__ = ["Report", "ReportRefused", "ceremony", "open_report", "pictures", "prose", "steps", "tables"]
