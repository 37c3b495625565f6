"""The demo as a newcomer runs it: from nothing to reports, and again."""

import json
import shutil
from fractions import Fraction

import pandas as pd
import pytest

from sampling.batches.checking import Guard
from sampling.campaign import open_campaign, status_table
from sampling.cli import main
from sampling.files import read_csv
from sampling.frames.county import make_county


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "d"
    assert main(["demo", "--out", str(folder), "--size", "tiny"]) == 0
    return folder


def test_everything_that_the_line_promises_is_there(demo):
    for name in (
        "commit.json",
        "receipt.json",
        "verify.py",
        "register.sqlite",
        "estimates.csv",
        "start.html",
    ):
        assert (demo / name).is_file()
    sample = read_csv(demo / "sample.csv")
    drawn = sample[(sample["stage"] == "1") & (sample["role"] != "reserve")]
    assert {path.stem for path in (demo / "forms" / "phone").glob("*.xlsx")} == set(drawn["village"])
    assert {"xlsform", "xlsform-village", *drawn["village"]} == {
        p.stem for p in (demo / "forms").glob("*.xlsx")
    }
    pages = list((demo / "reports" / "zh" / "internal").glob("*.html"))
    assert len(pages) == len(open_campaign(demo).units()) + 1


def test_a_demo_that_is_done_draws_and_records_nothing_again(demo, capsys):
    names = ("commit.json", "receipt.json", "log.jsonl", "heads.jsonl", "quarantine.csv", "estimates.csv")
    before = {name: (demo / name).read_bytes() for name in names}
    assert main(["demo", "--out", str(demo), "--size", "tiny"]) == 0
    assert {name: (demo / name).read_bytes() for name in names} == before
    made = json.loads((demo / "reports" / "batch.json").read_text(encoding="utf-8"))
    assert all(report["state"] == "done" for report in made["reports"])


def test_weights_of_the_drawn_households_are_exactly_one_over_the_rates_of_the_design(demo):
    sample = read_csv(demo / "sample.csv")
    households = sample[(sample["stage"] == "2") & (sample["role"] == "main")]
    for row in households.to_dict("records"):
        pi = Fraction(int(row["n"]), int(row["N"])) * Fraction(int(row["m"]), int(row["M"]))
        assert float(row["pi"]) == float(pi)
        assert float(row["weight"]) == float(1 / pi)


def test_share_times_roll_is_the_total_and_towns_add_up(demo):
    table, roll = open_campaign(demo).estimates(), open_campaign(demo).roll()
    sizes = roll["township"].value_counts()
    for share, total in (("ineligible_share", "ineligible_households"), ("error_share", "error_households")):
        towns = table[table["by"] == "township"].set_index(["parameter", "domain"])["estimate"]
        shares, totals = towns[share], towns[total]
        pd.testing.assert_series_equal(
            (shares * sizes.reindex(shares.index)).rename(None), totals.rename(None), check_names=False
        )
        county = table[table["by"] == ""].set_index("parameter")["estimate"]
        assert county[total] == pytest.approx(totals.sum())
        assert county[share] * len(roll) == pytest.approx(county[total])


def test_nothing_that_people_read_holds_a_name_a_number_or_an_account(demo):
    guard = Guard(open_campaign(demo))
    reports = [path for path in (demo / "reports").rglob("*.*") if path.is_file()]
    assert {path.parent.name for path in reports} >= {"restricted", "internal", "public"}
    for path in [*demo.glob("*.html"), *demo.glob("*.csv"), *reports]:
        assert guard.leaks_in(path.parent.name, path.stem, path.name, path.read_bytes()) == [], path.name


def test_reports_are_out_of_date_when_the_estimates_have_changed(demo, tmp_path):
    folder = tmp_path / "changed"
    shutil.copytree(demo, folder)
    assert status_of(folder)["report"] == "已完成"
    facts = folder / "facts.json"
    facts.write_text(facts.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert status_of(folder)["report"] == "需更新"


def status_of(folder) -> dict[str, str]:
    table = status_table(open_campaign(folder))
    return dict(zip(table["step"], table["state"], strict=True))


def test_a_commit_names_its_sources_without_a_path_and_knows_invented_people_in_any_format(tmp_path):
    make_county(7, size="tiny").write(tmp_path)
    roll = read_csv(tmp_path / "source" / "roll.csv")
    with pd.ExcelWriter(tmp_path / "roll.xlsx", engine="xlsxwriter") as book:
        roll.to_excel(book, index=False)
    folder = tmp_path / "c"
    assert main(["new", str(folder), "--roll", str(tmp_path / "roll.xlsx")]) == 0
    assert main(["commit", str(folder)]) == 0
    commit = open_campaign(folder).commit()
    assert commit["synthetic"] is True
    assert [source["file"] for source in commit["sources"]] == ["roll.xlsx"]
