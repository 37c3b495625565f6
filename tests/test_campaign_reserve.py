"""Reserves: opened strictly in order, for two reasons only, and what forms and estimates make of them."""

import hashlib
import json
from pathlib import Path

import pytest
from acts_folder import drawn_in, receipt_of, roles, run, sample_of, villages_of, wrong

from sampling.campaign import open_campaign, status_table
from sampling.campaign.redrawing import read_drawn, redrawn
from sampling.draws import verify
from sampling.files import csv_bytes, json_bytes
from sampling.forms import drawn_households, numbered_households, read_workbook

OPEN = ["--reason", "not_paid", "--by", "Li"]


def first_of(folder: Path) -> str:
    return next(iter(roles(folder, "1")))


def households_of(folder: Path, village: str) -> dict[str, str]:
    return roles(folder, "2", village=village)


def test_the_next_household_in_order_takes_the_place_of_one_that_was_not_paid(tmp_path):
    folder = drawn_in(tmp_path / "c")
    village = first_of(folder)
    before = list(households_of(folder, village))
    assert run("reserve", folder, "--village", village, "--household", before[1], *OPEN) == 0
    after = households_of(folder, village)
    assert list(after.values()) == ["main", "replaced", "main", "main", "reserve", "reserve"]
    assert list(after)[:5] == before
    act = receipt_of(folder)["acts"][0]
    assert (act["household"], act["replaces"], act["reason"], act["by"]) == (
        before[3],
        before[1],
        "not_paid",
        "Li",
    )
    assert wrong(folder) == []


def test_an_opened_household_that_is_out_of_scope_too_is_replaced_by_the_one_after_it(tmp_path):
    folder = drawn_in(tmp_path / "c")
    village = first_of(folder)
    before = list(households_of(folder, village))
    for household in (before[0], before[3]):
        assert run("reserve", folder, "--village", village, "--household", household, *OPEN) == 0
    after = households_of(folder, village)
    assert list(after.values()) == ["replaced", "main", "main", "replaced", "main", "reserve"]
    assert wrong(folder) == []


def test_the_chance_of_the_units_in_scope_is_that_of_inverse_sampling(tmp_path):
    folder = drawn_in(tmp_path / "c")
    village = first_of(folder)
    household = next(iter(households_of(folder, village)))
    run("reserve", folder, "--village", village, "--household", household, *OPEN)
    rows = sample_of(folder)
    inside = rows[(rows["stage"] == "2") & (rows["village"] == village)]
    chances = inside.loc[inside["role"] == "main", "pi_stage"].astype(float)
    assert chances.tolist() == pytest.approx([3 * (4 - 1) / (6 * (3 - 1))] * 3)  # M = 6, m = 3, 4 looked at
    assert set(inside.loc[inside["role"] != "main", "weight"]) == {""}


def test_a_village_is_replaced_with_all_its_households(tmp_path):
    folder = drawn_in(tmp_path / "c")
    before = list(roles(folder, "1", stratum="A"))
    assert run("reserve", folder, "--village", before[2], "--reason", "listed_twice", "--by", "Li") == 0
    after = roles(folder, "1", stratum="A")
    assert after[before[2]] == "replaced" and after[before[4]] == "main"
    assert not households_of(folder, before[2]) and households_of(folder, before[4])
    assert wrong(folder) == []


@pytest.mark.parametrize("reason", ["died", "moved", "refused", "absent", "not_found", ""])
def test_findings_and_outcomes_are_never_replaced(tmp_path, capsys, reason):
    folder = drawn_in(tmp_path / "c")
    words = ["--village", first_of(folder), "--reason", reason, "--by", "Li"]
    assert run("reserve", folder, *words) == 1
    assert "Died, moved and living elsewhere are findings; refused and absent are outcomes" in (
        capsys.readouterr().err
    )
    assert not (folder / "receipts").exists()


def test_who_is_not_drawn_or_is_replaced_already_cannot_be_replaced(tmp_path):
    folder = drawn_in(tmp_path / "c")
    village = first_of(folder)
    inside = list(households_of(folder, village))
    assert run("reserve", folder, "--village", village, "--household", inside[3], *OPEN) == 1  # a reserve
    assert run("reserve", folder, "--village", village, "--household", "999", *OPEN) == 1
    assert run("reserve", folder, "--village", village, "--household", inside[0], "--list", "x", *OPEN) == 1
    assert run("reserve", folder, "--village", village, "--household", inside[0], *OPEN) == 0
    assert run("reserve", folder, "--village", village, "--household", inside[0], *OPEN) == 1
    assert len(receipt_of(folder)["acts"]) == 1


def test_reserves_that_run_out_say_how_many_would_be_needed(tmp_path, capsys):
    folder = drawn_in(tmp_path / "c", villages_of("A", 4))
    names = list(roles(folder, "1"))
    assert run("reserve", folder, "--village", names[0], *OPEN) == 0
    capsys.readouterr()
    assert run("reserve", folder, "--village", names[1], *OPEN) == 1
    assert "all of its 4 units are drawn or replaced, and it would need 2 reserves" in capsys.readouterr().err


