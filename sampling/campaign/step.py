"""What a step says when it is done, and where its problems are kept when it is refused."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from sampling.campaign import folder as place
from sampling.files import csv_bytes, write_whole
from sampling.words import InputError, Problem
from sampling.words.errors import COLUMNS


@dataclass(frozen=True, kw_only=True)
class Done:
    """What a step did: a sentence (catalogue key and fields), what to look at, and where things are."""

    key: str
    fields: Mapping[str, object]
    notes: tuple[Problem, ...] = ()
    files: tuple[Path, ...] = ()


@contextmanager
def progress_shown() -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, and nothing elsewhere; it is told how many are done and how many there are."""
    with tqdm(disable=None, leave=False) as bar:

        def tell(done: int, total: int) -> None:
            bar.total, bar.n = total, done
            bar.refresh()

        yield tell


@contextmanager
def refusals_kept(folder: Path, lang: str) -> Iterator[None]:
    """Keep every problem of a refused step in `problems.csv`, then let the refusal go on."""
    try:
        yield
    except InputError as error:
        write_whole(folder / place.PROBLEMS, csv_bytes(problems_table(error.problems, lang)))
        raise


def problems_table(problems: Sequence[Problem], lang: str) -> pd.DataFrame:
    """The problems as the table of `problems.csv`, worded in `lang`."""
    return pd.DataFrame([problem.to_row(lang) for problem in problems], columns=list(COLUMNS))
