"""What was drawn, and how anybody can redo it: tickets, samples, receipts, the log of attempts."""

from sampling.draws.commit import make_commit, refuse_late_commit
from sampling.draws.log import append_entry, check_log
from sampling.draws.methods import METHODS
from sampling.draws.receipt import make_receipt, verify_draw, verify_unit
from sampling.draws.sample import SAMPLE_COLUMNS, Sample, draw, list_notes
from sampling.draws.tickets import check_seed, ticket, ticket_maker

__all__ = [
    "METHODS",
    "SAMPLE_COLUMNS",
    "Sample",
    "append_entry",
    "check_log",
    "check_seed",
    "draw",
    "list_notes",
    "make_commit",
    "make_receipt",
    "refuse_late_commit",
    "ticket",
    "ticket_maker",
    "verify_draw",
    "verify_unit",
]
