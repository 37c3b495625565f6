"""A campaign's estimates: county, towns, categories, reasons, with one system of weights.

The printed share of any domain is its calibrated total over what the roll has there, so share × roll is the
total, and towns add up to the county, in households, in people and in yuan.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from sampling.designs import Design
from sampling.draws.roles import REPLACED
from sampling.estimates.areas import Areas, Figures, county, measured, net, towns
from sampling.estimates.campaign import (
    CampaignData,
    campaign_data,
    placed,
    sampled_households,
    weighted,
    with_roll,
)
from sampling.estimates.double_visits import estimate_double_visits
from sampling.estimates.estimate import COLUMNS, estimate_share, estimate_total
from sampling.estimates.icc import PRIOR, Prior
from sampling.estimates.intervals import WIDE
from sampling.estimates.lists import blank_villages, estimate_lists
from sampling.estimates.methods import unbuilt
from sampling.estimates.parameters import ERROR, MEASURES, NET, Measure, base_of, measurable, reasons_of
from sampling.estimates.weights import adjust_nonresponse, poststratify
from sampling.words.errors import refuse_if_any

ALL = ("by", *COLUMNS)
BOUNDS = {"correct": 0.0, "wrong": 1.0}
NOT_TWICE = pd.DataFrame(columns=["list", "village", "household", "outcome", "verdict"], dtype="str")
"""Second visits where there were none."""
RESIDUAL = "residual_error_rate"
ON_ROLL = {
    "ineligible_households": "households",
    "ineligible_people": "people",
    "paid_to_ineligible_yuan": "yuan",
}
"""Wrongly kept, under the names that the roll's measures have for it."""


def estimate_campaign(
    sample: pd.DataFrame,
    findings: pd.DataFrame,
    roll: pd.DataFrame,
    villages: pd.DataFrame,
    *,
    design: Design | None = None,
    looked: Collection[str] = (),
    lists: Mapping[str, pd.DataFrame] = MappingProxyType({}),
    second: pd.DataFrame = NOT_TWICE,
    confidence: float = 0.95,
    prior: Prior = PRIOR,
) -> pd.DataFrame:
    """All estimates of a campaign: the rows of `estimates.csv`.

    Parameters
    ----------
    sample
        Columns of sample.csv.
    findings
        The current findings, one row per household and list.
    roll
        The frame's households: township, village, household, and, where the roll has them, category,
        new_inclusion, persons, amount_fen. Where households were drawn with unequal probabilities also lambda
        and, with categories, substratum.
    villages
        Columns of villages.csv: at least township, village and certainty; `blank` (did no self-check) where
        it is known and is not what `design` takes with certainty.
    design
        What the sample was drawn by; without it, simple random sampling at both stages.
    looked
        Strata in which more villages were drawn after findings had been seen.
    lists
        The other lists by name, for what needs more than one list: see `estimate_lists`.
    second
        What a second team found at households that were visited twice, columns of `findings`: see
        `estimate_double_visits`. They change no other figure.
    confidence
        A share: 0.95.
    prior
        Of the correlation within villages: see `estimate_share`.

    Returns
    -------
    estimates
        `by` ("" for the county, township, category, reason, new_inclusion), then the columns of
        `Estimates.to_table`. `note` holds keys of the catalogue table `estimates.note`.

    Raises
    ------
    InputError
        If nobody was inspected, a sampled household is not on the roll, or the sample was drawn by a method
        whose variance is not built.

    Notes
    -----
    Strata of which one village was drawn of several (most municipal units) take their spread between villages
    from all such strata together, around their common mean; each stratum's part is in proportion to
    (1 - f) M², so that the parts add up to the collapsed-strata variance of the county.
    """
    refuse_if_any(unbuilt(design, roll))
    campaign = campaign_data(sample, findings, roll, villages, design)
    data = campaign.data.with_note("extended_looked", sorted(looked))
    campaign = replace(campaign, data=data, prior=prior)
    parts = [_domain_rows(campaign, confidence), _plain(campaign, confidence)]
    parts += [_missing_bounds(sample, findings, campaign, confidence)]
    blank = blank_villages(villages, design)
    together = estimate_lists(sample, findings, lists, blank, campaign, confidence=confidence)
    parts += [
        _list_rows(sample, findings, lists, name, campaign, confidence) for name in _left(sample, together)
    ]
    parts += [_as_on_roll(together, parts[0]), _silent_sums(together, parts[0], campaign)]
    parts += [estimate_double_visits(campaign.data, second, confidence=confidence).assign(by="")]
    table = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return table[list(ALL)]


def _left(sample: pd.DataFrame, told: pd.DataFrame) -> list[str]:
    """The lists of the sample of which nothing is told yet."""
    done = set(told["parameter"])
    return [name for name in sorted(set(sample["list"]) - {""}) if f"{name}.entitled_share" not in done]


