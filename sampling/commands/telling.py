"""What a command says when it is done or refused, and its exit code."""

import sys
from collections.abc import Sequence

from sampling.campaign import Done
from sampling.words import Problem, text

DONE, REFUSED, USAGE, SOME_FAILED, BUSY = range(5)
SHOWN = 20
"""Problems shown on a terminal; the rest stand in `problems.csv`."""


def tell(done: Done, lang: str) -> int:
    """Print what a step did, what should be looked at, and where its files are."""
    print(text(done.key, lang, **done.fields))
    tell_problems(done.notes, lang, sys.stdout)
    for path in done.files:
        print(f"  {path}")
    return DONE


def tell_problems(problems: Sequence[Problem], lang: str, stream: object) -> None:
    """Print the first problems, and how many more there are."""
    for problem in problems[:SHOWN]:
        print(f"  {problem.to_line(lang)}", file=stream)  # type: ignore[call-overload]
    if len(problems) > SHOWN:
        print("  " + text("cli.more_problems", lang, more=len(problems) - SHOWN), file=stream)  # type: ignore[call-overload]