def test_a_design_without_reserves_says_that_it_has_none(tmp_path, capsys):
    folder = drawn_in(tmp_path / "c", reserves=0)
    capsys.readouterr()
    assert run("reserve", folder, "--village", first_of(folder), *OPEN) == 1
    assert "The design has no reserves: A would need 1" in capsys.readouterr().err


def test_only_simple_random_sampling_has_reserves_to_open(tmp_path, capsys):
    extra = 'rate = "20%"\nat_least = 3\nsize = "households"'
    folder = drawn_in(tmp_path / "c", method="pareto", villages=extra)
    village = first_of(folder)
    capsys.readouterr()
    assert run("reserve", folder, "--village", village, *OPEN) == 1
    assert "“pareto” have no reserve" in capsys.readouterr().err
    household = next(iter(households_of(folder, village)))
    assert run("reserve", folder, "--village", village, "--household", household, *OPEN) == 0  # srs inside
    assert wrong(folder) == []


def forged(folder: Path, act: dict) -> None:
    """Write receipt and sample as if `act` had been allowed, with every hash made to fit."""
    drawn = read_drawn(open_campaign(folder))
    honest = redrawn(drawn, [])
    table = honest.table
    if act["household"]:
        rows = (table["village"] == act["village"]) & (table["stage"] == "2")
        table.loc[rows & (table["household"] == act["household"]), "role"] = "main"
        table.loc[rows & (table["household"] == act["replaces"]), "role"] = "replaced"
    data = csv_bytes(table)
    receipt = {
        **drawn.receipt,
        "acts": [act],
        "sample_sha256": hashlib.sha256(data).hexdigest(),
        "check_sum": "",
    }
    receipt["check_sum"] = verify.sha(json.dumps(receipt, sort_keys=True))
    (folder / "sample.csv").write_bytes(data)
    (folder / "receipt.json").write_bytes(json_bytes(receipt))
    (folder / "log.jsonl").unlink()
    (folder / "heads.jsonl").unlink()


def test_a_forged_receipt_that_passes_over_a_reserve_fails_the_check(tmp_path):
    folder = drawn_in(tmp_path / "c")
    village = first_of(folder)
    inside = list(households_of(folder, village))
    act = {"act": "reserve", "list": "", "village": village, "household": inside[4], "replaces": inside[0]}
    forged(folder, act | {"reason": "not_paid", "by": "x", "time": "2026-05-06T10:00:00+08:00"})
    assert wrong(folder)


def test_a_draw_that_passes_over_a_reserve_cannot_be_made(tmp_path):
    drawn = read_drawn(open_campaign(drawn_in(tmp_path / "c")))
    village = first_of(drawn.campaign.folder)
    inside = list(households_of(drawn.campaign.folder, village))
    act = {"act": "reserve", "list": "", "village": village, "household": inside[4], "replaces": inside[0]}
    with pytest.raises(ValueError, match="in order"):
        redrawn(drawn, [act])


def test_forms_hold_the_opened_household_and_not_the_replaced_one(tmp_path):
    folder = drawn_in(tmp_path / "c")
    village = first_of(folder)
    inside = list(households_of(folder, village))
    run("reserve", folder, "--village", village, "--household", inside[0], *OPEN)
    assert run("forms", folder) == 0
    form = read_workbook((folder / "forms" / f"{village}.xlsx").read_bytes())
    assert list(form.rows["household"]) == [inside[1], inside[2], inside[3]]


def test_forms_are_out_of_date_once_a_reserve_is_opened(tmp_path):
    folder = drawn_in(tmp_path / "c")
    assert state_of(folder, "forms") == "not yet"
    run("forms", folder)
    assert state_of(folder, "forms") == "done"
    village = first_of(folder)
    run(
        "reserve",
        folder,
        "--village",
        village,
        "--household",
        next(iter(households_of(folder, village))),
        *OPEN,
    )
    assert state_of(folder, "forms") == "out of date"


def state_of(folder: Path, step: str) -> str:
    table = status_table(open_campaign(folder, lang="en"))
    return table.set_index("step").at[step, "state"]


def test_serials_that_were_given_out_stay_whatever_is_opened_or_added(tmp_path):
    folder = drawn_in(tmp_path / "c")
    before = serials(folder)
    village = first_of(folder)
    household = next(iter(households_of(folder, village)))
    run("reserve", folder, "--village", village, "--household", household, *OPEN)
    run("extend", folder, "--more", "B=2")
    run("reserve", folder, "--village", list(roles(folder, "1", stratum="A"))[1], *OPEN)
    after = serials(folder)
    assert {key: after[key] for key in before} == before
    assert len(set(after.values())) == len(after) > len(before)
    issued = drawn_households(open_campaign(folder).issued())
    rows = sample_of(folder)
    due = rows[(rows["stage"] == "2") & (rows["role"] == "main")]
    assert set(zip(issued["village"], issued["household"], strict=True)) == set(
        zip(due["village"], due["household"], strict=True)
    )


def serials(folder: Path) -> dict[tuple[str, str], str]:
    """The serial of every household that a form can be out for."""
    rows = numbered_households(open_campaign(folder).issued())
    return dict(zip(zip(rows["village"], rows["household"], strict=True), rows["serial"], strict=True))