def _as_on_roll(together: pd.DataFrame, roll: pd.DataFrame) -> pd.DataFrame:
    """The lists' rows; what they say of the roll alone is what its own measure says, limits and all."""
    again = together["parameter"] == RESIDUAL
    same = (roll["parameter"] == MEASURES[0].share) & roll["by"].isin(together.loc[again, "by"])
    return pd.concat([together[~again], roll[same].assign(parameter=RESIDUAL)])


def _silent_sums(together: pd.DataFrame, roll: pd.DataFrame, campaign: CampaignData) -> pd.DataFrame:
    """Sums over lists in towns in which nobody could be inspected: what the roll borrows, without limits.

    With them the towns add up to the county, which stands for these towns too.
    """
    sums = set(together["parameter"])
    named = {name: f"three_errors_{base}" for name, base in ON_ROLL.items()}
    rows = roll[(roll["by"] == "township") & roll["domain"].isin(campaign.lost_towns)]
    rows = rows[rows["parameter"].map(named).isin(sums)]
    numbers = dict.fromkeys(["low", "high", "df", "deff", "icc"], np.nan)
    return rows.assign(parameter=rows["parameter"].map(named), interval="", **numbers)


@dataclass(frozen=True, slots=True)
class _Domain:
    """A part of the roll, or of the errors: masks of inspected households, in the base and in the errors."""

    by: str
    name: str
    base: np.ndarray
    error: np.ndarray
    roll: np.ndarray


def _domains(campaign: CampaignData, measure: Measure) -> Iterator[_Domain]:
    """The domains of a measure: the county and, within it, categories, new inclusions and reasons."""
    rows, roll = campaign.data.table, campaign.roll
    everybody, whole = np.ones(len(rows), dtype=bool), np.ones(len(roll), dtype=bool)
    yield _Domain("", "", everybody, everybody, whole)
    for by in ("category", "new_inclusion"):
        if by in roll:
            mine, theirs = _texts(rows[by]), _texts(roll[by])
            for name in sorted(set(theirs) - {""}):
                yield _Domain(by, name, mine == name, mine == name, theirs == name)
    for reason in reasons_of(measure, rows):
        yield _Domain("reason", reason, everybody, (rows["reason"] == reason).to_numpy(), whole)


def _texts(values: pd.Series) -> np.ndarray:
    """Values as text, yes as "1" and no as "0", whatever the column's type has become by joining."""
    yes_no = {True: "1", False: "0", "True": "1", "False": "0"}
    return np.array([yes_no.get(value, str(value)) for value in values.fillna("")], dtype=object)


def _domain_rows(campaign: CampaignData, confidence: float) -> pd.DataFrame:
    parts = []
    areas = {"": county(campaign), "township": towns(campaign)}
    for measure in measurable(campaign.roll):
        error = measure.error(campaign.data.table).to_numpy(dtype=float)
        for domain in _domains(campaign, measure):
            for by, area in _places(domain, areas):
                figures = _figures(campaign, area, measure.base, error, domain, confidence)
                parts.append(_rows(measure.share, measure.total, by, domain.name, area, figures, confidence))
    if "amount_fen" in campaign.roll:
        parts += _net_rows(campaign, areas, confidence)
    return pd.concat(parts, ignore_index=True)


def _places(domain: _Domain, areas: dict[str, Areas]) -> list[tuple[str, Areas]]:
    """The areas for which a domain is reckoned: all households also by town, the others for the county."""
    return list(areas.items()) if domain.by == "" else [(domain.by, areas[""])]


def _figures(
    campaign: CampaignData, area: Areas, base: str, error: np.ndarray, domain: _Domain, confidence: float
) -> Figures:
    inspected, known = base_of(campaign.data.table, base), base_of(campaign.roll, base)
    return measured(
        campaign, area, error * domain.error, inspected * domain.base, known * domain.roll, confidence
    )


def _net_rows(campaign: CampaignData, areas: dict[str, Areas], confidence: float) -> list[pd.DataFrame]:
    share, total, over, under = NET
    named = {measure.share: measure for measure in measurable(campaign.roll)}
    plus, minus = (named[name].error(campaign.data.table).to_numpy(float) for name in (over, under))
    rows = []
    for domain in _domains(campaign, named[over]):
        for by, area in _places(domain, areas) if domain.by != "reason" else []:
            both, first, second = (
                _figures(campaign, area, "yuan", error, domain, confidence)
                for error in (plus - minus, plus, minus)
            )
            rows.append(_rows(share, total, by, domain.name, area, net(both, first, second), confidence))
    return rows


