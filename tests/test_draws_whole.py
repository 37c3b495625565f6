"""Whole random campaigns, every pair of methods: the verifier says yes to all, and no to any figure moved."""

import json
import random
from collections.abc import Mapping
from pathlib import Path

import pytest
from draws_folder import write
from draws_random import campaign

from sampling.draws import METHODS, verify, verify_draw

PAIRS = [(first, second) for first in METHODS for second in METHODS]


def whole(first: str, second: str) -> Mapping[str, bytes]:
    """The files of the first random campaign of these methods that a design allows."""
    found = (campaign(number, first, second) for number in range(20))
    return next(one for one in found if one is not None).files()


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_a_campaign_of_any_two_methods_is_verified_and_every_figure_of_its_receipt_matters(
    first, second, tmp_path
):
    contents = whole(first, second)
    folder = write(tmp_path, contents)
    assert [check for check in verify_draw(folder) if not check.ok] == []
    receipt = json.loads(contents["receipt.json"])
    for name in ("strata", "sample", "villages"):
        if rows := receipt[name]:
            moved(folder, receipt, name, random.Random(first + second).randrange(len(rows)))


def moved(folder: Path, receipt: dict, name: str, index: int) -> None:
    """One ticket of the receipt moved by a forger who mends the check sum: the verifier must say where."""
    rows = [dict(row) for row in receipt[name]]
    key = "ticket" if name == "sample" else "cut_ticket"
    rows[index][key] = "f" * 64
    forged = {**receipt, name: rows, "check_sum": ""}
    forged["check_sum"] = verify.sha(json.dumps(forged, sort_keys=True))
    write(folder, {"receipt.json": json.dumps(forged).encode()})
    wrong = [check.en for check in verify.verify(folder) if not check.ok]
    assert wrong and all(f"receipt.json / {name}" in one for one in wrong)
