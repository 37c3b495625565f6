"""The invented inspectors: same seed, same files; noise as stated; most slips put right in the end."""

import datetime
import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from visits_stand_in import CAMPAIGN, DRAWN, EMPTY, TAKEN, make_forms, make_truth

from sampling.demo.inspectors import FieldNoise, correct_forms, fill_forms
from sampling.findings import Register, intake
from sampling.forms import drawn_households, read_workbook

DAYS = [datetime.date(2026, 6, day) for day in range(2, 12)]
NO_NOISE = FieldNoise(**dict.fromkeys(FieldNoise.__slots__, 0.0))
SEED = 20260601


class Round:
    """One round of visits: forms given out, filled, taken in."""

    def __init__(self, folder: Path, **options) -> None:
        self.forms, self.returned = folder / "forms", folder / "returned"
        self.sample, self.roll, removed = make_forms(self.forms, **options)
        self.lists = {"removed": removed}
        self.truth = make_truth(self.sample, self.roll)
        self.register = Register(folder / "register.sqlite")

    def fill(self, **options) -> tuple[Path, ...]:
        options = {"seed": SEED, "days": DAYS, **options}
        return fill_forms(self.forms, self.returned, self.truth, self.sample, **options)

    def correct(self) -> tuple[Path, ...]:
        places = (self.forms, self.returned, self.truth, self.sample)
        return correct_forms(self.register.quarantine(), *places, seed=SEED, days=DAYS)

    def take_in(self):
        return intake(
            sorted(self.returned.iterdir()),
            sample=self.sample,
            register=self.register,
            campaign=CAMPAIGN,
            actor="经办",
            time=TAKEN,
            drawn_at=DRAWN,
            roll=self.roll,
            lists=self.lists,
        )

    def seen(self) -> pd.DataFrame:
        """Every finding beside its truth."""
        keys = ["list", "village", "household"]
        return self.register.findings().merge(
            self.truth, on=keys, suffixes=("", "_true"), validate="one_to_one"
        )


@pytest.fixture(scope="module")
def visits(tmp_path_factory):
    """About 2,400 households, twice round: so many that shares can be told apart."""
    big = Round(tmp_path_factory.mktemp("visits"), villages=80, households=38)
    big.fill()
    big.first = big.take_in()
    big.waited = big.register.quarantine()
    big.corrected = big.correct()
    big.second = big.take_in()
    return big


def hashes(paths) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def test_the_same_seed_gives_the_same_files_and_another_seed_others(tmp_path):
    small = Round(tmp_path)
    first = hashes(small.fill())
    small.returned = tmp_path / "again"
    assert hashes(small.fill()) == first
    small.returned = tmp_path / "other"
    assert hashes(small.fill(seed=SEED + 1)) != first


def test_a_filled_form_is_the_form_that_was_given_out_and_only_the_answers_are_new(tmp_path):
    small = Round(tmp_path)
    for path in small.fill(noise=NO_NOISE)[:4]:
        blank, filled = read_workbook(small.forms / path.name), read_workbook(path)
        assert blank.heading == filled.heading
        given = list(blank.rows.columns[:12])
        pd.testing.assert_frame_equal(blank.rows[given], filled.rows[given])
        assert (filled.rows["outcome"] != "").all() and filled.village_answers["posting_days"]
    assert read_workbook(small.returned / "999999001002.xlsx").village_answers["blank_village"] == "是"


def test_without_noise_the_register_holds_the_truth_to_the_last_household(tmp_path):
    small = Round(tmp_path, villages=12, households=30)
    small.fill(noise=NO_NOISE)
    result = small.take_in()
    seen = small.seen()
    assert result.outstanding == 0 and len(seen) == len(drawn_households(small.sample))
    assert set(seen["status"]) == {"correct", "ineligible", "overpaid", "underpaid", "entitled"}
    assert (seen["verdict"] == seen["status"]).all() and (seen["reason"] == seen["reason_true"]).all()
    on_roll = seen[seen["list"] == ""]
    assert (on_roll["amount_due_fen"].astype(str) == on_roll["amount_due_fen_true"]).all()


def test_every_returned_row_is_accounted_for_in_both_rounds(visits):
    for result in (visits.first, visits.second):
        totals = result.totals
        statuses = ("accepted", "known", "conflicting", "quarantined", "blank")
        assert totals["rows"] == sum(totals[status] for status in statuses)
    assert len(visits.register.findings()) + visits.second.outstanding == len(drawn_households(visits.sample))
    assert visits.register.check() == ()


def near(share: float, rate: float, n: int) -> bool:
    """Within four standard errors: the seed is fixed, so this is no matter of luck from run to run."""
    return abs(share - rate) < 4 * np.sqrt(rate * (1 - rate) / n)


def test_outcomes_and_mistakes_come_at_the_stated_rates(visits):
    seen, noise = visits.seen(), FieldNoise()
    visited = seen[seen["outcome"] == "completed"]
    assert near((seen["outcome"] == "absent").mean(), noise.not_at_home, len(seen))
    assert near((visited["verdict"] == "to_be_checked").mean(), noise.moved + noise.died, len(visited))
    judged = visited[visited["verdict"] != "to_be_checked"]
    right = judged[judged["status"] == "correct"]
    assert near((right["verdict"] != "correct").mean(), noise.false_positive, len(right))
    wrong = judged[judged["status"] != "correct"]
    assert near((wrong["verdict"] == "correct").mean(), noise.false_negative, len(wrong))
    assert (wrong["verdict"].isin(["correct"]) | (wrong["verdict"] == wrong["status"])).all()


def test_slips_of_the_pen_wait_in_quarantine_at_about_the_stated_rates(visits):
    counts, drawn = visits.waited["problem"].value_counts(), len(drawn_households(visits.sample))
    assert near(counts["findings.not_signed"] / drawn, 0.02 * 0.937, drawn)
    assert near(counts["findings.serial_of_another"] / drawn, 0.01, drawn)
    assert counts["findings.conflicting"] == 1
    assert 0.02 < len(visits.waited) / drawn < 0.12  # each of the form's forty cells can have a slip


def test_the_second_round_settles_most_of_what_waited_and_leaves_some(visits):
    left = visits.register.quarantine()
    share = 1 - len(left) / len(visits.waited)
    assert 0.7 < share < 0.95
    assert visits.corrected and all(path.name.endswith("-2.xlsx") for path in visits.corrected)
    assert visits.second.totals["accepted"] >= len(visits.waited) - len(left) - 1
    again = visits.correct()  # nobody who did not answer the first time answers the second time
    assert again == () and visits.take_in().head == visits.second.head


def test_posting_is_cut_short_in_some_villages(visits):
    days = visits.register.village_answers()["posting_days"]
    assert len(days) == 80 and near((days < 7).mean(), 0.05, 80) and (days < 7).any()


def test_two_files_are_odd_and_a_village_without_households_hands_in_its_cover(tmp_path):
    small = Round(tmp_path)
    *_, copy, lock = small.fill(noise=NO_NOISE)
    assert copy.name.endswith("(1).xlsx") and lock.name.startswith("~$")
    states = small.take_in().counts.set_index("file")
    assert states.loc[lock.name, "state"] == "skipped"
    assert states.loc[f"{EMPTY}.xlsx", ["rows", "village_form"]].tolist() == [0, "accepted"]
    assert small.register.quarantine()["status"].tolist() == ["conflicting"]


def test_inspectors_have_codes_and_no_names(visits):
    names = set(";".join(visits.register.findings()["inspectors"]).split(";"))
    assert all(name.strip().startswith("组") and len(name.strip()) == 4 for name in names)
