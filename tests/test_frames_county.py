"""The synthetic county: its totals to the last household, its shape, its marks, and the same bytes again."""

import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from sampling.files import csv_bytes, read_csv
from sampling.frames import make_frame, read_roll, read_villages
from sampling.frames.county import County, make_county
from sampling.frames.county.chance import Chance, apportion, highest

SEED = 20260101
TINY = Path(__file__).parents[1] / "data" / "tiny"
HOUSEHOLD = ["村编号", "户编号"]
REMOVED = {
    "户主死亡": 462,
    "村干部亲属": 63,
    "离任村干部": 46,
    "孤儿成年": 5,
    "企业退休人员": 128,
    "生活好转": 1_131,
}
WRONGLY = {"official_relative": 9, "former_official": 6, "pensioner": 2, "living_improved": 28}
INELIGIBLE = {
    "head_died": 501,
    "official_relative": 125,
    "former_official": 76,
    "orphan_adult": 6,
    "pensioner": 154,
    "living_improved": 1_596,
}
LEFT = {
    "head_died": 39,
    "official_relative": 71,
    "former_official": 36,
    "orphan_adult": 1,
    "pensioner": 28,
    "living_improved": 493,
}


@pytest.fixture(scope="module")
def county() -> County:
    return make_county(SEED)


@pytest.fixture(scope="module")
def tiny() -> County:
    return make_county(SEED, size="tiny")


@pytest.fixture(scope="module")
def roll(county: County) -> pd.DataFrame:
    """The roll with its truth beside it, joined by village and household."""
    return _with_truth(county.tables["roll.csv"], county.truth["households.csv"], "")


def _with_truth(table: pd.DataFrame, truth: pd.DataFrame, name: str) -> pd.DataFrame:
    part = truth[truth["list"] == name].rename(
        columns=dict(zip(["village", "household"], HOUSEHOLD, strict=True))
    )
    joined = table.merge(part, on=HOUSEHOLD, validate="one_to_one")
    assert len(joined) == len(table) == len(part)
    joined["fen"] = (
        (joined["月保障金额"].astype(float) * 100).round().astype(int) if "月保障金额" in joined else 0
    )
    joined["due"] = joined["amount_due_fen"].astype(int)
    return joined


def _counts(column: pd.Series) -> dict[str, int]:
    return dict(Counter(column[column != ""]))


def _icc(village: pd.Series, wrong: pd.Series) -> float:
    """The intraclass correlation, from one-way analysis of variance (Snedecor and Cochran 1989, 13.5)."""
    groups = wrong.astype(float).groupby(village.to_numpy())
    sizes, means, n = groups.size(), groups.mean(), len(wrong)
    between = (sizes * (means - wrong.mean()) ** 2).sum() / (len(sizes) - 1)
    within = (sizes * means * (1 - means)).sum() / (n - len(sizes))
    usual = (n - (sizes**2).sum() / n) / (len(sizes) - 1)
    return (between - within) / (between + (usual - 1) * within)


def test_the_roll_goes_from_26214_over_1835_removed_and_1340_new_to_25719(county: County) -> None:
    tables = county.tables
    before, after = (
        {tuple(row) for row in tables[name][HOUSEHOLD].to_numpy()} for name in ("before.csv", "roll.csv")
    )
    removed = {tuple(row) for row in tables["removed.csv"][HOUSEHOLD].to_numpy()}
    assert (len(before), len(removed), len(after)) == (26_214, 1_835, 25_719)
    assert before - after == removed
    new = tables["roll.csv"].query("新纳入 == '是'")
    assert after - before == {tuple(row) for row in new[HOUSEHOLD].to_numpy()}
    assert len(new) == 1_340 and round(1_835 / 26_214, 3) == 0.070


def test_the_removed_households_have_the_first_reports_six_reasons(county: County) -> None:
    assert _counts(county.tables["removed.csv"]["停发原因"]) == REMOVED
    assert _counts(county.tables["before.csv"]["停发原因"]) == REMOVED
    assert _counts(county.tables["before.csv"]["自查结论"])["停发"] == 1_835


