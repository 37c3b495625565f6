"""The next wave: villages drawn before are rarer, nobody is safe, and the seed is a new one."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from acts_folder import OTHER_SEED, SEED, campaign_in, drawn_in, receipt_of, roles, run, villages_of, wrong
from draws_folder import frame_of

from sampling.designs import read_design
from sampling.designs.chances import with_chances
from sampling.draws import draw
from sampling.files import read_csv

TOWN = villages_of("A", 20)
QUARTER = 'rate = "20%"\nat_least = 3\ndrawn_before = "1/4"'


def second_wave(
    folder: Path, before: Path, *, villages: str = QUARTER, method: str = "pareto", **options: Any
) -> Path:
    options["draw"] = f'previous = "../{before.name}"'
    return campaign_in(folder, TOWN, villages=villages, method=method, **options)


def drawn_before(folder: Path) -> set[str]:
    table = read_csv(folder / "villages.csv")
    return set(table.loc[table["drawn_before"] == "1", "village"])


def test_the_villages_of_the_wave_before_come_from_its_receipt(tmp_path):
    before = drawn_in(tmp_path / "wave1", TOWN)
    folder = second_wave(tmp_path / "wave2", before)
    assert drawn_before(folder) == {unit["id"] for unit in receipt_of(before)["sample"]}
    commit = json.loads((folder / "commit.json").read_bytes())
    assert commit["previous_receipt"] == hashlib.sha256((before / "receipt.json").read_bytes()).hexdigest()
    assert run("draw", folder, "--seed", OTHER_SEED) == 0
    assert receipt_of(folder)["previous_receipt"] == commit["previous_receipt"]
    assert wrong(folder) == []


def test_the_receipt_itself_can_be_named(tmp_path):
    before = drawn_in(tmp_path / "wave1", TOWN)
    campaign_in(
        tmp_path / "w", TOWN, villages=QUARTER, method="pareto", draw='previous = "../wave1/receipt.json"'
    )
    assert drawn_before(tmp_path / "w") == {unit["id"] for unit in receipt_of(before)["sample"]}


def test_villages_taken_with_certainty_count_as_drawn_before(tmp_path):
    folder = tmp_path / "wave1"
    folder.mkdir()
    rows = "".join(f"A,{name},{'yes' if name in ('A07', 'A08') else 'no'}\n" for name in TOWN["A"])
    (folder / "villages.csv").write_text(f"township,village,blank\n{rows}", encoding="utf-8")
    certain = 'rate = "20%"\ncertainty = "blank"'
    drawn_in(folder, TOWN, villages=certain, frame='villages = "villages.csv"')
    assert {"A07", "A08"} < drawn_before(second_wave(tmp_path / "wave2", folder))


def test_a_column_of_the_users_own_is_used_instead(tmp_path):
    before = drawn_in(tmp_path / "wave1", TOWN)
    folder = tmp_path / "wave2"
    folder.mkdir()
    rows = "".join(f"A,{name},{int(name == 'A05')}\n" for name in TOWN["A"])
    (folder / "villages.csv").write_text(f"township,village,drawn_before\n{rows}", encoding="utf-8")
    second_wave(folder, before, frame='villages = "villages.csv"')
    assert drawn_before(folder) == {"A05"}


@pytest.mark.parametrize("seed", [SEED])
def test_the_seed_of_the_wave_before_is_refused(tmp_path, capsys, seed):
    folder = second_wave(tmp_path / "wave2", drawn_in(tmp_path / "wave1", TOWN))
    capsys.readouterr()
    assert run("draw", folder, "--seed", seed) == 1
    assert "is the seed of the draw before" in capsys.readouterr().err
    assert run("draw", folder, "--seed", OTHER_SEED) == 0


def test_a_changed_copy_of_the_earlier_receipt_is_found(tmp_path):
    folder = second_wave(tmp_path / "wave2", drawn_in(tmp_path / "wave1", TOWN))
    (folder / "previous.json").write_text('{"seed": "0", "sample": []}', encoding="utf-8")
    assert run("draw", folder, "--seed", SEED) == 1


def test_without_a_weight_the_commit_recommends_a_quarter_and_with_none_it_warns(tmp_path, capsys):
    before = drawn_in(tmp_path / "wave1", TOWN)
    capsys.readouterr()
    second_wave(tmp_path / "a", before, villages='rate = "20%"', method="srs")
    assert 'method = "pareto" and drawn_before = "1/4"' in capsys.readouterr().out
    second_wave(tmp_path / "b", before, villages=QUARTER.replace("1/4", "0"))
    told = capsys.readouterr().out
    assert "They know that they are safe, and no estimate covers them" in told
    assert 'drawn_before = "1/4" under' not in told
    assert run("draw", tmp_path / "b", "--seed", OTHER_SEED) == 0
    drawn = [village for village, role in roles(tmp_path / "b", "1").items() if role == "main"]
    assert len(drawn) == 4 and not set(drawn) & {unit["id"] for unit in receipt_of(before)["sample"]}
    assert wrong(tmp_path / "b") == []


def test_an_earlier_campaign_that_is_not_there_is_told(tmp_path, capsys):
    folder = campaign_in(tmp_path / "c", TOWN)
    settings = folder / "campaign.toml"
    settings.write_text(
        settings.read_text(encoding="utf-8") + '\nprevious = "../nowhere"\n', encoding="utf-8"
    )
    assert run("commit", folder) == 1
    assert "there is no receipt of an earlier draw" in capsys.readouterr().err


def test_the_overlap_of_four_in_twenty_falls_from_four_fifths_to_a_quarter():
    """Expected overlap, drawn twice: 4 x 4/20 = 0.80 independently; with the weight 1/4 about 0.24.

    Towns are drawn independently: one draw of 1,000 towns is a thousand draws of a town.
    """
    villages = {"rate": "20%", "drawn_before": "1/4"}
    design = read_design({"method": "pareto", "villages": villages, "households": {"rate": "1"}}, lists={})
    towns = {f"T{town:03}": {f"T{town:03}-{one:02}": ["1"] for one in range(20)} for town in range(1000)}
    plain = frame_of(towns)
    before = plain.villages["village"].str[-2:].isin(["00", "01", "02", "03"])
    marks = before.map({True: "1", False: "0"})
    frame = with_chances(replace(plain, villages=plain.villages.assign(drawn_before=marks)), design)
    pi = frame.villages["pi"].astype(float)[:20]
    assert pi.sum() == pytest.approx(4) and (pi > 0).all()
    assert pi[:4].sum() == pytest.approx(0.24, abs=0.005)
    rows = draw(frame, design, seed=SEED, campaign="c").table
    drawn = rows.loc[(rows["stage"] == "1") & (rows["role"] == "main"), "village"]
    found = drawn.isin(frame.villages.loc[before, "village"]).sum() / 1000
    assert found == pytest.approx(pi[:4].sum(), abs=0.06)  # the mean has a standard deviation of 0.015
