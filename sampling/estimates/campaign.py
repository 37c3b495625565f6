"""From a sample, its findings and the roll to households whose weights add up to the roll's counts."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sampling import codes
from sampling.draws.roles import DRAWN
from sampling.estimates.survey import SurveyData, shown, survey_data
from sampling.estimates.weights import adjust_nonresponse, poststratify
from sampling.words.errors import Problem, refuse_if_any


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignData:
    """Respondents with calibrated weights, and what the roll knows of everybody.

    `data` has the respondents; `data.stratum_names` are the strata that anything is known of. `roll` has
    one row per household of the roll, with its stratum. In `lost_towns` nobody could be inspected.
    """

    data: SurveyData
    roll: pd.DataFrame
    towns: tuple[str, ...]
    lost_towns: tuple[str, ...]
    town_of_stratum: np.ndarray
    """Place in `towns` of each stratum of `data`."""


def sampled_households(
    sample: pd.DataFrame, findings: pd.DataFrame, list_name: str = codes.ROLL
) -> pd.DataFrame:
    """One row per household that was drawn from a list, with its finding where there is one.

    A drawn village without a household of the list has one row whose household is empty. Opened reserves are
    not among them. `responded` is true for completed findings and for households out of scope, which count as
    right; absent, refused, not found, and households without a form have not responded.
    """
    stage, role = sample["stage"].astype("str"), sample["role"]
    first = sample[(stage == "1") & role.isin(DRAWN)]
    second = sample[(stage == "2") & role.isin(DRAWN) & (sample["list"] == list_name)]
    drawn = first[["township", "stratum", "village", "N"]]
    rows = drawn.merge(second[["village", "household", "M"]], on="village", how="left")
    rows["household"] = rows["household"].fillna("")
    rows["M"] = pd.to_numeric(rows["M"], errors="coerce")
    wanted = ["village", "household", "outcome", "verdict", "reason", "amount_paid_fen", "amount_due_fen"]
    found = findings.loc[findings["list"] == list_name, wanted]
    rows = rows.merge(found, on=["village", "household"], how="left")
    for name in ("outcome", "verdict", "reason"):
        rows[name] = rows[name].fillna("").astype("str")
    completed = (rows["outcome"] == "completed") & (rows["verdict"] != "")
    rows["responded"] = completed | (rows["outcome"] == "out_of_scope")
    rows.loc[~completed, ["verdict", "reason"]] = ""
    return rows


def with_roll(rows: pd.DataFrame, roll: pd.DataFrame) -> pd.DataFrame:
    """The rows with what the roll says of each household.

    Raises
    ------
    InputError
        If a household is not on the roll.
    """
    known = [name for name in ("category", "new_inclusion", "persons", "amount_fen") if name in roll]
    told = roll[["village", "household", *known]].assign(on_roll=True)
    rows = rows.merge(told, on=["village", "household"], how="left")
    missing = rows.loc[rows["on_roll"].isna() & (rows["household"] != ""), "household"]
    key = "estimates.data.not_on_roll"
    refuse_if_any([Problem(key=key, fields={"names": shown(missing)})] if len(missing) else [])
    return rows.drop(columns="on_roll")


def campaign_data(
    sample: pd.DataFrame, findings: pd.DataFrame, roll: pd.DataFrame, villages: pd.DataFrame
) -> CampaignData:
    """The respondents of the roll's sample with their final weights.

    Returns
    -------
    campaign
        Weights: design weight, raised for nonresponse within the village and then within the stratum, then
        made to add up to the roll's households in each stratum. A stratum without respondents is stood for by
        the other strata of its town; a town without any is left out here, and borrowed by the estimates.

    Raises
    ------
    InputError
        If nobody was inspected, or a sampled household is not on the roll.
    """
    rows = with_roll(sampled_households(sample, findings), roll)
    if not rows["responded"].any():
        refuse_if_any([Problem(key="estimates.data.sample_without_findings")])
    return weighted(rows, _roll_with_strata(sample, roll, villages))


def placed(rows: pd.DataFrame) -> SurveyData:
    """Drawn households in the campaign's two-stage design; strata with one village are taken together."""
    return survey_data(
        rows,
        psu="village",
        ssu="household",
        stratum="stratum",
        psu_count="N",
        ssu_count="M",
        lonely=_groups(rows),
    )


def weighted(rows: pd.DataFrame, roll: pd.DataFrame) -> CampaignData:
    """`campaign_data` of rows that are joined already; `roll` has the stratum of every household."""
    answering = rows.groupby("stratum")["responded"].any()
    kept = rows[rows["stratum"].map(answering)]
    data = placed(kept)
    data = adjust_nonresponse(data, "responded")
    totals = _totals(roll, answering)
    data = poststratify(data, "stratum", totals[data.stratum_names])
    towns = tuple(sorted(set(roll["township"]) | set(rows["township"])))
    town = kept.drop_duplicates("stratum").set_index("stratum")["township"][data.stratum_names]
    return CampaignData(
        data=data,
        roll=roll,
        towns=towns,
        lost_towns=tuple(sorted(set(roll["township"]) - set(town))),
        town_of_stratum=pd.Index(towns).get_indexer(town),
    )


def _roll_with_strata(sample: pd.DataFrame, roll: pd.DataFrame, villages: pd.DataFrame) -> pd.DataFrame:
    """The roll with the stratum of each household: that of its town's drawn villages of the same kind."""
    first = sample[(sample["stage"].astype("str") == "1") & sample["role"].isin(DRAWN)]
    certain = (first["role"] == "certainty").astype(int).astype("str")
    names = dict(zip(zip(first["township"], certain, strict=True), first["stratum"], strict=True))
    kind = villages.set_index("village")["certainty"].astype("str")
    pairs = zip(roll["township"], roll["village"].map(kind).fillna("0"), strict=True)
    columns = [name for name in ("category", "new_inclusion", "persons", "amount_fen") if name in roll]
    rows = roll[["township", "village", "household", *columns]].copy()
    rows["stratum"] = [names.get(pair, "") for pair in pairs]
    return rows


def _totals(roll: pd.DataFrame, answering: pd.Series) -> pd.Series:
    """The roll's households by answering stratum; a town's silent strata are spread over its others."""
    known = roll.groupby(["township", "stratum"], as_index=False).size()
    known["answers"] = known["stratum"].map(answering).fillna(False).astype(bool)
    town = known.groupby("township")["size"].sum()
    told = known[known["answers"]].groupby("township")["size"].sum()
    spread = known[known["answers"]].assign(raised=lambda t: t["size"] * t["township"].map(town / told))
    return spread.set_index("stratum")["raised"]


def _groups(rows: pd.DataFrame) -> dict[str, str] | str:
    """Strata whose spread must be taken together: those left with one village of several, as one group.

    A single such stratum is put together with the other stratum nearest to it in number of villages; where
    there is no other, its villages' spread remains unknown.
    """
    useful = rows[(rows["household"] == "") | rows["responded"]]
    left = useful.groupby("stratum")["village"].nunique()
    frame = pd.to_numeric(rows.groupby("stratum")["N"].first())
    lonely = left.index[(left == 1) & (frame[left.index] > 1)]
    group = {str(name): "lonely" for name in lonely}
    others = frame[left.index.difference(lonely)]
    if len(lonely) == 1 and others.empty:
        return "certainty"
    if len(lonely) == 1:
        group[str((others - frame[lonely[0]]).abs().idxmin())] = "lonely"
    return group
