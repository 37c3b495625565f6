"""A tiny county, drawn, with a plan of its visits: enough for pages and sliders."""

import datetime
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from sampling.campaign import Campaign, commit_campaign, draw_sample, open_campaign
from sampling.campaign.folder import RECEIPT
from sampling.campaign.plan_files import write_plan
from sampling.campaign.status import sha256_of
from sampling.demo.demo import make_demo
from sampling.reports.plan_trials import trial_inputs, tried
from sampling.visits.plan import VisitPlan

NOW = datetime.datetime(2026, 5, 20, 9, tzinfo=datetime.UTC)
FIRST = datetime.date(2026, 6, 1)


@pytest.fixture(scope="session")
def drawn(tmp_path_factory) -> Campaign:
    """The tiny county, drawn, with three teams in its sheet and no plan."""
    folder = tmp_path_factory.mktemp("plan") / "campaign"
    make_demo(folder, size="tiny", villages=None, lang="zh")
    commit_campaign(folder, now=NOW, lang="zh")
    later = NOW + datetime.timedelta(hours=1)
    witnesses, seed = ["a", "b"], "31415926535897932384"
    draw_sample(
        open_campaign(folder), seed=seed, event="dice", at=later.isoformat(), witnesses=witnesses, now=later
    )
    return open_campaign(folder)


@pytest.fixture(scope="session")
def made(drawn) -> VisitPlan:
    """Its visits, planned for its three teams."""
    return replace(tried(trial_inputs(drawn, first=FIRST), {}), made_from=sha256_of(drawn.folder / RECEIPT))


@pytest.fixture(scope="session")
def planned(drawn, made, tmp_path_factory) -> Campaign:
    """The same with this plan in its folder."""
    folder: Path = tmp_path_factory.mktemp("planned") / "campaign"
    shutil.copytree(drawn.folder, folder)
    campaign = open_campaign(folder)
    write_plan(campaign, made, {})
    return campaign
