"""From a sample, its findings and the roll to households whose weights add up to the roll's counts."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sampling import codes
from sampling.designs import RANDOM_SIZE, UNEQUAL, Design
from sampling.draws.roles import DRAWN, REPLACED
from sampling.estimates.drawing import LOOKED, Drawing, as_drawn, draw_notes, drawing_of, looked_inside
from sampling.estimates.icc import PRIOR, Prior
from sampling.estimates.survey import SurveyData, shown, survey_data
from sampling.estimates.weights import adjust_nonresponse, poststratify
from sampling.words.errors import Problem, refuse_if_any

UNDRAWN = "\x1f"
"""The substratum of households that could not be drawn: no field holds this sign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignData:
    """Respondents with calibrated weights, and what the roll knows of everybody.

    `data` has the respondents; `data.stratum_names` are the strata that anything is known of. `roll` has
    one row per household of the roll, with its stratum. In `lost_towns` nobody could be inspected.
    """

    data: SurveyData
    drawing: Drawing
    roll: pd.DataFrame
    towns: tuple[str, ...]
    lost_towns: tuple[str, ...]
    town_of_stratum: np.ndarray
    """Place in `towns` of each stratum of `data`."""
    prior: Prior = PRIOR
    """Of the correlation within villages, for all limits."""


def sampled_households(
    sample: pd.DataFrame, findings: pd.DataFrame, list_name: str = codes.ROLL
) -> pd.DataFrame:
    """One row per household that was drawn from a list, with its finding where there is one.

    A drawn village without a household of the list has one row whose household is empty. Reserves that were
    not opened are not among them; a household that one replaced is, and is out of scope. `responded` is true
    for completed findings and for households out of scope, which count as right; absent, refused, not found,
    and households without a form have not responded.
    """
    stage, looked = sample["stage"].astype("str"), sample["role"].isin(LOOKED)
    first = sample[(stage == "1") & looked]
    second = sample[(stage == "2") & looked & (sample["list"] == list_name)]
    if "pi_stage" in second:
        second = second.assign(weight=pd.to_numeric(second["weight"], errors="coerce").astype(float))
        inner = pd.to_numeric(second["pi_stage"], errors="coerce").astype(float)
        second["inner"] = inner.mask(second["role"] == REPLACED, looked_inside(second))
    drawn = first[["township", "stratum", "village", "N"]]
    more = [name for name in ("substratum", "role", "m", "weight", "inner") if name in second]
    rows = drawn.merge(second[["village", "household", "M", *more]], on="village", how="left")
    rows["household"] = rows["household"].fillna("")
    rows["M"] = pd.to_numeric(rows["M"], errors="coerce")
    wanted = ["village", "household", "outcome", "verdict", "reason", "amount_paid_fen", "amount_due_fen"]
    found = findings.loc[findings["list"] == list_name, wanted]
    rows = rows.merge(found, on=["village", "household"], how="left")
    for name in ("outcome", "verdict", "reason"):
        rows[name] = rows[name].fillna("").astype("str")
    rows["outcome"] = rows["outcome"].mask(rows["role"] == REPLACED, "out_of_scope")
    completed = (rows["outcome"] == "completed") & (rows["verdict"] != "")
    rows["responded"] = completed | (rows["outcome"] == "out_of_scope")
    rows.loc[~completed, ["verdict", "reason"]] = ""
    return rows


def with_roll(rows: pd.DataFrame, roll: pd.DataFrame, drawing: Drawing) -> pd.DataFrame:
    """The rows with what the roll says of each household, and rows for whom the sample has none.

    All households of a village that a reserve replaced were looked at and are out of scope. Where no
    household of a village was drawn although the roll has some (a rounding can do that), or none of a
    substratum, one that was not inspected stands for them, so that others are made to.

    Raises
    ------
    InputError
        If a household is not on the roll.
    """
    known = [name for name in ("category", "new_inclusion", "persons", "amount_fen") if name in roll]
    rows = _with_out_of_scope(rows, roll, drawing)
    if drawing.households_by not in RANDOM_SIZE:
        rows = _with_undrawn(rows, roll)
    told = roll[["village", "household", *known]].assign(on_roll=True)
    rows = rows.merge(told, on=["village", "household"], how="left")
    missing = rows.loc[rows["on_roll"].isna() & (rows["household"] != ""), "household"]
    key = "estimates.data.not_on_roll"
    refuse_if_any([Problem(key=key, fields={"names": shown(missing)})] if len(missing) else [])
    return rows.drop(columns="on_roll")


def _with_out_of_scope(rows: pd.DataFrame, roll: pd.DataFrame, drawing: Drawing) -> pd.DataFrame:
    """The rows with every household of the villages that a reserve replaced."""
    gone = drawing.out_of_scope
    found = roll.loc[roll["village"].isin(gone), ["village", "household"]]
    if found.empty:
        return rows
    first = drawing.first.reset_index()[["village", "township", "stratum", "N"]]
    size = found.groupby("village")["household"].transform("size")
    found = found.assign(M=size.astype(float), m=size, role=REPLACED, inner=1.0, substratum="")
    found = found.assign(outcome="out_of_scope", verdict="", reason="", responded=True)
    columns = [name for name in rows if name in (*found, *first)]
    kept = rows[~((rows["household"] == "") & rows["village"].isin(found["village"]))]
    return pd.concat([kept, found.merge(first, on="village")[columns]], ignore_index=True)


