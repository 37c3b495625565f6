"""What was found: checked findings, the register that only grows, and intake."""

from sampling.findings.finding import Finding, check_row
from sampling.findings.intake import IntakeResult, intake
from sampling.findings.quarantine import problem_names, quarantine_table
from sampling.findings.state import Event
from sampling.findings.store import Head, Register, read_heads, write_head

__all__ = [
    "Event",
    "Finding",
    "Head",
    "IntakeResult",
    "Register",
    "check_row",
    "intake",
    "problem_names",
    "quarantine_table",
    "read_heads",
    "write_head",
]