def test_45_households_are_wrongly_removed_and_2458_were_truly_ineligible(county: County) -> None:
    checked = county.truth["self_check.csv"]
    hit = checked["self_check"] == "ineligible"
    assert _counts(checked["reason"]) == INELIGIBLE and sum(INELIGIBLE.values()) == 2_458
    assert _counts(checked["self_check_reason"][hit & (checked["status"] == "correct")]) == WRONGLY
    assert _counts(checked["reason"][~hit]) == LEFT and sum(LEFT.values()) == 668
    rightly = checked[hit & (checked["status"] == "ineligible")]
    assert (rightly["reason"] == rightly["self_check_reason"]).all()
    removed = _with_truth(county.tables["removed.csv"], county.truth["households.csv"], "removed")
    assert _counts(removed["status"]) == {"correct": 1_790, "entitled": 45}
    assert (removed["due"] == removed["fen"].where(removed["status"] == "entitled", 0)).all()


def test_708_households_on_the_roll_are_ineligible_40_of_them_new(roll: pd.DataFrame) -> None:
    ineligible = roll[roll["status"] == "ineligible"]
    assert _counts(ineligible["新纳入"]) == {"否": 668, "是": 40}
    assert _counts(ineligible["reason"][ineligible["新纳入"] == "否"]) == LEFT
    assert (ineligible["due"] == 0).all()


def test_wrong_payments_are_4_and_a_half_percent_of_the_entitled_and_one_members_amount(
    roll: pd.DataFrame,
) -> None:
    assert _counts(roll["status"]) == {
        "correct": 23_886,
        "ineligible": 708,
        "overpaid": 675,
        "underpaid": 450,
    }
    assert round((675 + 450) / (25_719 - 708), 3) == 0.045 and 675 / (675 + 450) == 0.6
    member = roll["fen"] // roll["保障人口"].astype(int)
    more = (roll["fen"] - roll["due"]) // member
    assert (more[roll["status"] == "overpaid"] == 1).all() and (
        more[roll["status"] == "underpaid"] == -1
    ).all()
    assert (roll["due"] == roll["fen"])[roll["status"] == "correct"].all()
    assert (roll["due"] > 0)[roll["status"] != "ineligible"].all()
    assert ((roll["reason"] == "") == (roll["status"] == "correct")).all()


def test_the_other_lists_have_their_exact_counts(county: County) -> None:
    tables, truth = county.tables, county.truth
    refused = _with_truth(tables["refused.csv"], truth["households.csv"], "refused")
    assert _counts(refused["status"]) == {"correct": 2_820, "entitled": 180}
    persons = {
        name: int(tables[f"{name}.csv"]["保障人口"].astype(int).sum())
        for name in ("five_guarantee", "relief", "other")
    }
    assert persons == {"five_guarantee": 1_150, "relief": 420, "other": 90}
    reports = truth["hotline.csv"].merge(
        truth["households.csv"].query("list == ''"), on=["village", "household"], validate="one_to_one"
    )
    assert _counts(reports["confirmed"]) == {"1": 42, "0": 78} and 42 / 120 == 0.35
    assert ((reports["confirmed"] == "1") == (reports["status"] == "ineligible")).all()
    assert (tables["hotline.csv"][HOUSEHOLD].to_numpy() == reports[["village", "household"]].to_numpy()).all()


def test_named_households_are_the_reported_and_the_relatives_and_nobody_else(county: County) -> None:
    roll, hotline = county.tables["roll.csv"], county.tables["hotline.csv"]
    relatives = roll[roll["村干部亲属"] == "是"]
    expected = {tuple(row) for table in (relatives, hotline) for row in table[HOUSEHOLD].to_numpy()}
    named = county.tables["named.csv"]
    assert {tuple(row) for row in named[HOUSEHOLD].to_numpy()} == expected and len(named) == len(expected)