def _rows(
    share: str, total: str, by: str, domain: str, area: Areas, figures: Figures, confidence: float
) -> pd.DataFrame:
    """Two rows per area: the share and the total."""
    names = list(area.names) if by == "township" else [domain]
    both = []
    for parameter, scale in ((share, np.ones(len(names))), (total, figures.known)):
        estimate, se = figures.share * scale, np.sqrt(figures.variance) * scale
        cells = {
            "by": by,
            "parameter": parameter,
            "domain": names,
            "estimate": estimate,
            "se": se,
            "cv": np.divide(se, np.abs(estimate), out=np.full(len(names), np.nan), where=estimate != 0),
            "low": figures.low * scale,
            "high": figures.high * scale,
            "confidence": confidence,
            "df": figures.df,
            "deff": figures.deff,
            "icc": figures.icc,
            "n_psu": figures.n_psu,
            "n_ssu": figures.n_ssu,
            "interval": figures.interval,
            "note": _notes(area, figures),
        }
        both.append(pd.DataFrame(cells))
    return pd.concat(both, ignore_index=True)[list(ALL)]


def _notes(area: Areas, figures: Figures) -> list[str]:
    wide = figures.high - figures.low > WIDE
    none = (figures.share == 0) & (figures.n_ssu > 0)
    extra = {"no_errors": none, "wide": wide}
    keys = [list(notes) for notes in area.notes]
    for key, marks in extra.items():
        for place in np.flatnonzero(marks):
            keys[place].append(key)
    return [";".join(names) for names in keys]


def _bare(parameter: str, estimate: float, n: int, confidence: float, note: str) -> dict[str, object]:
    cells: dict[str, object] = dict.fromkeys(ALL, np.nan)
    cells |= {"by": "", "parameter": parameter, "domain": "", "estimate": estimate, "confidence": confidence}
    return cells | {"n_ssu": n, "interval": "", "note": note}


def _plain(campaign: CampaignData, confidence: float) -> pd.DataFrame:
    """The unweighted percentages, for comparison."""
    table = campaign.data.table
    verdict = table["verdict"] if "role" not in table else table.loc[table["role"] != REPLACED, "verdict"]
    shares = {"plain_ineligible_share": ("ineligible",), "plain_error_share": ERROR}
    rows = [
        _bare(name, float(verdict.isin(verdicts).mean()), len(verdict), confidence, "plain")
        for name, verdicts in shares.items()
    ]
    return pd.DataFrame(rows)


def _missing_bounds(
    sample: pd.DataFrame, findings: pd.DataFrame, told: CampaignData, confidence: float
) -> pd.DataFrame:
    """County shares with all households that could not be inspected taken as right, and as wrong."""
    rows = with_roll(sampled_households(sample, findings), told.roll, told.drawing)
    answered = rows["responded"] | (rows["household"] == "")
    campaign = weighted(rows.assign(responded=rows["household"] != ""), told.roll, told.drawing)
    missing = (
        ~campaign.data.table.merge(
            rows[answered][["village", "household"]].assign(answered=True),
            on=["village", "household"],
            how="left",
        )["answered"]
        .notna()
        .to_numpy()
    )
    weight = campaign.data.weight
    found = []
    for share, verdicts in (("ineligible_share", ("ineligible",)), ("error_share", ERROR)):
        wrong = campaign.data.table["verdict"].isin(verdicts).to_numpy(dtype=float)
        for name, value in BOUNDS.items():
            estimate = float(weight @ np.where(missing, value, wrong) / weight.sum())
            parameter = f"{share}_if_missing_{name}"
            found.append(_bare(parameter, estimate, len(weight), confidence, "missing_bound"))
    return pd.DataFrame(found)


def _list_rows(
    sample: pd.DataFrame,
    findings: pd.DataFrame,
    lists: Mapping[str, pd.DataFrame],
    name: str,
    told: CampaignData,
    confidence: float,
) -> pd.DataFrame:
    """Of another list drawn in the same villages: the share that is entitled, and how many.

    Its weights add up to its length where that is known.
    """
    rows = sampled_households(sample, findings, name)
    rows["entitled"] = (rows["verdict"] == "entitled").astype(float)
    answering = rows.groupby("stratum")["responded"].any()
    rows = rows[rows["stratum"].map(answering)]
    if name in lists:
        rows = rows[rows["stratum"].isin(told.data.stratum_names)]
    if rows.empty:
        return pd.DataFrame(columns=list(ALL))
    data = adjust_nonresponse(placed(rows, told.drawing, name, size_given=False), "responded")
    if name in lists:
        data = poststratify(data, np.full(len(data.weight), name), {name: len(lists[name])})
    share = estimate_share(data, "entitled", confidence=confidence, prior=told.prior).to_table()
    total = estimate_total(data, "entitled", confidence=confidence, prior=told.prior).to_table()
    if name not in lists:
        total["note"] = (total["note"] + ";expansion").str.strip(";")
    table = pd.concat([share, total], ignore_index=True)
    table["parameter"] = [f"{name}.entitled_share", f"{name}.entitled_households"]
    return table.assign(by="")[list(ALL)]
