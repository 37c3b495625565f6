"""What the findings say about the whole roll."""

from sampling.estimates.estimate import (
    Estimates,
    estimate_mean,
    estimate_ratio,
    estimate_share,
    estimate_total,
)
from sampling.estimates.intervals import INTERVALS
from sampling.estimates.rollup import estimate_campaign
from sampling.estimates.survey import SurveyData, survey_data
from sampling.estimates.weights import adjust_nonresponse, poststratify

__all__ = [
    "INTERVALS",
    "Estimates",
    "SurveyData",
    "adjust_nonresponse",
    "estimate_campaign",
    "estimate_mean",
    "estimate_ratio",
    "estimate_share",
    "estimate_total",
    "poststratify",
    "survey_data",
]
