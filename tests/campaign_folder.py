"""A campaign on the tiny county, run by its commands."""

import hashlib
import json
from dataclasses import fields
from pathlib import Path

import pandas as pd

from sampling.campaign import open_campaign
from sampling.cli import main
from sampling.demo.inspectors import FieldNoise, fill_forms

TINY = Path(__file__).parents[1] / "data" / "tiny" / "source"
SEED = "31415926535897932384"
OTHER_SEED = "27182818284590452353"
CALM = FieldNoise(**{one.name: 0.0 for one in fields(FieldNoise)})
"""Inspectors who find everybody at home and write everything down properly."""


def run(*words: object) -> int:
    return main([str(word) for word in words])


def new(folder: Path, extra: str = "", *, committed: bool = True) -> Path:
    """A campaign on the tiny county, `extra` added to its settings; committed unless told otherwise."""
    assert run("new", folder, "--roll", TINY / "roll.csv", "--villages", TINY / "villages.csv") == 0
    settings = folder / "campaign.toml"
    lines = [
        line
        for line in settings.read_text(encoding="utf-8").splitlines()
        if not ("publish = " in extra and line.startswith("publish = "))
    ]
    settings.write_text("\n".join(lines).replace("[draw]", f"[draw]\n{extra}") + "\n", encoding="utf-8")
    if committed:
        assert run("commit", folder) == 0
    return folder


def drawn(folder: Path, extra: str = "") -> Path:
    new(folder, extra)
    assert run("draw", folder, "--seed", SEED, "--source", "dice") == 0
    return folder


def read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def entries(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()]


def told(folder: Path, *words: object) -> bool:
    """Whether `verify` says yes to everything."""
    return run("verify", folder, *words) == 0


def sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def visit(folder: Path, *, villages: int | None = None) -> None:
    """Every drawn household of the first so many villages (of all) is visited and taken into the register."""
    assert run("forms", folder) == 0
    truth = pd.DataFrame(columns=["list", "village", "household", "status", "reason", "amount_due_fen"])
    files = fill_forms(
        folder / "forms", folder / "back", truth, open_campaign(folder).issued(), seed=1, noise=CALM
    )
    assert run("intake", folder, *files[:villages] if villages else files[:-2]) == 0