def test_nothing_is_removed_and_nobody_included_in_the_16_blank_villages(county: County) -> None:
    villages = county.tables["villages.csv"]
    town = villages[villages["单位类型"] == "town"]
    blank = set(town["村编号"][town["空白村"] == "是"])
    assert (len(town), len(blank)) == (400, 16)
    assert not blank & set(county.tables["removed.csv"]["村编号"])
    roll = county.tables["roll.csv"]
    inside = roll["村编号"].isin(blank)
    assert set(roll["自查结论"][inside]) == {"未自查"} and "未自查" not in set(roll["自查结论"][~inside])
    assert set(roll["新纳入"][inside]) == {"否"}
    assert (villages["空白村"] == "否")[villages["单位类型"] == "unit"].all()


def test_20_towns_have_15_to_25_villages_and_17_units_1_to_6_base_units(county: County) -> None:
    villages = county.tables["villages.csv"]
    by_kind = {kind: rows.groupby("乡镇").size() for kind, rows in villages.groupby("单位类型")}
    assert len(by_kind["town"]) == 20 and by_kind["town"].between(15, 25).all()
    assert len(by_kind["unit"]) == 17 and by_kind["unit"].between(1, 6).all()
    assert villages["村编号"].is_unique and villages["村编号"].str.fullmatch(r"999999\d{6}").all()
    order = villages.groupby("乡镇")["村编号"].min().sort_values().index.tolist()
    assert order[0] == "示范一镇" and order[6] == "示范七镇" and order[16] == "示范十七镇"
    assert order[17:20] == ["示范一街道", "示范二街道", "示范三街道"]
    assert order[20:] == [f"示范单位{k:02d}" for k in range(1, 18)]


def test_villages_have_11_to_220_households_around_55_and_units_1214_together(county: County) -> None:
    villages = county.tables["villages.csv"].set_index("村编号")
    size = county.tables["before.csv"].groupby("村编号").size().reindex(villages.index, fill_value=0)
    town = size[villages["单位类型"] == "town"]
    lived = town[town > 0]
    assert len(town) - len(lived) == 2
    assert lived.min() >= 11 and lived.max() <= 220 and 50 <= lived.median() <= 60
    assert 0.48 < np.log(lived).std() < 0.62
    base = size[villages["单位类型"] == "unit"]
    assert base.sum() == 1_214 and (base == 0).sum() == 2 and base[base > 0].min() <= 5


def test_every_household_lives_in_a_listed_village_and_has_an_id_of_its_own_there(county: County) -> None:
    villages = county.tables["villages.csv"].set_index("村编号")["乡镇"]
    for name, table in county.tables.items():
        if "户编号" in table:
            assert (villages.reindex(table["村编号"]).to_numpy() == table["乡镇"].to_numpy()).all(), name
        if "户编号" in table and name != "hotline.csv":
            assert not table.duplicated(HOUSEHOLD).any(), name


def test_where_sizes_shall_conflict_one_town_has_31_villages_of_400() -> None:
    villages = make_county(SEED, conflict=True).tables["villages.csv"]
    sizes = villages[villages["单位类型"] == "town"].groupby("乡镇").size().sort_values()
    assert sizes.iloc[-1] == 31 and sizes.iloc[:-1].between(15, 25).all() and sizes.sum() == 400


def test_households_have_the_planned_shares_of_size_category_and_programme(county: County) -> None:
    before = county.tables["before.csv"]
    n = len(before)
    size = before["家庭人口"].astype(int).clip(upper=5).value_counts() / n
    assert size.round(3).to_dict() == {1: 0.38, 2: 0.27, 3: 0.17, 4: 0.11, 5: 0.07}
    category = (before["类别"].value_counts() / n).round(3).to_dict()
    assert category == {"病残户": 0.54, "有劳动能力户": 0.32, "孤寡户": 0.14}
    assert (before["项目"].value_counts() / n).round(3).to_dict() == {"农村低保": 0.86, "城市低保": 0.14}
    assert round((before["身份证号"] == "").mean(), 3) == 0.006
    assert round((before["开户人"] != before["户主姓名"]).mean(), 3) == 0.009
    assert round((before["村干部亲属"] == "是").mean(), 3) == 0.022
    assert (before["保障人口"].astype(int) <= before["家庭人口"].astype(int)).all()


