"""Small campaigns of our own for the tests of later acts: a roll as CSV, its settings, commands run on it."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sampling.cli import main
from sampling.draws import verify_draw
from sampling.files import read_csv

SEED = "27182818284590452353"
OTHER_SEED = "31415926535897932384"
SETTINGS = """
[campaign]
id = "acts-2026"
lang = "en"
[frame]
roll = "roll.csv"
{frame}
[design]
method = "{method}"
reserves = {reserves}
[design.villages]
{villages}
[design.households]
rate = "50%"
at_least = 2
{households}
[draw]
publish = "after visits"
{draw}
"""


def villages_of(town: str, count: int, households: int = 6) -> dict[str, dict[str, int]]:
    """A town with so many villages of so many households."""
    return {town: {f"{town}{number:02}": households for number in range(1, count + 1)}}


TOWNS = {**villages_of("A", 20), **villages_of("B", 9)}


def write_roll(folder: Path, towns: Mapping[str, Mapping[str, int]] = TOWNS) -> None:
    """Write the roll: households 001, 002 … of every village."""
    with (folder / "roll.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["township", "village", "household"])
        for town, villages in towns.items():
            for village, households in villages.items():
                rows.writerows([town, village, f"{number:03}"] for number in range(1, households + 1))


def campaign_in(
    folder: Path,
    towns: Mapping[str, Mapping[str, int]] = TOWNS,
    *,
    method: str = "srs",
    reserves: int = 2,
    villages: str = 'rate = "20%"\nat_least = 3\nat_most = 5',
    households: str = "",
    frame: str = "",
    draw: str = "",
) -> Path:
    """A committed campaign."""
    folder.mkdir(parents=True, exist_ok=True)
    write_roll(folder, towns)
    settings = {"method": method, "reserves": reserves, "villages": villages}
    settings |= {"households": households, "frame": frame, "draw": draw}
    (folder / "campaign.toml").write_text(SETTINGS.format(**settings), encoding="utf-8")
    assert run("commit", folder) == 0
    return folder


def drawn_in(folder: Path, *args: Any, seed: str = SEED, **options: Any) -> Path:
    """A campaign that is drawn."""
    campaign_in(folder, *args, **options)
    assert run("draw", folder, "--seed", seed, "--source", "dice") == 0
    return folder


def run(command: str, folder: Path, *words: str) -> int:
    """The exit code of a command."""
    return main([command, str(folder), *words, "--lang", "en"])


def sample_of(folder: Path) -> pd.DataFrame:
    """The rows of `sample.csv`."""
    return read_csv(folder / "sample.csv")


def receipt_of(folder: Path) -> dict[str, Any]:
    """What `receipt.json` says."""
    return json.loads((folder / "receipt.json").read_text(encoding="utf-8"))


def roles(folder: Path, stage: str, **where: str) -> dict[str, str]:
    """The role of every unit of a stage, in the order of the ranks."""
    rows = sample_of(folder)
    rows = rows[rows["stage"] == stage]
    for name, value in where.items():
        rows = rows[rows[name] == value]
    rows = rows.assign(place=rows["rank"].astype(int)).sort_values(["stratum", "village", "place"])
    unit = "village" if stage == "1" else "household"
    if stage == "1":
        rows = rows.sort_values(["stratum", "place"])
    return dict(zip(rows[unit], rows["role"], strict=True))


class Killed(BaseException):
    """The machine stops: nothing that the program would do afterwards is done."""


def killed_at(limit: int, command: str, folder: Path, *words: str) -> bool:
    """Run a command and stop it just before it puts its n-th file in place; whether that came about."""
    count, replace = 0, Path.replace

    def counted(self: Path, target: Path) -> Path:
        nonlocal count
        count += 1
        if count == limit:
            raise Killed
        return replace(self, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "replace", counted)
        try:
            assert run(command, folder, *words) == 0
        except Killed:
            return True
    return False


def wrong(folder: Path) -> list[str]:
    """What the verifier finds wrong."""
    return [check.en for check in verify_draw(folder) if not check.ok]
