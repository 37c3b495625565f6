"""A reserve opened in place of a drawn unit that turned out to be out of scope."""

from datetime import datetime

from sampling.campaign.campaign import Campaign
from sampling.campaign.redrawing import add_acts, finished, read_drawn
from sampling.campaign.step import Done
from sampling.draws.acts import RESERVE
from sampling.draws.additions import reserve_act


def open_reserve(
    campaign: Campaign, *, village: str, household: str, list_name: str, reason: str, by: str, now: datetime
) -> Done:
    """Open the next reserve in order, and write the new sample and receipt; forms must be made anew.

    Parameters
    ----------
    village, household, list_name
        The drawn unit that is out of scope; a village where `household` is empty.
    reason
        not_paid (not paid in the reference month) or listed_twice.
    by
        Who decided it.

    Raises
    ------
    InputError
        If nothing is drawn yet, or a rule of `reserve_act` is broken.
    """
    if done := finished(campaign):
        return done
    drawn = read_drawn(campaign)
    act = reserve_act(
        drawn.sample,
        drawn.design,
        list=list_name,
        village=village,
        household=household,
        reason=reason,
        by=by,
        time=now.isoformat(timespec="seconds"),
    )
    _, files = add_acts(drawn, [act], kind=RESERVE, now=now)
    opened = f"{act['village']} {act['household']}".strip()
    return Done(
        key="campaign.done.reserve", fields={"opened": opened, "replaced": act["replaces"]}, files=files
    )
