"""One measure of error over the county or over each town: point, variance and limits in one pass."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sampling.draws.roles import REPLACED
from sampling.estimates.alike import RollVillages, villages_seen
from sampling.estimates.area_limits import ByArea, area_limits, shape_of, within_certain
from sampling.estimates.campaign import CampaignData
from sampling.estimates.estimate import intra_village
from sampling.estimates.icc import Prior, Villages
from sampling.estimates.intervals import (
    DEFAULT,
    mover,
    printed,
    with_prior,
)
from sampling.estimates.variance import borrowed_within, total_variance

TAINT, MOVER = "icc_taint/1", "mover/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Areas:
    """Parts of the county made of whole strata: the county itself, or its towns."""

    names: tuple[str, ...]
    of_stratum: np.ndarray
    of_roll: np.ndarray
    """Area of each household of the roll."""
    villages: RollVillages
    raised: np.ndarray
    """By area: what totals are multiplied by to stand for towns in which nobody could be inspected."""
    silent: np.ndarray
    """By area: True where nobody could be inspected."""
    notes: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A measure by area, as a share of what the roll has (`known`)."""

    share: np.ndarray
    variance: np.ndarray
    low: np.ndarray
    high: np.ndarray
    known: np.ndarray
    df: np.ndarray
    deff: np.ndarray
    icc: np.ndarray
    n_psu: np.ndarray
    n_ssu: np.ndarray
    interval: str
    prior: Prior


def county(campaign: CampaignData) -> Areas:
    """The county as one area."""
    roll, silent = campaign.roll, campaign.roll["township"].isin(campaign.lost_towns)
    whole = np.zeros(len(roll), dtype=np.intp)
    keys = tuple(campaign.data.notes) + (("borrowed",) if silent.any() else ())
    return Areas(
        names=("",),
        of_stratum=np.zeros(len(campaign.town_of_stratum), dtype=np.intp),
        of_roll=whole,
        villages=RollVillages.of(roll, whole),
        raised=np.array([len(roll) / (~silent).sum()]),
        silent=np.array([False]),
        notes=(keys,),
    )


def towns(campaign: CampaignData) -> Areas:
    """Every town as an area of its own, those in which nobody could be inspected included."""
    names = campaign.towns
    town = pd.Index(names).get_indexer(pd.Index(campaign.roll["township"]))
    return Areas(
        names=names,
        of_stratum=campaign.town_of_stratum,
        of_roll=town,
        villages=RollVillages.of(campaign.roll, town),
        raised=np.ones(len(names)),
        silent=~np.isin(np.arange(len(names)), campaign.town_of_stratum),
        notes=_town_notes(campaign),
    )


def _town_notes(campaign: CampaignData) -> tuple[tuple[str, ...], ...]:
    data = campaign.data
    once = campaign.roll.drop_duplicates("village")
    home = dict(zip(once["village"], once["township"], strict=True))
    names = np.array(campaign.towns, dtype=object)
    home |= dict(zip(data.stratum_names, names[campaign.town_of_stratum], strict=True))
    where = {key: {home.get(name) for name in found} for key, found in data.notes.items()}
    where["borrowed"] = set(campaign.lost_towns)
    return tuple(tuple(key for key in where if town in where[key]) for town in campaign.towns)


