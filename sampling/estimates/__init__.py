"""What the findings say about the whole roll."""

from sampling.estimates.agreement import estimate_corrected_share, estimate_kappa
from sampling.estimates.estimate import (
    Estimates,
    estimate_mean,
    estimate_ratio,
    estimate_share,
    estimate_total,
)
from sampling.estimates.intervals import INTERVALS, village_bound
from sampling.estimates.quantiles import estimate_quantile
from sampling.estimates.replicates import Replicates, bootstrap, jackknife
from sampling.estimates.rollup import estimate_campaign
from sampling.estimates.self_check import estimate_self_check, estimate_self_check_reasons
from sampling.estimates.small_areas import SmallAreas, model_areas
from sampling.estimates.survey import SurveyData, survey_data
from sampling.estimates.threelists import estimate_three_errors, join_lists
from sampling.estimates.twophase import estimate_difference, estimate_regression
from sampling.estimates.weights import adjust_nonresponse, calibrate, g_weights, poststratify, rake

__all__ = [
    "INTERVALS",
    "Estimates",
    "Replicates",
    "SmallAreas",
    "SurveyData",
    "adjust_nonresponse",
    "bootstrap",
    "calibrate",
    "estimate_campaign",
    "estimate_corrected_share",
    "estimate_difference",
    "estimate_kappa",
    "estimate_mean",
    "estimate_quantile",
    "estimate_ratio",
    "estimate_regression",
    "estimate_self_check",
    "estimate_self_check_reasons",
    "estimate_share",
    "estimate_three_errors",
    "estimate_total",
    "g_weights",
    "jackknife",
    "join_lists",
    "model_areas",
    "poststratify",
    "rake",
    "survey_data",
    "village_bound",
]
