"""A small county of our own for the tests of designs and draws, and a campaign folder made from it."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from sampling.designs import Design, read_design, stratum_sizes
from sampling.draws import Sample, draw, make_commit, make_receipt, verify
from sampling.draws.receipt import AS_COMMITTED
from sampling.files import csv_bytes, json_bytes
from sampling.frames import Frame

SEED = "27182818284590452353"
CAMPAIGN = "demo-2026"
SOURCE = {"event": "dice", "time": "2026-05-06T11:00:00+08:00", "witnesses": ["甲", "乙"]}
COMMITTED_AT = "2026-05-06T10:00:00+08:00"


def frame_of(
    towns: Mapping[str, Mapping[str, list[str]]],
    *,
    certain: tuple[str, ...] = (),
    fields: Mapping[str, Mapping[str, str]] | None = None,
) -> Frame:
    """A frame from households by town and village; `fields` hold further village fields by town."""
    places = [(town, village) for town in towns for village in towns[town]]
    villages = pd.DataFrame(places, columns=["township", "village"], dtype="str")
    flags = villages["village"].isin(certain).map({True: "1", False: "0"}).astype("str")
    villages["certainty"] = flags
    for name, values in (fields or {}).items():
        villages[name] = villages["township"].map(values).fillna("").astype("str")
    rows = [(*place, name) for place in places for name in (towns[place[0]][place[1]] or [""])]
    units = pd.DataFrame(rows, columns=["township", "village", "household"], dtype="str")
    units["certainty"] = units["village"].map(villages.set_index("village")["certainty"])
    sizes = pd.Series({village: len(towns[town][village]) for town, village in places}, dtype="int64")
    totals = {"households": int(sizes.sum()), "persons": None, "amount_fen": 123456}
    return Frame(units=units, villages=villages, sizes=sizes, control_totals=totals)


def households(count: int, start: int = 1) -> list[str]:
    """Household ids 001, 002 …"""
    return [f"{number:03}" for number in range(start, start + count)]


TOWNS = {
    "大坪镇": {f"44148110{i:04}": households(3 + i % 9) for i in range(1, 28)} | {"441481109999": []},
    "宁新街道": {f"44148120{i:04}": households(5 + 3 * i) for i in range(1, 5)},
    "县林场": {"NA": households(3), "1e5": households(9), "0371": households(1)},
}
REMOVED = {"大坪镇": {f"44148110{i:04}": households(i % 4, 900) for i in range(1, 13)}}
CERTAIN = ("441481100003", "441481200002")


def county() -> tuple[Frame, dict[str, Frame]]:
    """A town of 28 villages, one of them empty, a street of 4, a unit of 3; two villages are all taken."""
    kinds = {"大坪镇": "town", "宁新街道": "town", "县林场": "unit"}
    frame = frame_of(TOWNS, certain=CERTAIN, fields={"kind": kinds})
    removed = {
        town: {village: ids for village, ids in villages.items() if ids} for town, villages in REMOVED.items()
    }
    return frame, {"removed": frame_of(removed)}


def design(**changes: Any) -> Design:
    """20 % of the villages, 3 to 5 a town, at least 1 of a unit's; half of the households."""
    villages = {"rate": "20%", "at_least": 3, "at_most": 5, "certainty": "blank"}
    villages["kind"] = {"unit": {"at_least": 1}}
    table = {"reserves": 2, "villages": villages, "households": {"rate": "50%", "at_least": 2}} | changes
    return read_design(table, lists={"removed": {"rate": "50%"}})


def drawn() -> tuple[dict[str, Any], Sample]:
    """The commit of this county and the sample drawn from it."""
    frame, lists = county()
    commit = make_commit(
        frame,
        design(),
        campaign=CAMPAIGN,
        lists=lists,
        software="inspection-sampling 0",
        committed_at=COMMITTED_AT,
        previous_receipt="",
    )
    return commit, draw(frame, design(), seed=SEED, campaign=CAMPAIGN, lists=lists)


def redrawn(
    frame: Frame,
    plan: Design,
    *,
    lists: Mapping[str, Frame] = MappingProxyType({}),
    acts: Sequence[Mapping[str, Any]] = (),
) -> list[dict[str, Any]]:
    """The rows that the stand-alone verifier draws."""
    return verify.redraw(committed(frame, plan, lists), SEED, list(acts))[1]


def committed(frame: Frame, plan: Design, lists: Mapping[str, Frame] = MappingProxyType({})) -> verify.Commit:
    """What the verifier reads from the files of a commit."""
    villages = frame.villages.to_dict("records")
    units = {name: part.units.to_dict("records") for name, part in {"": frame, **lists}.items()}
    members: dict[str, Any] = {name: defaultdict(list) for name in units}
    for name, rows in units.items():
        for row in rows:
            members[name][row["village"]] += [row] if row["household"] else []
    numbers = {"": verify.numeric(villages, list(plan.villages_by.order))}
    numbers["frame"] = verify.numeric(units[""], list(plan.households_by.order))
    sizes = stratum_sizes(frame, plan)[["stratum", "n", "bound"]]
    strata = {row["stratum"]: {"n": row["n"], "rule": row["bound"]} for row in sizes.to_dict("records")}
    return verify.Commit(CAMPAIGN, plan.to_dict(), strata, villages, members, numbers)


def receipt_of(commit: Mapping[str, Any], sample: Sample, **options: Any) -> dict[str, Any]:
    """The receipt of a sample drawn from this commit."""
    digest = hashlib.sha256(json_bytes(commit)).hexdigest()
    options = {"seed": sample.seed, "source": SOURCE, "software": "inspection-sampling 0"} | options
    return make_receipt(commit, digest, sample, **options)


def files() -> dict[str, bytes]:
    """Every file that the verifier needs, by name, itself included."""
    frame, lists = county()
    commit, sample = drawn()
    return {
        "frame.csv": csv_bytes(frame.units),
        "villages.csv": csv_bytes(frame.villages),
        "frame-removed.csv": csv_bytes(lists["removed"].units),
        "commit.json": json_bytes(commit),
        "receipt.json": json_bytes(receipt_of(commit, sample)),
        "sample.csv": csv_bytes(sample.table),
        "verify.py": Path(verify.__file__).read_bytes(),
    }


def write(folder: Path, contents: Mapping[str, bytes]) -> Path:
    """Put the files into the folder."""
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return folder


def repaired(contents: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files with every hash in the receipt made to fit again, as a careful forger would.

    Where the commit was edited, what the receipt repeats of it is made to fit as well.
    """
    receipt = json.loads(contents["receipt.json"])
    if contents["commit.json"] != json_bytes(drawn()[0]):
        commit = json.loads(contents["commit.json"])
        receipt |= {name: commit[name] for name in AS_COMMITTED}
    for key, name in (("commit_sha256", "commit.json"), ("sample_sha256", "sample.csv")):
        receipt[key] = hashlib.sha256(contents[name]).hexdigest()
    receipt["check_sum"] = ""
    receipt["check_sum"] = verify.sha(json.dumps(receipt, sort_keys=True))
    return {**contents, "receipt.json": json_bytes(receipt)}