def test_amounts_per_person_keep_their_mean_and_bounds(county: County) -> None:
    before = county.tables["before.csv"]
    each = before["月保障金额"].astype(float) / before["保障人口"].astype(int)
    rural, urban = each[before["项目"] == "农村低保"], each[before["项目"] == "城市低保"]
    assert abs(rural.mean() - 210) < 3 and rural.between(60, 480).all()
    assert abs(urban.mean() - 380) < 6 and urban.between(100, 700).all()


def test_errors_cluster_in_villages_and_relatives_do_too(county: County, roll: pd.DataFrame) -> None:
    checked = county.truth["self_check.csv"]
    assert 0.035 < _icc(checked["village"], checked["status"] == "ineligible") < 0.065
    seen = roll[roll["自查结论"] != "未自查"]
    assert 0.035 < _icc(seen["村编号"], seen["status"] == "ineligible") < 0.065
    assert _icc(roll["村编号"], roll["村干部亲属"] == "是") > 0.02
    assert abs(_icc(roll["村编号"], roll["status"] == "overpaid")) < 0.01


def test_big_villages_err_a_little_more_and_towns_detect_8_points_apart(county: County) -> None:
    truth = county.truth["villages.csv"]
    numbers = truth.drop(columns=["township", "village", "data"]).astype(float)
    size = numbers["households_before"][~truth["township"].str.startswith("示范单位")].sort_values().index
    small, big = (numbers["drawn_error_rate"][part].mean() for part in (size[:133], size[-133:]))
    assert 1 < big / small < 2
    by_town = numbers["drawn_town_detection"].groupby(truth["township"])
    assert (by_town.nunique() == 1).all() and 0.05 < by_town.first().std() < 0.11


def test_each_ground_is_detected_about_as_often_as_planned(county: County) -> None:
    checked = county.truth["self_check.csv"].query("self_check != ''")
    ineligible = checked[checked["status"] == "ineligible"]
    rate = (ineligible["self_check"] == "ineligible").groupby(ineligible["reason"]).mean()
    planned = {
        "head_died": 0.96,
        "official_relative": 0.45,
        "former_official": 0.55,
        "pensioner": 0.85,
        "living_improved": 0.72,
    }
    assert {name: rate[name] for name in planned} == pytest.approx(planned, abs=0.05)


def test_the_map_is_a_grid_of_52_by_40_kilometres_with_towns_kept_apart(county: County) -> None:
    villages = county.tables["villages.csv"]
    places = villages[["x", "y"]].astype(float)
    assert places["x"].between(0, 52).all() and places["y"].between(0, 40.4).all()
    town = villages["单位类型"] == "town"
    centres = places[town].groupby(villages["乡镇"][town]).mean().to_numpy()
    apart = np.hypot(*(centres[:, None] - centres[None]).transpose(2, 0, 1))
    assert np.median(np.sort(apart)[:, 1]) > 7
    seat = np.hypot(places["x"] - 26.0, places["y"] - 20.2)
    assert seat[~town].max() < 8 and seat[villages["乡镇"].str.endswith("街道")].mean() < seat[town].mean()


