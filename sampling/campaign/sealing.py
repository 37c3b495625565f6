"""What a team takes along where the households are drawn on arrival: one file for each drawn village."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from sampling.codes import ROLL
from sampling.designs import Design, Selection, household_rule, substratum_of
from sampling.draws.acts import VILLAGE
from sampling.draws.ranking import positions
from sampling.draws.roles import drawn_rows
from sampling.draws.tickets import SPEC
from sampling.files import json_bytes
from sampling.forms.issue import form_files
from sampling.frames import Frame

SEALED = "sealed"
"""The folder of these files."""


def sealed_packs(
    frame: Frame, lists: Mapping[str, Frame], design: Design, sample: pd.DataFrame, *, campaign: str
) -> dict[str, bytes]:
    """The files that `draw.html` draws from, by their place in the folder; none where nothing is sealed.

    Parameters
    ----------
    frame, lists, design
        As committed.
    sample
        The rows of `sample.csv`: its drawn villages get a file each.
    campaign
        The campaign's id.
    """
    if not design.sealed:
        return {}
    villages = drawn_rows(sample[sample["stage"] == "1"])
    stems = form_files(villages["village"])
    parts = {name: dict(list(_inside(part))) for name, part in {ROLL: frame, **lists}.items()}
    return {
        f"{SEALED}/{stems[village].removesuffix('.xlsx')}.json": json_bytes(
            {
                "spec": SPEC,
                "campaign": campaign,
                "village": village,
                "stratum": stratum,
                "reserves": design.reserves,
                "groups": [
                    group
                    for name, units in parts.items()
                    if village in units
                    for group in _groups(units[village], name, design)
                ],
            }
        )
        for village, stratum in zip(villages["village"], villages["stratum"], strict=True)
    }


def _inside(frame: Frame) -> Iterator[tuple[str, pd.DataFrame]]:
    for village, units in frame.units[frame.units["household"] != ""].groupby("village"):
        yield str(village), units


def _groups(units: pd.DataFrame, name: str, design: Design) -> Iterator[dict[str, Any]]:
    """The groups of one village on one list: their rule, and their households in the order that counts."""
    selection = design.households_by if name == ROLL else Selection()
    substratum = substratum_of(units, design) if name == ROLL else pd.Series("", index=units.index)
    if selection.method == "systematic":
        units = units.assign(place=_places(units, substratum, selection)).sort_values("place")
    for value, part in units.groupby(substratum.reindex(units.index), sort=True):
        rule = household_rule(design, str(value)) if name == ROLL else design.lists[name]
        yield {
            "list": name,
            "substratum": value,
            "method": selection.method,
            "N": len(part),
            "rule": rule.to_dict(),
            "rounding": design.rounding,
            "households": [_household(row) for row in part.to_dict("records")],
        }


def _places(units: pd.DataFrame, substratum: pd.Series, selection: Selection) -> pd.Series:
    """The place of every household in the order of a systematic draw, as the draw itself reckons it."""
    parts = [positions(part, selection.order, "household") for _, part in units.groupby(substratum)]
    return pd.concat(parts)


def _household(row: Mapping[Any, Any]) -> dict[str, str]:
    return {"id": row["household"], **({"lambda": row["lambda"]} if row.get("lambda") else {})}


def waiting_villages(sample: pd.DataFrame, acts: Sequence[Mapping[str, Any]]) -> list[str]:
    """The drawn villages whose households are still to be drawn on arrival."""
    arrived = {act["village"] for act in acts if act["act"] == VILLAGE}
    drawn = drawn_rows(sample[sample["stage"] == "1"])
    return [village for village in drawn["village"] if village not in arrived]
