"""Random small campaigns with odd ids: every method at both stages, substrata, lists, later acts."""

import hashlib
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pandas as pd
from draws_folder import CAMPAIGN, COMMITTED_AT, SEED, SOURCE

from sampling.designs import UNEQUAL, Design, Selection, SizeRule, stratum_of, with_chances
from sampling.designs.design import METHODS
from sampling.draws import draw, make_commit, make_receipt
from sampling.draws.additions import extension_act, reserve_act
from sampling.files import csv_bytes, json_bytes
from sampling.frames import Frame
from sampling.words import InputError

ODD = [
    "NA",
    "null",
    "1e5",
    "0371",
    "371",
    "村",
    "𠮷",
    "\uff21",
    "Caf\u00e9",
    'a"b',
    "a,b",
    "a/certainty",
    "٣",
]
TOWNS = ["甲镇", "NA", "𠮷镇"]
NUMBERS = ["", "10", "9", "-2.5", "09", "1e5", "0"]
"""Values to sort by: with 1e5 among them the field is no numeric one."""
SECOND = "31415926535897932384"
LATER = SOURCE | {"time": "2026-06-01T09:00:00+08:00"}
Fields = Mapping[str, Any]


def _ids(rng: random.Random, count: int) -> list[str]:
    plain = [f"{number:03}" for number in range(rng.choice([1, 90]), 200)]
    return rng.sample(ODD + rng.sample(plain, max(1, count)), count)


def _rule(rng: random.Random) -> SizeRule:
    rate = Fraction(rng.choice(["1/5", "7/100", "1/2", "2/3", "1"]))
    return SizeRule(rate=rate, at_least=rng.randint(0, 2), at_most=rng.choice([None, 2, 4]))


def _selection(rng: random.Random, method: str) -> Selection:
    sized = method in UNEQUAL and method != "bernoulli"
    order = ("x", "y")[: rng.randint(0, 2)] if method == "systematic" else ()
    return Selection(method=method, size="size" if sized else "", order=order)


def _frame(rng: random.Random, design: Design, villages: list[str], certain: set[str]) -> Frame:
    towns = {village: rng.choice(TOWNS) for village in villages}
    values = NUMBERS[: rng.choice([5, 7])]
    table = pd.DataFrame({"township": [towns[v] for v in villages], "village": villages}, dtype="str")
    table["certainty"] = ["1" if v in certain else "0" for v in villages]
    for name in design.fields:
        table[name] = [rng.choice("123456789") if name == "size" else rng.choice(values) for _ in villages]
    rows = []
    for village in villages:
        for household in _ids(rng, rng.choice([0, 1, 3, 7, 12])) or [""]:
            rows.append((towns[village], village, household, "1" if village in certain else "0"))
    units = pd.DataFrame(rows, columns=["township", "village", "household", "certainty"], dtype="str")
    choices = {"size": list("123456789"), "category": ["A", "B", "C"]}
    for name in design.household_fields:
        cells = [rng.choice(choices.get(name, values)) if row[2] else "" for row in rows]
        units[name] = pd.Series(cells, dtype="str")
    counts = units[units["household"] != ""].groupby("village").size().reindex(villages).fillna(0)
    totals = {"households": int(counts.sum()), "persons": None, "amount_fen": 1}
    return Frame(units=units, villages=table, sizes=counts.astype("int64"), control_totals=totals)


def _list(rng: random.Random, frame: Frame) -> Frame:
    places = frame.villages.sample(frac=0.7, random_state=rng.randint(0, 99))
    rows = [
        (row["township"], row["village"], household, row["certainty"])
        for row in places.to_dict("records")
        for household in _ids(rng, rng.randint(1, 5))
    ]
    units = pd.DataFrame(rows, columns=["township", "village", "household", "certainty"], dtype="str")
    sizes = units.groupby("village").size()
    return Frame(
        units=units, villages=places[["township", "village", "certainty"]], sizes=sizes, control_totals={}
    )


def _design(rng: random.Random, first: str, second: str) -> Design:
    fixed = {first, second} & {"pareto", "sequential_poisson"}
    categories = {"category": {"A": _rule(rng), "B": _rule(rng)}} if rng.random() < 0.4 else {}
    return Design(
        conflict=rng.choice(["bounds", "rate"]),
        rounding=rng.choice(["up", "half_up"] if fixed else ["up", "half_up", "random"]),
        reserves=rng.randint(0, 3),
        villages=_rule(rng),
        villages_by=_selection(rng, first),
        households=_rule(rng),
        households_by=_selection(rng, second),
        categories=categories,
        sealed=rng.random() < 0.25,
        lists={"removed": _rule(rng)},
    )