def test_totals_json_says_what_the_households_say(county: County, roll: pd.DataFrame) -> None:
    figures = county.totals["figures"]
    for by, column in (("township", "乡镇"), ("category", "类别")):
        assert set(figures[by]) == set(roll[column])
        for domain, rows in roll.groupby(column):
            said = figures[by][domain]
            wrong = rows["fen"] - rows["due"]
            assert said["ineligible_households"] == (rows["status"] == "ineligible").sum()
            assert said["ineligible_share"] == pytest.approx((rows["status"] == "ineligible").mean())
            assert said["overpaid_yuan"] == pytest.approx(wrong[wrong > 0].sum() / 100)
            assert said["underpaid_yuan"] == pytest.approx(-wrong[wrong < 0].sum() / 100)
            assert said["amount_yuan"] == pytest.approx(rows["fen"].sum() / 100)
    whole = figures[""][""]
    assert (whole["households"], whole["ineligible_households"], whole["error_households"]) == (
        25_719,
        708,
        1_833,
    )
    for part in ("ineligible_households", "overpaid_yuan", "underpaid_yuan"):
        for by in ("township", "category", "reason", "new_inclusion", "blank"):
            assert sum(domain[part] for domain in figures[by].values()) == pytest.approx(whole[part])
    assert figures["lists"]["refused"]["entitled_households"] == 180
    assert figures["self_check"]["living_improved"] == {
        "ineligible": 1_596,
        "removed": 1_131,
        "wrongly_removed": 28,
        "left": 493,
    }


def test_truth_of_villages_adds_up_to_the_county(county: County) -> None:
    truth = county.truth["villages.csv"]
    assert truth["village"].tolist() == county.tables["villages.csv"]["村编号"].tolist()
    sums = {
        name: int(truth[name].astype(int).sum())
        for name in truth
        if truth[name].str.fullmatch(r"\d{1,4}").all()
    }
    assert sums["households_before"] == 26_214 and sums["households"] == 25_719
    assert sums["ineligible_before"] == 2_458 and sums["ineligible"] == 708
    assert sums["removed"] == 1_835 and sums["wrongly_removed"] == 45 and sums["blank"] == 16


def _valid_identity(number: str) -> bool:
    """Whether the check digit fits: GB 11643-1999, ISO 7064 MOD 11-2."""
    weights = [2 ** (17 - k) % 11 for k in range(17)]
    digit = sum(w * int(c) for w, c in zip(weights, number, strict=False)) % 11
    return "10X98765432"[digit] == number[17].upper()


