"""Fixture: an invented campaign whose draw is made and nothing is recorded yet."""

from datetime import datetime

import pytest
from reports_stand_in import copy_of

from sampling.campaign import Campaign, commit_campaign, draw_sample, open_campaign
from sampling.demo.demo import SEED, make_demo


@pytest.fixture(scope="session")
def fresh_campaign(tmp_path_factory) -> Campaign:
    """The tiny county, drawn, and nothing recorded; tests copy it."""
    folder = tmp_path_factory.mktemp("recorder") / "campaign"
    make_demo(folder, size="tiny", villages=None, lang="zh")
    now = datetime.now().astimezone()
    commit_campaign(folder, now=now, lang="zh")
    campaign = open_campaign(folder)
    draw_sample(campaign, seed=SEED, event="", at=now.isoformat(), witnesses=(), now=now)
    return campaign


@pytest.fixture
def drawn(fresh_campaign, tmp_path) -> Campaign:
    """A copy of it that a test may change."""
    return copy_of(fresh_campaign, tmp_path / "campaign")
