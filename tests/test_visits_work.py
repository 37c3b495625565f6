"""Work: counted again by hand from the sample, and on average over many draws."""

import numpy as np
import pandas as pd
import pytest

from sampling.designs import read_design
from sampling.draws import SAMPLE_COLUMNS, draw
from sampling.frames import Frame
from sampling.visits.work import calls, expected_work, work

ROWS = [
    ("1", "", "east", "v1", "", "main", "2"),
    ("1", "", "east", "v2", "", "main", "1"),
    ("1", "", "east", "v3", "", "reserve", "3"),
    ("1", "", "east", "v4", "", "certainty", "1"),
    ("1", "", "east", "v5", "", "replaced", "4"),
    ("2", "", "east", "v1", "1", "main", "1"),
    ("2", "", "east", "v1", "2", "main", "2"),
    ("2", "removed", "east", "v1", "1", "main", "1"),
    ("2", "", "east", "v1", "3", "reserve", "3"),
    ("2", "", "east", "v1", "4", "replaced", "4"),
    ("2", "", "east", "v2", "1", "main", "1"),
]
SAMPLE = pd.DataFrame(
    ROWS, columns=["stage", "list", "township", "village", "household", "role", "rank"]
).reindex(columns=SAMPLE_COLUMNS, fill_value="")


def findings(*rows: tuple) -> pd.DataFrame:
    columns = ["list", "village", "household", "outcome", "date"]
    return pd.DataFrame([(*row, "2026-06-02")[:5] for row in rows], columns=columns)


def counts(table: pd.DataFrame) -> dict:
    return dict(zip(table["village"], table["households"], strict=True))


def test_drawn_villages_with_households_of_all_lists_in_draw_order():
    found = work(SAMPLE)
    assert found["village"].tolist() == ["v2", "v1", "v4"]
    assert counts(found) == {"v2": 1, "v1": 3, "v4": 0}
    assert found["certainty"].tolist() == [False, False, True]
    assert found["rank"].tolist() == [1, 2, 1]
    assert set(found["reason"]) == {""}


def test_a_household_of_a_list_that_is_found_leaves_only_that_household():
    some = findings(("removed", "v1", "1", "completed"), ("", "v1", "2", "absent"), ("", "v9", "1", "absent"))
    assert counts(work(SAMPLE, some)) == {"v2": 1, "v1": 1, "v4": 0}
    assert calls(SAMPLE, some) == {"v1": 1}
    assert calls(SAMPLE, findings(("", "v1", "3", "absent"))) == {}, "a reserve is nobody's work"
    assert counts(work(SAMPLE, findings())) == counts(work(SAMPLE))


def test_households_that_were_called_again_are_not_called_a_third_time():
    some = findings(("", "v1", "1", "absent"), ("", "v1", "2", "absent", "2026-06-04"))
    assert calls(SAMPLE, some) == {"v1": 2}
    assert calls(SAMPLE, some, called={"v1": "2026-06-04"}) == {"v1": 1}
    assert calls(SAMPLE, some, called={"v1": "2026-06-02"}) == {}
    assert calls(SAMPLE, some, called={"v2": "2026-06-02"}) == {"v1": 2}


def test_villages_that_are_drawn_on_arrival_are_reckoned_with():
    assert counts(work(SAMPLE, expected={"v4": 12})) == {"v2": 1, "v1": 3, "v4": 12}


def frame(sizes: dict[str, int]) -> Frame:
    units = pd.DataFrame(
        [(v[0], v, str(k), "0") for v, size in sizes.items() for k in range(size)],
        columns=["township", "village", "household", "certainty"],
    )
    villages = pd.DataFrame([(v[0], v, "0") for v in sizes], columns=["township", "village", "certainty"])
    return Frame(units=units, villages=villages, sizes=pd.Series(sizes), control_totals={})


@pytest.mark.parametrize("rounding", ["up", "random"])
def test_expected_work_is_the_mean_of_many_draws(rounding):
    main = frame({"a1": 5, "a2": 9, "a3": 4, "b1": 7, "b2": 2})
    other = frame({"a1": 3, "b2": 4})
    table = {
        "rounding": rounding,
        "villages": {"within": "township", "rate": "50%", "at_least": 1},
        "households": {"rate": "50%", "at_least": 1},
    }
    design = read_design(table, lists={"removed": {"rate": "50%"}})
    found = expected_work(main, design, {"removed": other})
    totals = []
    for k in range(60):
        sample = draw(main, design, seed=f"{k:020d}", campaign="c", lists={"removed": other})
        totals.append(work(sample.table.astype(str))["households"].sum())
    expected = (found["chance"] * found["households"]).sum()
    error = np.std(totals, ddof=1) / np.sqrt(len(totals))
    assert abs(np.mean(totals) - expected) < 4 * error + 1e-9 and error > 0
