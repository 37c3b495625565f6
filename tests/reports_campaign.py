"""The invented tiny county with its visits made and estimated, once for all tests that run notebooks."""

import pytest
from reports_stand_in import copy_of

from sampling.campaign import Campaign, open_campaign
from sampling.demo.demo import STEPS, make_demo


@pytest.fixture(scope="session")
def made_campaign(tmp_path_factory) -> Campaign:
    """A campaign up to its estimates, without reports; tests copy it before they write into it."""
    folder = tmp_path_factory.getbasetemp() / "reports-campaign"
    if not folder.exists():
        make_demo(folder, size="tiny", villages=None, lang="zh")
        for name, step in STEPS.items():
            if name not in ("report", "replies", "ledgers", "start"):
                step(open_campaign(folder))
    return open_campaign(folder)


@pytest.fixture
def campaign(made_campaign, tmp_path) -> Campaign:
    """A copy of the campaign that a test may change."""
    return copy_of(made_campaign, tmp_path / "campaign")
