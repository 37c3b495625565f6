# ruff: noqa: I001 (the order is that of the line, not of the alphabet)

from .frames import (
    Frame,
    Roll,
    Villages,
    make_frame,
    read_frame,
    read_roll,
    read_villages,
)
from .frames.county import make_county
from .designs import Design, design_notes, read_design, stratum_sizes
from .draws import Sample, draw, make_commit, make_receipt, ticket, verify_draw
from .forms import read_workbook, write_forms, write_workbook
from .findings import Finding, Register, intake
from .estimates import (
    Estimates,
    SurveyData,
    adjust_nonresponse,
    estimate_campaign,
    estimate_mean,
    estimate_ratio,
    estimate_share,
    estimate_total,
    poststratify,
    survey_data,
)
from .campaign import Campaign, open_campaign
from .words import InputError, Problem

__all__ = [
    "Campaign",
    "Design",
    "Estimates",
    "Finding",
    "Frame",
    "InputError",
    "Problem",
    "Register",
    "Roll",
    "Sample",
    "SurveyData",
    "Villages",
    "adjust_nonresponse",
    "design_notes",
    "draw",
    "estimate_campaign",
    "estimate_mean",
    "estimate_ratio",
    "estimate_share",
    "estimate_total",
    "intake",
    "make_commit",
    "make_county",
    "make_frame",
    "make_receipt",
    "open_campaign",
    "poststratify",
    "read_design",
    "read_frame",
    "read_roll",
    "read_villages",
    "read_workbook",
    "stratum_sizes",
    "survey_data",
    "ticket",
    "verify_draw",
    "write_forms",
    "write_workbook",
]