def measured(
    campaign: CampaignData,
    areas: Areas,
    error: np.ndarray,
    base: np.ndarray,
    known: np.ndarray,
    confidence: float,
) -> Figures:
    """A measure in every area.

    Parameters
    ----------
    campaign, areas
        Respondents with weights, and the areas.
    error, base
        By respondent: how much is in error, and of how much (a household: 1); 0 outside of the domain.
    known
        By household of the roll: the same base.
    confidence
        A share.

    Returns
    -------
    figures
        The share is Σ w error over the roll's base; see `stratum_variances` for its variance.
    """
    data, count = campaign.data, len(areas.names)
    area = areas.of_stratum[data.design.stratum[data.design.psu]]

    def by_area(values: np.ndarray) -> np.ndarray:
        return np.bincount(area, weights=values, minlength=count)

    total = np.bincount(areas.of_roll, weights=known, minlength=count)
    safe = np.where(total > 0, total, 1.0)
    share = by_area(data.weight * error) * areas.raised / safe
    parts = stratum_variances(campaign, error)
    scale = (areas.raised / safe) ** 2
    variance = np.bincount(areas.of_stratum, weights=parts, minlength=count) * scale
    members = base > 0
    if "role" in data.table:
        members &= (data.table["role"] != REPLACED).to_numpy()  # out of scope, nobody went there
    n_psu, n_ssu, df = _counts(campaign, areas, members)
    shape = shape_of(data.weight, error, base, by_area, areas.raised / safe)
    villages = _villages(campaign, areas, error, base, known, members)
    low, high = area_limits(share, variance, shape, villages, n_ssu, df, confidence)
    low, high = within_certain(low, high, by_area(error) / safe, by_area(base - error) / safe)
    u = np.where(members, error - share[area] * base, 0.0)
    figures = Figures(
        share=share,
        variance=variance,
        low=low,
        high=high,
        known=total,
        df=df,
        deff=_deff(data.weight, u, members, by_area, variance / scale),
        icc=intra_village(u, data.design.psu, np.where(members, area, count), count + 1)[:count],
        n_psu=n_psu,
        n_ssu=n_ssu,
        interval=(printed(DEFAULT, campaign.prior) if shape.yes_no else with_prior(TAINT, campaign.prior)),
        prior=campaign.prior,
    )
    return _borrowed(campaign, areas, figures, error) if areas.silent.any() else figures


def stratum_variances(campaign: CampaignData, error: np.ndarray) -> np.ndarray:
    """Variance of Σ w error in each stratum, by residuals around its mean; strata add up.

    A stratum with one village of several takes its first stage from its collapsed group: residuals around
    the group's mean (around its own the only village's total would be 0), and in proportion to
    (1 - f) (Σ w)² of its village, so that the parts add up to the group's k/(k-1) Σ (1 - f) z².
    """
    data, design = campaign.data, campaign.data.design
    stratum, strata = design.stratum[design.psu], len(design.frame)
    group, lonely = design.group[stratum], design.lonely

    def centred(unit: np.ndarray) -> np.ndarray:
        sums = np.bincount(unit, weights=data.weight * error, minlength=strata)
        return (
            error
            - (sums / np.maximum(np.bincount(unit, weights=data.weight, minlength=strata), 1e-300))[unit]
        )

    z = data.weight * centred(stratum)
    own = total_variance(z, design, domain=stratum, domains=strata, lonely="certainty")
    if data.pool_within:  # a stratum may have nobody to borrow from, but its group has
        place = design.stratum[design.place]
        own += np.bincount(place, weights=borrowed_within(z, design), minlength=strata)
    if not lonely.any():
        return own
    z_psu = np.bincount(design.psu, weights=data.weight * centred(group), minlength=len(design.stratum))
    w_psu = np.bincount(design.psu, weights=data.weight, minlength=len(design.stratum))
    unused = np.maximum(1 - design.chance, 0)
    group_of_psu = design.group[design.stratum]

    def by_group(values: np.ndarray) -> np.ndarray:
        return np.bincount(group_of_psu, weights=values, minlength=strata)

    k = by_group(np.ones(len(z_psu)) if design.first is None else ~design.sure)
    spread = by_group(unused * z_psu**2) * k / np.maximum(k - 1, 1)
    size = by_group(unused * w_psu**2)
    each = (spread / np.where(size > 0, size, 1.0))[design.group]
    part = np.bincount(design.stratum, weights=unused * w_psu**2, minlength=strata)
    return own + np.where(lonely, each * part, 0.0)


