"""The synthetic county: a roll, its villages, self-check and hidden truth, without one real person."""

from sampling.frames.county.county import County, make_county

__all__ = ["County", "make_county"]
