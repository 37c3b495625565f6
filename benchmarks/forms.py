"""How long forms take to be made and taken in: the synthetic county's whole campaign, and a team's week.

python benchmarks/forms.py [--size tiny]

Every line is one step in a process that has imported everything; CPU is user + system time.
"""

import argparse
import contextlib
import io
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from sampling.campaign import make_forms, open_campaign, print_papers, take_in
from sampling.demo.demo import STEPS, make_demo
from sampling.forms import drawn_households

BEFORE = ("commit", "draw", "forms", "visits")
TEAM_WEEK = 200
"""Households that a team visits in a week."""


def measured(name: str, households: int, step: Callable[[], object]) -> None:
    """Run a step and print what it took."""
    cpu, wall = time.process_time(), time.perf_counter()
    with contextlib.redirect_stderr(io.StringIO()):
        step()
    spent, passed = time.process_time() - cpu, time.perf_counter() - wall
    print(f"{name:45} {households:6,} households {spent:7.1f} s CPU {passed:7.1f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--size", choices=("tiny", "county"), default="county")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "c"
        make_demo(folder, size=chosen.size, villages=None, lang="zh")
        for name in BEFORE:
            STEPS[name](open_campaign(folder))
        campaign = open_campaign(folder)
        now = datetime.now().astimezone()
        sizes = drawn_households(campaign.issued()).groupby("village", sort=False).size()
        week = list(sizes.index[sizes.cumsum() <= TEAM_WEEK])
        every, own = int(sizes.sum()), int(sizes[week].sum())
        measured("workbooks in both faces, ODK forms", every, partial(make_forms, campaign, now=now))
        measured("papers of a team's week", own, partial(print_papers, campaign, week))
        measured("intake", every, partial(take_in, open_campaign(folder), (), now=now))
        measured(
            "intake of the same files again", every, partial(take_in, open_campaign(folder), (), now=now)
        )


if __name__ == "__main__":
    main()
