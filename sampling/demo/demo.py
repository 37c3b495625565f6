"""The demo: an invented county goes through every step, from roll to reports and a page with four doors."""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal

import pandas as pd

from sampling.campaign import (
    SETTINGS,
    Campaign,
    Done,
    commit_campaign,
    draw_sample,
    estimate_findings,
    make_forms,
    new_campaign,
    open_campaign,
    take_in,
)
from sampling.campaign import folder as place
from sampling.demo.inspectors import correct_forms, fill_forms
from sampling.demo.start import write_start
from sampling.files import read_csv
from sampling.frames import read_villages
from sampling.frames.county import make_county
from sampling.reports import make_reports
from sampling.words import text

SEED = "27182818284590452353"
"""The digits of e, so that everybody gets the same demo; a real campaign throws dice in public."""
COUNTY_SEED = 20260501
FIELD_SEED = 20260601
Size = Literal["tiny", "county"]
Step = tuple[str, Done | None, float]
"""Name of a step, what it did (None where it was done already), and the seconds it took."""
LISTS = {"removed": "source/removed.csv", "refused": "source/refused.csv"}


def make_demo(folder: Path, *, size: Size, villages: str | None, lang: str) -> Done | None:
    """The invented county's files and its `campaign.toml`; None where they are there already.

    Raises
    ------
    InputError
        If the list of villages is refused.
    """
    if (folder / SETTINGS).exists():
        return None
    places = read_villages([villages]).table if villages else None
    make_county(COUNTY_SEED, size=size, villages=places).write(folder)
    return new_campaign(
        folder,
        id="demo-2026",
        roll=[str(folder / "source" / "roll.csv")],
        villages=[str(folder / "source" / "villages.csv")],
        lists={name: str(folder / path) for name, path in LISTS.items()},
        lang=lang,
    )


def _commit(campaign: Campaign) -> Done | None:
    if campaign.has(place.COMMIT):
        return None
    return commit_campaign(campaign.folder, now=_now(), lang=campaign.lang)


def _draw(campaign: Campaign) -> Done | None:
    if campaign.has(place.RECEIPT):
        return None
    event = text("demo.event", campaign.lang)
    return draw_sample(campaign, seed=SEED, event=event, at=_now().isoformat(), witnesses=(), now=_now())


def _forms(campaign: Campaign) -> Done | None:
    return None if campaign.has(place.FORMS) else make_forms(campaign, now=_now())


def _visits(campaign: Campaign) -> Done | None:
    """The invented inspectors fill the very files that the teams would get, with their slips."""
    returned = campaign.folder / place.RETURNED
    if returned.exists():
        return None
    partial = returned.with_name(".returned.partial")
    shutil.rmtree(partial, ignore_errors=True)
    fill_forms(campaign.folder / place.FORMS, partial, _truth(campaign), campaign.sample(), seed=FIELD_SEED)
    partial.rename(returned)
    return Done(key="demo.done.visits", fields={"forms": len(list(returned.iterdir()))}, files=(returned,))


def _now() -> datetime:
    return datetime.now().astimezone()


def _truth(campaign: Campaign) -> pd.DataFrame:
    return read_csv(campaign.folder / "truth" / "households.csv")


def _intake(campaign: Campaign) -> Done:
    return take_in(campaign, (), now=_now())


def _corrections(campaign: Campaign) -> Done:
    """The teams get the quarantine list back, and return most of it corrected."""
    correct_forms(
        campaign.quarantine(),
        campaign.folder / place.FORMS,
        campaign.folder / place.RETURNED,
        _truth(campaign),
        campaign.sample(),
        seed=FIELD_SEED,
    )
    return take_in(campaign, (), now=_now())


def _report(campaign: Campaign) -> Done:
    done, _ = make_reports(campaign)
    return done


def _start(campaign: Campaign) -> Done:
    return Done(key="demo.done.start", fields={}, files=(write_start(campaign, campaign.folder / "truth"),))


STEPS: Mapping[str, Callable[[Campaign], Done | None]] = {
    "commit": _commit,
    "draw": _draw,
    "forms": _forms,
    "visits": _visits,
    "intake": _intake,
    "corrections": _corrections,
    "estimate": estimate_findings,
    "report": _report,
    "start": _start,
}
"""The line of work after the roll, in order; each step does nothing again that is done already."""


def run_demo(folder: Path, *, size: Size, villages: str | None, lang: str) -> Iterator[Step]:
    """Make an invented county in `folder` and take it through every step.

    Yields the name of each step, what it did (None where it was done already) and the seconds it took, so
    that whoever runs the demo can tell it at once. A demo that was killed goes on where it was.

    Raises
    ------
    InputError
        If the list of villages is refused.
    """
    began = time.perf_counter()
    made = make_demo(folder, size=size, villages=villages, lang=lang)
    yield "roll", made, time.perf_counter() - began
    campaign = open_campaign(folder, lang=lang)
    for name, step in STEPS.items():
        began = time.perf_counter()
        yield name, step(campaign), time.perf_counter() - began
