"""The demo: an invented county goes through every step, from roll to reports and a page with four doors."""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Literal

import pandas as pd

from sampling.batches import make_reports
from sampling.campaign import (
    SETTINGS,
    Campaign,
    Done,
    audit_register,
    commit_campaign,
    draw_sample,
    estimate_findings,
    issue_forms,
    make_forms,
    new_campaign,
    open_campaign,
    print_papers,
    reconcile_campaign,
    take_in,
)
from sampling.campaign import folder as place
from sampling.campaign.envelopes import FOLDER as ENVELOPES
from sampling.campaign.envelopes import seal_envelopes
from sampling.campaign.plan_files import read_plan
from sampling.campaign.plan_inputs import PLAN
from sampling.campaign.planning import make_plan
from sampling.campaign.replying import take_replies
from sampling.codes import ROLL, code_of
from sampling.demo.inspectors import correct_forms, fill_forms, revisit_forms
from sampling.demo.start import write_start
from sampling.demo.town_halls import answer_problems
from sampling.demo.trip import Known
from sampling.files import read_csv
from sampling.forms import drawn_households
from sampling.frames import read_villages
from sampling.frames.county import make_county
from sampling.words import text

SEED = "27182818284590452353"
"""The digits of e, so that everybody gets the same demo; a real campaign throws dice in public."""
COUNTY_SEED = 20260501
FIELD_SEED = 20260601
Size = Literal["tiny", "county"]
Step = tuple[str, Done | None, float]
"""Name of a step, what it did (None where it was done already), and the seconds it took."""
LASTS, VISITS, SECOND_VISITS = timedelta(days=60), (1, 48), (50, 59)
"""The draw was so long ago; visits, and second visits, were from this day after it to that."""
REPLIES = "replies"
"""The folder with the reply sheets of the towns."""
SECOND = "second_visits"
"""The folder with the forms of the second visits."""
STANDARD = {"rural": 500, "urban": 750}
"""Yuan a month and a person."""
HOTLINE = "000-0000000"
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
        standard=STANDARD,
        teams=str(folder / "source" / "teams.xlsx"),
        hotline=str(folder / "source" / "hotline.csv"),
        office={"name": text("demo.office", lang), "hotlines": [HOTLINE]},
        lang=lang,
    )


def _commit(campaign: Campaign) -> Done | None:
    if campaign.has(place.COMMIT):
        return None
    return commit_campaign(campaign.folder, now=_now() - LASTS, lang=campaign.lang)


def _draw(campaign: Campaign) -> Done | None:
    if campaign.has(place.RECEIPT):
        return None
    event, now = text("demo.event", campaign.lang), _now() - LASTS
    return draw_sample(campaign, seed=SEED, event=event, at=now.isoformat(), witnesses=(), now=now)


def _forms(campaign: Campaign) -> Done | None:
    return None if campaign.has(place.FORMS) else make_forms(campaign, now=_now() - LASTS)


def _plan(campaign: Campaign) -> Done | None:
    return None if campaign.has(PLAN) else make_plan(campaign, now=_now() - LASTS)


def _envelopes(campaign: Campaign) -> Done | None:
    """What the teams get on the first day of the plan."""
    if campaign.has(ENVELOPES):
        return None
    return seal_envelopes(campaign, "", now=_now() - LASTS)


def _papers(campaign: Campaign) -> Done:
    """The forms of one village on paper, to look at."""
    return print_papers(campaign, [drawn_households(campaign.sample())["village"].iloc[0]])


def _issue(campaign: Campaign) -> Done:
    """Each team gets the forms of the villages that it comes to first by the plan."""
    plan = read_plan(campaign)
    assert plan is not None
    own = plan.visits.drop_duplicates("village").groupby("team")["village"]
    for team, villages in own:
        issue_forms(campaign, to=str(team), villages=list(villages), now=_now() - LASTS)
    return Done(key="demo.done.issue", fields={"teams": own.ngroups})


def _visits(campaign: Campaign) -> Done | None:
    """The invented inspectors fill the very files that the teams would get, with their slips."""
    return _hand_in(campaign, place.RETURNED, partial(fill_forms, days=_days(campaign, *VISITS)))


def _second_visits(campaign: Campaign) -> Done:
    """Other teams visit a few households again, more carefully."""
    _hand_in(campaign, SECOND, partial(revisit_forms, days=_days(campaign, *SECOND_VISITS)))
    files = sorted((campaign.folder / SECOND).iterdir())
    return take_in(campaign, files, now=_now(), purpose="second_visit")


def _hand_in(campaign: Campaign, name: str, write: Callable[..., tuple[Path, ...]]) -> Done | None:
    """Let forms be filled in into a folder of their own, all of them or none."""
    folder = campaign.folder / name
    if folder.exists():
        return None
    unfinished = folder.with_name(f".{name}.partial")
    shutil.rmtree(unfinished, ignore_errors=True)
    forms = campaign.folder / place.FORMS
    write(forms, unfinished, _truth(campaign), campaign.sample(), seed=FIELD_SEED, known=_known(campaign))
    unfinished.rename(folder)
    return Done(key="demo.done.visits", fields={"forms": len(list(folder.iterdir()))}, files=(folder,))


def _now() -> datetime:
    return datetime.now().astimezone()


def _days(campaign: Campaign, first: int, last: int) -> tuple[date, ...]:
    """The working days so many days after the draw."""
    drawn = datetime.fromisoformat(campaign.receipt()["seed_source"]["time"]).date()
    days = (drawn + timedelta(days=number) for number in range(first, last + 1))
    return tuple(day for day in days if day.weekday() < 5)


def _truth(campaign: Campaign) -> pd.DataFrame:
    return read_csv(campaign.folder / "truth" / "households.csv")


def _known(campaign: Campaign) -> Known:
    """The standard, and which household is on which programme: the form itself does not say it."""
    roll = campaign.roll()
    keys = zip(roll["village"], roll["household"], strict=True)
    areas = {
        (ROLL, *key): code_of("programme", word) or ""
        for key, word in zip(keys, roll["programme"], strict=True)
    }
    return Known(standard=campaign.standard, areas=areas)


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
        days=_days(campaign, *VISITS),
        known=_known(campaign),
    )
    return take_in(campaign, (), now=_now())


def _report(campaign: Campaign) -> Done:
    (done,), _ = make_reports([campaign])
    return done


def _replies(campaign: Campaign) -> Done | None:
    """Two towns send back what they say to each finding."""
    folder = campaign.folder / REPLIES
    if folder.exists():
        return None
    files = answer_problems(campaign, folder, day=_days(campaign, *SECOND_VISITS)[-1])
    return take_replies(campaign, files, now=_now()) if files else None


def _start(campaign: Campaign) -> Done:
    return Done(key="demo.done.start", fields={}, files=(write_start(campaign, campaign.folder / "truth"),))


STEPS: Mapping[str, Callable[[Campaign], Done | None]] = {
    "commit": _commit,
    "draw": _draw,
    "forms": _forms,
    "papers": _papers,
    "plan": _plan,
    "envelopes": _envelopes,
    "issue": _issue,
    "visits": _visits,
    "intake": _intake,
    "corrections": _corrections,
    "second_visits": _second_visits,
    "reconcile": reconcile_campaign,
    "audit": audit_register,
    "estimate": estimate_findings,
    "report": _report,
    "replies": _replies,
    "ledgers": _report,
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
