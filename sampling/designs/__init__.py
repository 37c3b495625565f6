"""What shall be drawn: rates and bounds from `campaign.toml`, sizes of every stratum, probabilities."""

from sampling.designs.chances import chance_notes, with_chances
from sampling.designs.design import (
    DRAWN_BEFORE,
    RANDOM_SIZE,
    SIZED,
    UNEQUAL,
    Allocation,
    Design,
    Selection,
    SizeRule,
    rate_text,
)
from sampling.designs.groups import household_rule, stratum_of, substratum_of
from sampling.designs.probabilities import Inclusion, calibrate, in_scope_chance, inclusion, lambdas, pairs
from sampling.designs.reading import read_design
from sampling.designs.sizes import ROUND, expected_size, rounded_by, size
from sampling.designs.strata import design_notes, stratum_sizes

__all__ = [
    "DRAWN_BEFORE",
    "RANDOM_SIZE",
    "ROUND",
    "SIZED",
    "UNEQUAL",
    "Allocation",
    "Design",
    "Inclusion",
    "Selection",
    "SizeRule",
    "calibrate",
    "chance_notes",
    "design_notes",
    "expected_size",
    "household_rule",
    "in_scope_chance",
    "inclusion",
    "lambdas",
    "pairs",
    "rate_text",
    "read_design",
    "rounded_by",
    "size",
    "stratum_of",
    "stratum_sizes",
    "substratum_of",
    "with_chances",
]