def _counts(campaign: CampaignData, areas: Areas, members: np.ndarray) -> tuple[np.ndarray, ...]:
    """Villages and households with members of the domain in each area, and the degrees of freedom.

    Villages minus strata, of strata that were not taken whole; a lonely stratum has those of its collapsed
    group. Where nothing is left: households minus villages. Never below 1.
    """
    design, count = campaign.data.design, len(areas.names)
    seen = np.bincount(design.psu, weights=members, minlength=len(design.stratum))
    present, area = seen > 0, areas.of_stratum[design.stratum]

    def by_area(values: np.ndarray) -> np.ndarray:
        return np.bincount(area, weights=values, minlength=count)

    by_chance = present if design.first is None else present & ~design.sure
    villages = np.bincount(design.stratum, weights=by_chance, minlength=len(design.frame))
    own = np.where((design.by_chance > 0) & ~design.lonely, np.maximum(villages - 1, 0), 0)
    df = np.bincount(areas.of_stratum, weights=own, minlength=count)
    together = np.bincount(design.group, weights=villages, minlength=len(design.frame))
    pairs = np.unique(np.stack([areas.of_stratum[design.lonely], design.group[design.lonely]]), axis=1)
    df += np.bincount(pairs[0], weights=np.maximum(together[pairs[1]] - 1, 0), minlength=count)
    cells = np.bincount(design.inside, weights=members, minlength=len(design.size))
    partly = np.where(design.counted < design.size, np.maximum(cells - 1, 0), 0)
    households = np.bincount(area[design.place], weights=partly, minlength=count)
    df = np.maximum(np.where(df > 0, df, households), 1)
    return by_area(present).astype(int), by_area(seen).astype(int), df


def _villages(
    campaign: CampaignData,
    areas: Areas,
    error: np.ndarray,
    base: np.ndarray,
    known: np.ndarray,
    members: np.ndarray,
) -> Villages:
    """How alike the households of a village are in every area, against all that the roll has of the base."""
    data, design = campaign.data, campaign.data.design
    count, area = len(areas.names), areas.of_stratum[design.stratum]
    totals = areas.villages.totals(known)
    own = areas.villages.of_names(totals, data.psu_names)
    whole = np.maximum(np.bincount(areas.of_roll, weights=known, minlength=count), 1e-12)
    cell, owner = design.psu[members], area[design.psu[members]]
    part = data.weight[members] * base[members]
    raised = np.maximum(np.bincount(owner, weights=part, minlength=count), 1e-12)
    return villages_seen(
        error[members] > 0,
        part / raised[owner],
        base[members] / whole[owner],
        own[cell] / whole[owner],
        cell,
        area,
        units=np.bincount(areas.of_roll, weights=known**2, minlength=count) / whole**2,
        villages=areas.villages.squares(totals, count) / whole**2,
        prior=campaign.prior,
    )


def _deff(
    weight: np.ndarray, u: np.ndarray, members: np.ndarray, by_area: ByArea, variance: np.ndarray
) -> np.ndarray:
    """Variance of the total against that of a simple random sample of as many of the domain's households."""
    n, size = by_area(members), by_area(weight * members)
    s2 = by_area(weight * u**2) / np.where(size > 0, size, 1.0) * n / np.maximum(n - 1, 1)
    simple = size * (size - n) / np.maximum(n, 1) * s2
    return np.divide(variance, simple, out=np.full(len(n), np.nan), where=simple > 1e-12)


def _borrowed(campaign: CampaignData, areas: Areas, figures: Figures, error: np.ndarray) -> Figures:
    """Silent towns: the mean of all inspected households, and the limits of ignorance."""
    data = campaign.data
    mean = float(data.weight @ error / data.weight.sum())
    households = np.bincount(areas.of_roll, minlength=len(areas.names))
    known = np.where(figures.known > 0, figures.known, 1.0)
    return replace(
        figures,
        share=np.where(areas.silent, mean * households / known, figures.share),
        variance=np.where(areas.silent, np.nan, figures.variance),
        low=np.where(areas.silent, 0.0, figures.low),
        high=np.where(areas.silent, np.maximum(1.0, figures.high), figures.high),
    )


def net(both: Figures, plus: Figures, minus: Figures) -> Figures:
    """The difference of two measures: `both` measured as one, with limits from those of the two (MOVER)."""
    below, above = mover(*((one.share, one.low, one.high) for one in (plus, minus)))
    return replace(
        both, low=both.share - below, high=both.share + above, interval=with_prior(MOVER, both.prior)
    )