def test_no_identity_number_phone_or_account_can_be_anybodys(county: County) -> None:
    assert _valid_identity("11010519491231002X")  # the standard's own example
    for name, table in county.tables.items():
        cells = [str(cell) for column in table for cell in table[column].unique()]
        found = [n for cell in cells for n in re.findall(r"(?<!\d)(?:\d{17}[\dXx]|\d{15})(?!\d)", cell)]
        assert not [n for n in found if len(n) == 15 or _valid_identity(n)], name
        assert not [cell for cell in cells if re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", cell)], name
    roll = county.tables["roll.csv"]
    identity = roll["身份证号"][roll["身份证号"] != ""]
    assert identity.str.fullmatch(r"999999\d{11}T").all() and identity.is_unique
    assert roll["户主姓名"].str.fullmatch(r"户主-\d{7}").all() and roll["户主姓名"].is_unique
    assert roll["联系电话"].str.fullmatch(r"000-\d{7}").all()
    assert roll["开户账号"].str.fullmatch(r"0000\d{12}").all() and roll["开户账号"].is_unique
    assert county.tables["teams.xlsx"]["联系电话"].str.startswith("000-").all()


def test_every_row_of_every_file_says_that_it_is_synthetic(county: County) -> None:
    mark = f"DATA=SYNTHETIC seed={SEED}"
    for name, table in (*county.tables.items(), *county.truth.items()):
        assert (table.iloc[:, -1] == mark).all() and len(table), name
    assert county.totals["data"] == mark


def test_eight_teams_have_three_or_four_members_with_a_home_village(county: County) -> None:
    teams = county.tables["teams.xlsx"]
    sizes = teams.groupby("组别").size()
    assert len(sizes) == 8 and sizes.between(3, 4).all() and teams["姓名"].is_unique
    assert set(teams["本人所在村编号"]) <= set(county.tables["villages.csv"]["村编号"])
    assert (teams.groupby("组别")["部门"].nunique() == sizes).all()


def test_the_same_seed_writes_the_same_bytes_and_another_seed_writes_others(tmp_path: Path) -> None:
    for name, seed in (("one", 7), ("two", 7), ("other", 8)):
        make_county(seed, size="tiny").write(tmp_path / name)
    one, two, other = (_bytes(tmp_path / name) for name in ("one", "two", "other"))
    assert one == two and set(one) == set(other)
    assert not [name for name in one if one[name] == other[name]]


def _bytes(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_the_committed_tiny_county_is_what_the_generator_writes(tiny: County, tmp_path: Path) -> None:
    tiny.write(tmp_path)
    written, committed = _bytes(tmp_path), _bytes(TINY)
    assert set(written) == set(committed)
    # a workbook's bytes depend on the machine's compression: its cells are compared
    assert not [name for name in written if not name.endswith(".xlsx") and written[name] != committed[name]]
    assert _cells(tmp_path / "source" / "teams.xlsx") == _cells(TINY / "source" / "teams.xlsx")
    assert sum(map(len, committed.values())) < 600_000


def _cells(path: Path) -> list[list[object]]:
    return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()


def test_the_tiny_county_has_totals_of_its_own(tiny: County) -> None:
    figures = tiny.totals["figures"]
    assert {name: len(tiny.tables[f"{name}.csv"]) for name in ("before", "removed", "roll")} == {
        "before": 400,
        "removed": 29,
        "roll": 391,
    }
    assert [figures[""][""][f"{name}_households"] for name in ("ineligible", "overpaid", "underpaid")] == [
        14,
        10,
        7,
    ]
    assert sum(ground["ineligible"] for ground in figures["self_check"].values()) == 41
    assert figures["lists"]["removed"]["entitled_households"] == 1
    villages = tiny.tables["villages.csv"]
    assert villages.groupby("单位类型")["乡镇"].nunique().to_dict() == {"town": 4, "unit": 2}
    assert (villages["空白村"] == "是").sum() == 1
    assert set(villages["村编号"]) - set(tiny.tables["before.csv"]["村编号"])  # one village has no household


@pytest.mark.parametrize("seed", range(20))
def test_every_ground_is_removed_and_left_in_a_tiny_county_of_any_seed(seed: int) -> None:
    figures = make_county(seed, size="tiny").totals["figures"]
    assert set(figures["self_check"]) == set(INELIGIBLE)
    assert all(ground["removed"] >= 1 and ground["left"] >= 1 for ground in figures["self_check"].values())
    assert figures[""][""]["ineligible_households"] == 14


@pytest.mark.parametrize("seed", [0, 1, 2**63])
def test_the_totals_hold_for_any_seed(seed: int) -> None:
    county = make_county(seed)
    checked = county.truth["self_check.csv"]
    assert _counts(checked["reason"]) == INELIGIBLE
    assert _counts(checked["reason"][checked["self_check"] != "ineligible"]) == LEFT
    assert _counts(county.tables["removed.csv"]["停发原因"]) == REMOVED
    assert len(county.tables["roll.csv"]) == 25_719


def _listed(n: int, towns: int) -> pd.DataFrame:
    rows = [
        (f"9000{k % towns:02d}{k:06d}", f"9000{k % towns:02d}", f"测试{k % towns:02d}镇", f"村{k}")
        for k in range(n)
    ]
    return pd.DataFrame(rows, columns=["village", "township", "township_name", "village_name"])


def test_a_list_of_150_villages_gets_the_countys_totals_and_keeps_its_names() -> None:
    listed = _listed(150, 9)
    county = make_county(SEED, villages=listed.sample(frac=1, random_state=1))
    assert len(county.tables["roll.csv"]) == 25_719
    assert _counts(county.tables["removed.csv"]["停发原因"]) == REMOVED
    villages = county.tables["villages.csv"]
    assert set(villages["村编号"]) == set(listed["village"]) and set(villages["村名"]) == set(
        listed["village_name"]
    )
    assert set(villages["乡镇"]) == set(listed["township_name"])
    assert (villages["空白村"] == "是").sum() == 6


def test_a_short_list_of_villages_gets_totals_in_proportion() -> None:
    county = make_county(SEED, villages=_listed(40, 4))
    assert len(county.tables["before.csv"]) == 2_621  # a tenth of the county
    assert sum(_counts(county.tables["removed.csv"]["停发原因"]).values()) == 184
    assert len(county.tables["refused.csv"]) == 300


def test_townships_of_a_list_keep_their_code_where_a_name_would_not_tell_them_apart() -> None:
    listed = _listed(40, 4).assign(township_name="测试镇")
    assert set(make_county(1, villages=listed).tables["roll.csv"]["乡镇"]) <= set(listed["township"])


@pytest.mark.parametrize("towns", [1, 40])
def test_a_list_may_have_one_town_or_one_village_a_town(towns: int) -> None:
    assert len(make_county(3, villages=_listed(40, towns)).tables["villages.csv"]) == 40


def test_a_list_with_municipal_units_keeps_them() -> None:
    listed = _listed(40, 4).assign(kind=lambda table: np.where(table["township"] == "900003", "unit", ""))
    villages = make_county(3, villages=listed).tables["villages.csv"]
    assert set(villages["乡镇"][villages["单位类型"] == "unit"]) == {"测试03镇"}


@pytest.mark.parametrize(
    "wrong",
    [{"size": "big"}, {"villages": _listed(0, 1)}, {"villages": _listed(3, 1), "conflict": True}],
    ids=["size", "empty list", "conflict"],
)
def test_wrong_arguments_are_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match="must be"):
        make_county(1, **wrong)


def test_written_files_are_read_back_as_the_tables(tiny: County, tmp_path: Path) -> None:
    tiny.write(tmp_path)
    for name, table in tiny.tables.items():
        if name.endswith(".csv"):
            assert read_csv(tmp_path / "source" / name).equals(table)
            assert (tmp_path / "source" / name).read_bytes() == csv_bytes(table)
    assert _cells(tmp_path / "source" / "teams.xlsx")[1:] == tiny.tables["teams.xlsx"].to_numpy().tolist()
    assert json.loads((tmp_path / "truth" / "totals.json").read_text(encoding="utf-8")) == dict(tiny.totals)


def test_the_tiny_county_is_read_as_a_roll_and_makes_a_frame_with_every_village(tiny: County) -> None:
    source = TINY / "source"
    read, villages = read_roll([source / "roll.csv"]), read_villages([source / "villages.csv"])
    frame = make_frame(read, villages, certainty="blank", fields=["kind"])
    assert frame.counts == {
        "townships": 6,
        "villages": 27,
        "villages_without_household": 1,
        "households": 391,
    }
    amount = tiny.totals["figures"][""][""]["amount_yuan"]
    assert frame.control_totals["amount_fen"] == amount * 100
    assert read.table["new_inclusion"].sum() == 20 and set(read.table["township"]) <= set(
        tiny.totals["figures"]["township"]
    )


def test_streams_of_chance_do_not_depend_on_each_other() -> None:
    alone = Chance(5, "b").uniform(4)
    Chance(5, "a").uniform(1000)
    assert (Chance(5, "b").uniform(4) == alone).all() and (Chance(5, "a").uniform(4) != alone).all()


def test_the_highest_scores_are_chosen_and_a_limit_holds() -> None:
    score = np.array([5.0, 4.0, 3.0, 2.0, -np.inf])
    limited = np.array([True, True, False, False, False])
    assert highest(score, 2).tolist() == [True, True, False, False, False]
    assert highest(score, 2, limited=limited, at_most=1).tolist() == [True, False, True, False, False]
    with pytest.raises(ValueError, match="n must be at most 4"):
        highest(score, 5)


def test_largest_remainders_add_up() -> None:
    assert apportion(np.array([1.0, 1.0, 1.0]), 10).tolist() == [4, 3, 3]
    assert apportion(np.array([0.5, 0.3, 0.2]), 9).tolist() == [4, 3, 2]
    assert apportion(np.array([0.38, 0.27, 0.35]), 400).sum() == 400
