"""The commands after the report: what is still to be put right, and the towns' answers."""

import argparse
from datetime import datetime

from sampling.campaign import locked, open_campaign
from sampling.campaign.following import followup_done
from sampling.campaign.replying import take_replies
from sampling.commands.telling import tell


def replies(arguments: argparse.Namespace, lang: str) -> int:
    with locked(arguments.folder):
        campaign = open_campaign(arguments.folder, lang=lang)
        return tell(take_replies(campaign, arguments.files, now=datetime.now().astimezone()), lang)


def followup(arguments: argparse.Namespace, lang: str) -> int:
    campaign = open_campaign(arguments.folder, lang=lang)
    return tell(followup_done(campaign, today=datetime.now().date()), lang)
