"""Households drawn on arrival: by command or from what the page saved, all of a batch or none."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from acts_folder import (
    OTHER_SEED,
    SEED,
    drawn_in,
    killed_at,
    receipt_of,
    roles,
    run,
    sample_of,
    villages_of,
    wrong,
)
from draws_folder import frame_of, households

from sampling.campaign import open_campaign
from sampling.campaign.redrawing import read_drawn, redrawn
from sampling.campaign.sealing import SEALED, sealed_packs
from sampling.designs import read_design
from sampling.designs.chances import with_chances
from sampling.draws import draw

SOURCE = {"event": "dice in the village", "time": "2126-05-07T09:00:00+08:00", "witnesses": ["Li", "Wang"]}


def sealed_in(folder: Path, **options) -> Path:
    return drawn_in(folder, households="sealed = true", **options)


def drawn_villages(folder: Path) -> list[str]:
    return [village for village, role in roles(folder, "1").items() if role != "reserve"]


def seed_of(number: int) -> str:
    return str(number) * 20


def record(folder: Path, village: str, seed: str) -> dict:
    """What the page saves: the draw by its own rules, here made by the package."""
    act = {"act": "village", "village": village, "seed": seed, "seed_source": SOURCE}
    table = redrawn(read_drawn(open_campaign(folder)), [act]).table
    inside = table[(table["stage"] == "2") & (table["village"] == village)]
    inside = inside.sort_values("rank", key=lambda rank: rank.astype(int))
    ids = {role: inside.loc[inside["role"] == role, "household"].tolist() for role in ("main", "reserve")}
    group = {"list": "", "substratum": "", "drawn": ids["main"], "reserves": ids["reserve"]}
    return {"spec": "draw-v1", **act, "campaign": "acts-2026", "groups": [group]}


def saved(path: Path, record: object) -> str:
    path.write_text(json.dumps(record), encoding="utf-8")
    return str(path)


def test_a_sealed_draw_is_of_villages_alone_and_gives_every_team_its_pack(tmp_path):
    folder = sealed_in(tmp_path / "c")
    assert set(sample_of(folder)["stage"]) == {"1"} and receipt_of(folder)["stage"] == "1"
    packs = [json.loads(path.read_bytes()) for path in sorted((folder / SEALED).glob("*.json"))]
    assert {pack["village"] for pack in packs} == set(drawn_villages(folder))
    assert packs[0]["spec"] == "draw-v1" and packs[0]["pack"] == "village"
    group = packs[0]["groups"][0]
    assert group["households"] == [f"{number:03}" for number in range(1, 7)]
    assert (group["N"], group["method"], group["rounding"]) == (6, "srs", "up")
    assert group["rule"] == {"rate": "1/2", "at_least": 2, "at_most": None}
    assert "<script>" in (folder / "draw.html").read_text(encoding="utf-8")
    assert wrong(folder) == []


def test_one_village_is_drawn_with_its_own_seed(tmp_path):
    folder = sealed_in(tmp_path / "c")
    first, second = drawn_villages(folder)[:2]
    assert run("draw", folder, "--village", first, "--seed", OTHER_SEED, "--source", "dice") == 0
    assert list(roles(folder, "2", village=first).values()) == ["main"] * 3 + ["reserve"] * 2
    assert not roles(folder, "2", village=second)
    assert receipt_of(folder)["stage"] == "1+2" and wrong(folder) == []


def test_a_seed_that_was_used_or_is_older_than_the_draw_is_refused(tmp_path):
    folder = sealed_in(tmp_path / "c")
    first, second = drawn_villages(folder)[:2]
    assert run("draw", folder, "--village", first, "--seed", SEED) == 1
    assert run("draw", folder, "--village", first, "--seed", "123") == 1
    early = ["--at", "2020-01-01T00:00:00+08:00"]
    assert run("draw", folder, "--village", first, "--seed", OTHER_SEED, *early) == 1
    assert run("draw", folder, "--village", first, "--seed", OTHER_SEED) == 0
    assert run("draw", folder, "--village", second, "--seed", OTHER_SEED) == 1
    assert run("draw", folder, "--village", first, "--seed", seed_of(3)) == 1  # one arrival, one draw
    assert len(receipt_of(folder)["acts"]) == 1


def test_only_a_drawn_village_of_a_sealed_design_is_drawn_on_arrival(tmp_path):
    folder = sealed_in(tmp_path / "c")
    reserve = next(village for village, role in roles(folder, "1").items() if role == "reserve")
    assert run("draw", folder, "--village", reserve, "--seed", OTHER_SEED) == 1
    assert run("draw", folder, "--village", "nowhere", "--seed", OTHER_SEED) == 1
    plain = drawn_in(tmp_path / "plain")
    assert run("draw", plain, "--village", drawn_villages(plain)[0], "--seed", OTHER_SEED) == 1


def test_records_of_the_page_are_taken_over_in_one_batch(tmp_path, capsys):
    folder = sealed_in(tmp_path / "c")
    villages = drawn_villages(folder)
    files = [
        saved(tmp_path / f"{village}.json", record(folder, village, seed_of(number)))
        for number, village in enumerate(villages, 1)
    ]
    assert run("draw", folder, "--record", *files[:4]) == 0
    assert "4 villages drawn inside: 12 households. 3 villages wait." in capsys.readouterr().out
    assert run("draw", folder, "--record", *files[4:]) == 0
    assert [act["village"] for act in receipt_of(folder)["acts"]] == villages
    assert wrong(folder) == []


def test_a_record_that_differs_is_refused_with_village_and_ids_and_none_of_its_batch_is_taken(
    tmp_path, capsys
):
    folder = sealed_in(tmp_path / "c")
    good, bad = (
        record(folder, village, seed_of(n)) for n, village in enumerate(drawn_villages(folder)[:2], 1)
    )
    ids = bad["groups"][0]
    due = ", ".join(ids["drawn"])
    ids["drawn"][2], ids["reserves"][0] = ids["reserves"][0], ids["drawn"][2]
    files = [saved(tmp_path / "good.json", good), saved(tmp_path / "bad.json", bad)]
    capsys.readouterr()
    assert run("draw", folder, "--record", *files) == 1
    told = capsys.readouterr().err
    assert bad["village"] in told and due in told and ", ".join(ids["drawn"]) in told
    assert good["village"] not in told
    assert receipt_of(folder)["acts"] == []


def test_two_records_with_one_seed_or_of_one_village_are_refused(tmp_path):
    folder = sealed_in(tmp_path / "c")
    first, second = drawn_villages(folder)[:2]
    same_seed = [record(folder, first, OTHER_SEED), record(folder, second, OTHER_SEED)]
    twice = [record(folder, first, OTHER_SEED), record(folder, first, seed_of(3))]
    for pair in (same_seed, twice):
        files = [saved(tmp_path / f"{number}.json", one) for number, one in enumerate(pair)]
        assert run("draw", folder, "--record", *files) == 1
    assert receipt_of(folder)["acts"] == []


@pytest.mark.parametrize(
    "change",
    [
        {"spec": "draw-v2"},
        {"act": "list"},
        {"campaign": "other"},
        {"campaign": 7},
        {"seed": 7},
        {"groups": [{}]},
        {"groups": {}},
        {"seed_source": {"event": "dice"}},
        {"seed_source": {**SOURCE, "time": "2126-05-07T09:00:00"}},
        {"rehearsal": True},
    ],
)
def test_what_is_no_record_of_this_campaign_is_refused(tmp_path, change):
    folder = sealed_in(tmp_path / "c")
    one = record(folder, drawn_villages(folder)[0], OTHER_SEED) | change
    assert run("draw", folder, "--record", saved(tmp_path / "r.json", one)) == 1
    assert receipt_of(folder)["acts"] == []


def test_a_file_that_is_missing_or_broken_is_refused(tmp_path):
    folder = sealed_in(tmp_path / "c")
    (tmp_path / "broken.json").write_bytes(b"\xff{")
    assert run("draw", folder, "--record", str(tmp_path / "broken.json"), str(tmp_path / "no.json")) == 1


def test_forms_are_made_only_for_villages_drawn_inside_and_the_status_says_how_many_wait(tmp_path, capsys):
    folder = sealed_in(tmp_path / "c")
    first = drawn_villages(folder)[0]
    run("draw", folder, "--village", first, "--seed", OTHER_SEED)
    assert run("forms", folder) == 0
    assert [path.stem for path in (folder / "forms" / "phone").glob("*.xlsx")] == [first]
    capsys.readouterr()
    run("status", folder)
    assert "6 villages wait" in capsys.readouterr().out


def test_a_village_without_a_household_does_not_wait(tmp_path):
    towns = villages_of("A", 3)
    folder = tmp_path / "c"
    folder.mkdir()
    listed = "township,village\n" + "".join(f"A,{village}\n" for village in [*towns["A"], "A99"])
    (folder / "villages.csv").write_text(listed, encoding="utf-8")
    sealed_in(folder, towns=towns, frame='villages = "villages.csv"', villages='rate = "100%"')
    campaign = open_campaign(folder)
    assert sorted(drawn_villages(folder)) == ["A01", "A02", "A03", "A99"]
    assert sorted(campaign.waiting()) == ["A01", "A02", "A03"]
    assert campaign.issued()["village"].tolist() == ["A99"]


def test_a_killed_arrival_is_finished_as_the_log_has_it(tmp_path):
    folder = sealed_in(tmp_path / "c")
    first = drawn_villages(folder)[0]
    assert killed_at(4, "draw", folder, "--village", first, "--seed", OTHER_SEED)
    assert run("draw", folder, "--village", first, "--seed", seed_of(7)) == 0  # finishes what was begun
    assert [act["seed"] for act in receipt_of(folder)["acts"]] == [OTHER_SEED]
    assert wrong(folder) == []


@pytest.mark.parametrize("method", ["systematic", "pareto"])
def test_packs_of_other_methods_carry_what_the_page_needs(method):
    by = {"order": ["share"]} if method == "systematic" else {"size": "share"}
    inside = {"rate": "50%", "sealed": True, "method": method, **by}
    design = read_design({"reserves": 1, "villages": {"rate": "50%"}, "households": inside}, lists={})
    plain = frame_of({"A": {f"A{number}": households(6) for number in range(4)}})
    share = (7 - plain.units["household"].astype(int)).map(str)
    frame = with_chances(replace(plain, units=plain.units.assign(share=share)), design)
    sample = draw(frame, design, seed=SEED, campaign="c").table
    commit = {"design": design.to_dict(), "campaign": "c", "rehearsal": False}
    files = sealed_packs(commit, frame, {}, sample)
    packs = [json.loads(data) for name, data in files.items() if name.endswith(".json")]
    assert len(packs) == 2
    group = packs[0]["groups"][0]
    if method == "systematic":
        assert group["households"] == ["006", "005", "004", "003", "002", "001"]
    else:
        lam = [float.fromhex(value) for value in group["lambda"]]
        assert sum(lam) == pytest.approx(3) and lam == sorted(lam, reverse=True)
