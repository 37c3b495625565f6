"""The campaign folder and the steps that fill it, in the order of the line."""

from sampling.campaign.campaign import Campaign, open_campaign
from sampling.campaign.drawing import draw_sample
from sampling.campaign.estimating import estimate_findings
from sampling.campaign.folder import SETTINGS, FolderBusyError, locked
from sampling.campaign.preparing import commit_campaign, new_campaign
from sampling.campaign.settings import read_settings
from sampling.campaign.status import status_table
from sampling.campaign.step import Done, progress_shown, refusals_kept
from sampling.campaign.visiting import make_forms, take_in

__all__ = [
    "SETTINGS",
    "Campaign",
    "Done",
    "FolderBusyError",
    "commit_campaign",
    "draw_sample",
    "estimate_findings",
    "locked",
    "make_forms",
    "new_campaign",
    "open_campaign",
    "progress_shown",
    "read_settings",
    "refusals_kept",
    "status_table",
    "take_in",
]
