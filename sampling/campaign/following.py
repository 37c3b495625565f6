"""Where the follow-up stands on a day."""

import datetime

from sampling.campaign.campaign import Campaign
from sampling.campaign.followup import problems_of, totals
from sampling.campaign.step import Done
from sampling.words import text


def followup_done(campaign: Campaign, *, today: datetime.date) -> Done:
    """How many problems are answered and settled, and how many are overdue today."""
    problems = problems_of(campaign)
    deadline, lang = campaign.settings.followup.deadline, campaign.lang
    if deadline is None:
        said = text("followup.done.no_deadline", lang)
    elif today <= deadline:
        said = text("followup.done.in_time", lang, date=deadline.isoformat())
    else:
        number = int((~problems["settled"]).sum())
        said = text("followup.done.overdue", lang, date=deadline.isoformat(), number=number)
    return Done(key="followup.done.followup", fields={**dict(totals(problems)), "deadline": said})
