"""What a team takes along where the households are drawn on arrival: one pack for each village."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from sampling.codes import ROLL
from sampling.designs import UNEQUAL, Design, Selection, household_rule, substratum_of
from sampling.draws.ranking import positions
from sampling.draws.roles import drawn_rows
from sampling.draws.tickets import SPEC
from sampling.files import json_bytes
from sampling.forms.issue import form_files
from sampling.frames import Frame

SEALED = "sealed"
"""The folder of these files."""


def sealed_packs(
    commit: Mapping[str, Any], frame: Frame, lists: Mapping[str, Frame], sample: pd.DataFrame
) -> dict[str, bytes]:
    """The packs that `draw.html` draws from, by their place in the folder.

    Nothing where the design does not seal. A drawn village without a household has no pack.

    Parameters
    ----------
    commit, frame, lists
        As committed.
    sample
        The rows of `sample.csv`.
    """
    design = Design.from_dict(commit["design"])
    if not design.sealed:
        return {}
    drawn = drawn_rows(sample[sample["stage"] == "1"]).set_index("village")["stratum"]
    stems = form_files(drawn.index.tolist())
    parts = {name: dict(_inside(part)) for name, part in {ROLL: frame, **lists}.items()}
    files = {}
    for village, stratum in drawn.items():
        here = {name: units[village] for name, units in parts.items() if village in units}
        if here:
            pack = _pack(commit, design, here) | {"village": village, "stratum": stratum}
            files[f"{SEALED}/{stems[str(village)].removesuffix('.xlsx')}.json"] = json_bytes(pack)
    return files


def _pack(commit: Mapping[str, Any], design: Design, here: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """One village's pack, as the head of draws/pages/draw.js describes it, but for village and stratum."""
    return {
        "spec": SPEC,
        "pack": "village",
        "campaign": commit["campaign"],
        "reserves": design.reserves,
        "rehearsal": commit["rehearsal"],
        "groups": [group for name, units in here.items() for group in _groups(units, name, design)],
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
        group = {"list": name, "substratum": value, "method": selection.method, "N": len(part)}
        group |= {
            "rule": rule.to_dict(),
            "rounding": design.rounding,
            "households": part["household"].tolist(),
        }
        yield group | ({"lambda": part["lambda"].tolist()} if selection.method in UNEQUAL else {})


def _places(units: pd.DataFrame, substratum: pd.Series, selection: Selection) -> pd.Series:
    """The place of every household in the order of a systematic draw, as the draw itself reckons it."""
    parts = [positions(part, selection.order, "household") for _, part in units.groupby(substratum)]
    return pd.concat(parts)
