"""What the register says now, counted, whether or not anything is estimated from it yet."""

import pandas as pd

from sampling.campaign.campaign import Campaign
from sampling.campaign.facts import Facts, facts_of
from sampling.campaign.status import made_from
from sampling.codes import ROLL
from sampling.estimates.estimate import COLUMNS


def count_now(campaign: Campaign) -> Facts:
    """The facts as they are at this moment, without estimates.

    Raises
    ------
    InputError
        If nothing is drawn yet.
    """
    return facts_of(
        campaign.id,
        campaign.sample(),
        campaign.findings(),
        {ROLL: campaign.roll(), **campaign.lists()},
        campaign.village_answers(),
        pd.DataFrame(columns=["by", *COLUMNS]),
        made_from=made_from(campaign),
    )
