"""What shall be drawn: rates and bounds from `campaign.toml`, sizes of every stratum."""

from sampling.designs.allocation import design_notes, stratum_of, stratum_sizes
from sampling.designs.design import Design, SizeRule, rate_text, size
from sampling.designs.reading import read_design

__all__ = [
    "Design",
    "SizeRule",
    "design_notes",
    "rate_text",
    "read_design",
    "size",
    "stratum_of",
    "stratum_sizes",
]