class Drawing:
    """A campaign that is drawn again and again, an act longer each time."""

    def __init__(self, rng: random.Random, design: Design, frame: Frame, lists: dict[str, Frame]) -> None:
        self.rng, self.design, self.frame, self.lists = rng, design, frame, lists
        options = {"campaign": CAMPAIGN, "lists": lists, "software": "x", "committed_at": COMMITTED_AT}
        self.commit = make_commit(frame, design, **options)
        self.digest = hashlib.sha256(json_bytes(self.commit)).hexdigest()
        self.acts: list[Fields] = []

    def draw(self) -> None:
        options = {"seed": SEED, "campaign": CAMPAIGN, "lists": self.lists, "acts": self.acts}
        self.sample = draw(self.frame, self.design, **options)
        made = {"seed": SEED, "source": SOURCE, "software": "x", "acts": self.acts}
        self.receipt = make_receipt(self.commit, self.digest, self.sample, **made)

    def rows(self, **wanted: str) -> pd.DataFrame:
        table = self.sample.table
        for name, value in wanted.items():
            table = table[table[name] == value]
        return table

    def arrive(self) -> None:
        """Half of the villages are drawn on arrival."""
        for village in self.rows(stage="1").query("role in ['main', 'certainty']")["village"]:
            if self.rng.random() < 0.6:
                seed = f"{self.rng.getrandbits(70):025}"
                self.acts.append({"act": "village", "village": village, "seed": seed, "seed_source": LATER})

    def extend(self) -> None:
        strata = sorted(set(stratum_of(self.frame.villages)))
        more = {self.rng.choice(strata): self.rng.randint(1, 2)}
        fresh = (SECOND, LATER) if self.rng.random() < 0.5 else None
        options = {"receipt": self.receipt, "found": fresh is not None, "fresh": fresh}
        self.acts.append(extension_act(self.sample.table, self.design, self.frame.villages, more, **options))

    def open(self) -> None:
        main = self.rows(role="main")
        row = main.sample(1, random_state=self.rng.randint(0, 999)).to_dict("records")[0]
        unit = {name: row[name] for name in ("list", "village", "household")}
        options = {"reason": "not_paid", "by": "甲", "time": LATER["time"]}
        self.acts.append(reserve_act(self.sample.table, self.design, **unit, **options))

    def files(self) -> dict[str, bytes]:
        return {
            "frame.csv": csv_bytes(self.frame.units),
            "villages.csv": csv_bytes(self.frame.villages),
            "frame-removed.csv": csv_bytes(self.lists["removed"].units),
            "commit.json": json_bytes(self.commit),
            "receipt.json": json_bytes(self.receipt),
            "sample.csv": csv_bytes(self.sample.table),
        }


def campaign(number: int, first: str, second: str, *, sealed: bool = False) -> Drawing | None:
    """A random campaign with these methods and acts where they are allowed; None where the design is not.

    `sealed`: households are drawn on arrival, and nothing else happens after the draw.
    """
    rng = random.Random(f"{number} {first} {second}")
    design = _design(rng, first, second)
    design = replace(design, sealed=True) if sealed else design
    villages = _ids(rng, rng.randint(3, 14))
    certain = set(rng.sample(villages, rng.choice([0, 0, 2])))
    frame = _frame(rng, design, villages, certain)
    try:
        frame = with_chances(frame, design)
        made = Drawing(rng, design, frame, {"removed": _list(rng, frame)})
    except InputError:
        return None
    made.draw()
    later = [] if sealed else [made.extend, made.open, made.open]
    for act in [made.arrive] * design.sealed + later:
        try:
            act()
        except (InputError, ValueError):
            continue
        made.draw()
    return made


def campaigns(count: int) -> Iterator[tuple[str, Drawing]]:
    """`count` campaigns of every pair of methods."""
    for first in METHODS:
        for second in METHODS:
            for number in range(count):
                if found := campaign(number, first, second):
                    yield f"{first} {second} {number}", found
