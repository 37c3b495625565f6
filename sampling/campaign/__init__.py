"""The campaign folder and the steps that fill it, in the order of the line."""

from sampling.campaign.arriving import draw_records, draw_village
from sampling.campaign.auditing import audit_register, back_up
from sampling.campaign.campaign import Campaign, open_campaign
from sampling.campaign.committing import commit_campaign
from sampling.campaign.correcting import draw_again
from sampling.campaign.drawing import draw_sample, moment
from sampling.campaign.estimating import estimate_findings
from sampling.campaign.exporting import export_survey
from sampling.campaign.extending import extend_draw
from sampling.campaign.folder import SETTINGS, FolderBusyError, locked
from sampling.campaign.forming import make_forms, print_papers
from sampling.campaign.opening import open_reserve
from sampling.campaign.publishing import publish_campaign
from sampling.campaign.reconciling import issue_forms, reconcile_campaign, void_forms
from sampling.campaign.redrawing import finished
from sampling.campaign.rehearsing import rehearse
from sampling.campaign.settings import read_settings
from sampling.campaign.starting import new_campaign
from sampling.campaign.status import status_table
from sampling.campaign.step import Done, progress_shown, refusals_kept
from sampling.campaign.visiting import take_in
from sampling.campaign.voiding import void_draw

__all__ = [
    "SETTINGS",
    "Campaign",
    "Done",
    "FolderBusyError",
    "audit_register",
    "back_up",
    "commit_campaign",
    "draw_again",
    "draw_records",
    "draw_sample",
    "draw_village",
    "estimate_findings",
    "export_survey",
    "extend_draw",
    "finished",
    "issue_forms",
    "locked",
    "make_forms",
    "moment",
    "new_campaign",
    "open_campaign",
    "open_reserve",
    "print_papers",
    "progress_shown",
    "publish_campaign",
    "read_settings",
    "reconcile_campaign",
    "refusals_kept",
    "rehearse",
    "status_table",
    "take_in",
    "void_draw",
    "void_forms",
]