def _with_undrawn(rows: pd.DataFrame, roll: pd.DataFrame) -> pd.DataFrame:
    """The rows with one household, not inspected, for those of a village that had no chance to be drawn."""
    cell = ["village", *(["substratum"] if "substratum" in rows else [])]
    counted = rows.drop_duplicates(cell).groupby("village")["M"].sum()
    missing = roll.groupby("village").size().reindex(counted.index).fillna(0) - counted
    missing = missing[missing > 0]
    if missing.empty:
        return rows
    known = pd.MultiIndex.from_frame(rows[["village", "household"]])
    others = roll.loc[roll["village"].isin(missing.index), ["village", "household"]]
    others = others[~pd.MultiIndex.from_frame(others).isin(known)].drop_duplicates("village")
    first = rows.drop_duplicates("village")[["village", "township", "stratum", "N"]]
    found = others.merge(first, on="village")
    found["M"] = found["village"].map(missing).astype(float)
    found = found.assign(substratum=UNDRAWN, m=1, inner=1 / found["M"], role="main")
    found = found.assign(outcome="", verdict="", reason="", responded=False)
    rows = rows[~((rows["household"] == "") & rows["village"].isin(found["village"]))]
    columns = [name for name in rows if name in found]
    return pd.concat([rows, found[columns]], ignore_index=True)


def campaign_data(
    sample: pd.DataFrame,
    findings: pd.DataFrame,
    roll: pd.DataFrame,
    villages: pd.DataFrame,
    design: Design | None = None,
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
    drawing = drawing_of(sample, design, villages, roll)
    rows = with_roll(sampled_households(sample, findings), roll, drawing)
    if not rows["responded"].any():
        refuse_if_any([Problem(key="estimates.data.sample_without_findings")])
    campaign = weighted(rows, _roll_with_strata(sample, roll, villages), drawing)
    data = campaign.data
    for key, names in draw_notes(drawing, roll, rows).items():
        data = data.with_note(key, names)
    return replace(campaign, data=data)


def placed(
    rows: pd.DataFrame, drawing: Drawing, list_name: str = codes.ROLL, *, size_given: bool = True
) -> SurveyData:
    """Drawn households in the campaign's two-stage design; strata with one village are taken together.

    Parameters
    ----------
    rows
        Of `sampled_households`.
    drawing, list_name, size_given
        As for `as_drawn`.
    """
    if "weight" in rows:
        chance = rows["village"].map(drawing.first["chance"])
        rows = rows.assign(weight=rows["weight"].fillna(1 / (chance * rows["inner"])))
    alone = drawing.villages_by in RANDOM_SIZE and not size_given
    data = survey_data(
        rows,
        psu="village",
        ssu="household",
        stratum="stratum",
        psu_count="N",
        ssu_count="M",
        lonely="certainty" if alone else _groups(rows, drawing),
        ssu_stratum="substratum" if "substratum" in rows else None,
    )
    if data.lonely == "certainty" and not alone:
        data = data.with_note("spread_unknown", data.stratum_names[data.design.lonely])
    return as_drawn(data, drawing, list_name, size_given=size_given)


def weighted(rows: pd.DataFrame, roll: pd.DataFrame, drawing: Drawing) -> CampaignData:
    """`campaign_data` of rows that are joined already; `roll` has the stratum of every household."""
    answering = rows.groupby("stratum")["responded"].any()
    kept = rows[rows["stratum"].map(answering)]
    data = placed(kept, drawing)
    data = adjust_nonresponse(data, "responded")
    totals = _totals(roll, answering)
    data = poststratify(data, "stratum", totals[data.stratum_names])
    towns = tuple(sorted(set(roll["township"]) | set(rows["township"])))
    town = kept.drop_duplicates("stratum").set_index("stratum")["township"][data.stratum_names]
    return CampaignData(
        data=data,
        drawing=drawing,
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


def _groups(rows: pd.DataFrame, drawing: Drawing) -> dict[str, str] | str:
    """Strata whose spread must be taken together: those left with one village of several, as one group.

    A single such stratum is put together with the other stratum nearest to it in number of villages; where
    there is no other, its villages' spread remains unknown.
    """
    useful = rows[(rows["household"] == "") | rows["responded"]]
    left = _free(useful, rows, drawing).groupby("stratum")["village"].nunique()
    frame = pd.to_numeric(rows.groupby("stratum")["N"].first())
    lonely = left.index[(left == 1) & (frame[left.index] > 1)]
    group = {str(name): "lonely" for name in lonely}
    others = frame[left.index.difference(lonely)]
    if len(lonely) == 1 and others.empty:
        return "certainty"
    if len(lonely) == 1:
        group[str((others - frame[lonely[0]]).abs().idxmin())] = "lonely"
    return group


def _free(useful: pd.DataFrame, rows: pd.DataFrame, drawing: Drawing) -> pd.DataFrame:
    """The rows of villages that need not have been drawn, or whose stratum lost others to nonresponse."""
    if drawing.villages_by not in UNEQUAL:
        return useful
    counts = rows.groupby("stratum")["village"].nunique()
    whole = counts == useful.groupby("stratum")["village"].nunique().reindex(counts.index)
    sure = useful["village"].map(drawing.first["chance"]) == 1
    return useful[~(sure & useful["stratum"].map(whole))]
