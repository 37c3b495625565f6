"""Every sentence, label and column title that a person reads, in Chinese and English."""

from sampling.words.errors import REFUSED, REPORTED, InputError, Problem, refuse_if_any
from sampling.words.text import LANGUAGES, catalogue, fold, text

__all__ = [
    "LANGUAGES",
    "REFUSED",
    "REPORTED",
    "InputError",
    "Problem",
    "catalogue",
    "fold",
    "refuse_if_any",
    "text",
]
