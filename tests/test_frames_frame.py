"""The frame: its fingerprint, its counts, and how a roll and a list of villages come together."""

import hashlib
import random
import unicodedata
from dataclasses import replace

import pandas as pd
import pytest
from frames_files import found, keys, problems_of, write_csv
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.files import csv_bytes
from sampling.frames import Roll, Villages, fingerprint, make_frame, read_frame, read_roll, read_villages
from sampling.frames.frame import UNITS

HOUSEHOLDS = [
    ("示范二镇", "0371", "007"),
    ("示范二镇", "0371", "07"),
    ("示范一镇", "null", "007"),
    ("示范一镇", "NA", "caf\u0065\u0301"),
    ("示范一镇", "NA", "𠀀"),
    ("Z镇", "1e5", "1"),
]
LISTED = [
    ("示范二镇", "0371", "1", "town"),
    ("示范二镇", "0372", "", "unit"),
    ("示范一镇", "NA", "0", "town"),
]


def roll_of(rows, **columns):
    table = pd.DataFrame(rows, columns=["township", "village", "household"], dtype="str").assign(**columns)
    return Roll(table=table, notes=(), files=("roll.csv",))


def villages_of(rows, **columns):
    table = pd.DataFrame(rows, columns=["township", "village", "blank", "kind"], dtype="str").assign(
        **columns
    )
    return Villages(table=table, notes=(), files=("villages.csv",))


def plain_fingerprint(rows):
    """The specification once more, as it reads, without a line of the package."""
    lines = [unicodedata.normalize("NFC", "\x1f".join(row)).encode("utf-8") for row in rows]
    towns = {line.split(b"\x1f")[0] for line in lines}
    hashes = []
    for town in towns:
        own = sorted(line for line in lines if line.split(b"\x1f")[0] == town)
        hashes.append(town + b"\x1f" + hashlib.sha256(b"\n".join(own)).hexdigest().encode("ascii"))
    return hashlib.sha256(b"\n".join(sorted(hashes))).hexdigest()


def test_the_fingerprint_is_that_of_the_specification():
    frame = make_frame(roll_of(HOUSEHOLDS), villages_of(LISTED), certainty="blank", fields=["kind"])
    assert frame.fingerprint == plain_fingerprint(frame.units.values.tolist())
    assert frame.villages_sha256 == plain_fingerprint(frame.villages.values.tolist())
    by_hand = [(*row, "1" if row[1] == "0371" else "0") for row in HOUSEHOLDS] + [
        ("示范二镇", "0372", "", "0")
    ]
    assert frame.fingerprint == plain_fingerprint(by_hand)


def test_the_fingerprint_of_one_household_worked_out_by_hand():
    town = hashlib.sha256(b"t\x1fv\x1fh\x1f0").hexdigest()
    assert fingerprint([("t", "v", "h", "0")]) == hashlib.sha256(b"t\x1f" + town.encode()).hexdigest()


fields = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), max_size=4)


@given(st.lists(st.tuples(fields, fields, fields), max_size=12), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_no_order_of_rows_changes_the_fingerprint(rows, chance):
    turned = list(rows)
    chance.shuffle(turned)
    assert fingerprint(turned) == fingerprint(rows) == plain_fingerprint(rows)


@given(st.permutations(range(len(HOUSEHOLDS))))
@settings(max_examples=10, deadline=None)
def test_a_shuffled_roll_gives_the_same_frame(order):
    straight = make_frame(roll_of(HOUSEHOLDS), villages_of(LISTED))
    turned = make_frame(roll_of([HOUSEHOLDS[i] for i in order]), villages_of(LISTED[::-1]))
    assert turned.units.equals(straight.units)
    assert turned.villages.equals(straight.villages)
    assert turned.fingerprint == straight.fingerprint


@pytest.mark.parametrize("column", range(3))
def test_every_change_of_one_id_changes_the_fingerprint(column):
    before = make_frame(roll_of(HOUSEHOLDS), None).fingerprint
    changed = [list(row) for row in HOUSEHOLDS]
    changed[2][column] += "x"
    assert make_frame(roll_of(changed), None).fingerprint != before


@pytest.mark.parametrize("field", ["a\x1fb", "a\nb", "a\u2028b"])
def test_a_control_character_cannot_shift_a_field_within_the_hash(field):
    with pytest.raises(ValueError, match="control characters"):
        fingerprint([("t", field, "h", "0")])


def test_rows_are_sorted_by_the_bytes_of_their_ids():
    units = make_frame(roll_of(random.Random(1).sample(HOUSEHOLDS, 6)), None).units
    lines = ["\x1f".join(row).encode("utf-8") for row in units[["township", "village", "household"]].values]
    assert lines == sorted(lines)
    assert units.columns.tolist() == ["township", "village", "household", "certainty"]


def test_every_village_of_the_list_is_in_the_frame_with_or_without_households():
    frame = make_frame(roll_of(HOUSEHOLDS), villages_of(LISTED), certainty="blank", fields=["kind", "blank"])
    assert frame.units[frame.units["household"] == ""].values.tolist() == [["示范二镇", "0372", "", "0"]]
    assert frame.villages.columns.tolist() == ["township", "village", "certainty", "kind", "blank"]
    assert frame.villages.values.tolist() == [
        ["Z镇", "1e5", "0", "", ""],
        ["示范一镇", "NA", "0", "town", "0"],
        ["示范一镇", "null", "0", "", ""],
        ["示范二镇", "0371", "1", "town", "1"],
        ["示范二镇", "0372", "0", "unit", ""],
    ]
    assert frame.counts == {"townships": 3, "villages": 5, "villages_without_household": 1, "households": 6}
    assert frame.sizes.to_dict() == {"1e5": 1, "NA": 2, "null": 1, "0371": 2, "0372": 0}
    assert frame.to_table()["villages"].sum() == 5


def test_villages_of_the_roll_that_the_list_lacks_are_taken_and_reported():
    frame = make_frame(roll_of(HOUSEHOLDS), villages_of(LISTED))
    assert [value for _, _, value in found(frame.notes, "village.not_listed")] == ["null", "1e5"]


def test_a_list_whose_counts_differ_from_the_roll_is_taken_and_reported():
    counted = villages_of(LISTED, households=pd.array([2, 0, 3], dtype="Int64"))
    (note,) = (n for n in make_frame(roll_of(HOUSEHOLDS), counted).notes if n.key.endswith("count_differs"))
    assert (note.value, note.fields["village"], note.fields["counted"]) == ("3", "NA", 2)


def test_control_totals_are_those_of_the_roll_and_none_where_it_has_no_such_column():
    amounts = pd.array([100, 200, None, 0, 1, 2], dtype="Int64")
    totals = make_frame(roll_of(HOUSEHOLDS, amount_fen=amounts), villages_of(LISTED)).control_totals
    assert totals == {"households": 6, "persons": None, "amount_fen": 303}


def test_a_list_of_villages_alone_is_a_frame_with_and_without_counts():
    plain = make_frame(None, villages_of(LISTED))
    assert plain.units["household"].tolist() == ["", "", ""]
    assert plain.sizes.tolist() == [0, 0, 0]
    assert plain.control_totals == {"households": None, "persons": None, "amount_fen": None}
    counted = make_frame(None, villages_of(LISTED, households=pd.array([5, None, 7], dtype="Int64")))
    assert counted.sizes.to_dict() == {"0371": 5, "0372": 0, "NA": 7}
    assert counted.counts["households"] == counted.control_totals["households"] == 12
    assert counted.fingerprint == plain.fingerprint


def test_a_village_that_roll_and_list_put_in_two_towns_is_refused():
    moved = [("示范一镇", "0371", "", "town")]
    problem = problems_of(lambda: make_frame(roll_of(HOUSEHOLDS), villages_of(moved)))[0]
    assert problem.key == "frames.village.two_towns"
    assert {problem.fields["township"], problem.fields["other_value"]} == {"示范一镇", "示范二镇"}


def test_a_field_that_roll_and_list_say_differently_is_refused_only_if_the_design_names_it():
    roll = roll_of(HOUSEHOLDS, kind=["unit" if row[1] == "0371" else "town" for row in HOUSEHOLDS])
    assert make_frame(roll, villages_of(LISTED)).counts["households"] == 6
    problems = problems_of(lambda: make_frame(roll, villages_of(LISTED), fields=["kind"]))
    assert found(problems, "village.differing") == [(None, "kind", "unit")]


def test_a_field_that_nobody_has_is_refused_naming_what_there_is():
    problems = problems_of(
        lambda: make_frame(roll_of(HOUSEHOLDS), villages_of(LISTED), certainty="blanc", fields=["size"])
    )
    refused = [problem for problem in problems if problem.severity == "refused"]
    assert [problem.value for problem in refused] == ["size", "blanc"]
    assert all("blank, kind" in str(problem.fields["known"]) for problem in refused)


def test_a_certainty_field_that_is_no_yes_or_no_is_refused():
    problems = problems_of(lambda: make_frame(None, villages_of(LISTED), certainty="kind"))
    assert keys(problems) == {"yes_no.unreadable"}


def test_a_control_character_in_a_field_of_the_design_is_refused():
    problems = problems_of(
        lambda: make_frame(None, villages_of([("一镇", "1", "", "a\nb")]), fields=["kind"])
    )
    assert keys(problems) == {"field.control"}


def test_a_roll_and_a_list_that_write_one_village_in_two_ways_are_refused_or_reported():
    roll = roll_of([("一镇", "caf\u00e9", "1"), ("一镇", "0371", "1")])
    listed = villages_of([("一镇", "cafe\u0301", "", ""), ("一镇", "371", "", "")])
    assert {"id.same_nfc", "id.twins"} <= keys(problems_of(lambda: make_frame(roll, listed)))
    listed = villages_of([("一镇", "371", "", "")])
    assert "id.twins" in keys(make_frame(roll, listed).notes)


def test_a_roll_that_was_not_read_by_the_package_is_checked_all_the_same():
    doubled = roll_of([*HOUSEHOLDS, HOUSEHOLDS[0], ("示范一镇", "NA", "1 ")])
    assert keys(problems_of(lambda: make_frame(doubled, None))) == {"household.doubled", "id.edge_space"}


def test_notes_of_reading_are_not_repeated_by_the_frame(tmp_path):
    grid = [["乡镇", "村", "户编号"], ["一镇", "0371", "1"], ["一镇", "371", "1"]]
    roll = read_roll([write_csv(tmp_path / "roll.csv", grid)])
    assert "id.twins" in keys(roll.notes)
    assert make_frame(roll, None).notes == ()


def test_the_committed_files_give_the_frame_back(tmp_path):
    frame = make_frame(roll_of(HOUSEHOLDS), villages_of(LISTED), certainty="blank", fields=["kind"])
    (tmp_path / "frame.csv").write_bytes(csv_bytes(frame.units))
    (tmp_path / "villages.csv").write_bytes(csv_bytes(frame.villages))
    again = read_frame(tmp_path / "frame.csv", tmp_path / "villages.csv")
    assert again.fingerprint == frame.fingerprint
    assert again.villages_sha256 == frame.villages_sha256
    assert again.counts == frame.counts
    assert again.sizes.to_dict() == frame.sizes.to_dict()


def test_committed_files_that_do_not_belong_together_are_refused(tmp_path):
    frame = make_frame(roll_of(HOUSEHOLDS), villages_of(LISTED), certainty="blank")
    (tmp_path / "frame.csv").write_bytes(csv_bytes(frame.units))
    (tmp_path / "villages.csv").write_bytes(csv_bytes(frame.villages.iloc[1:]))
    files = tmp_path / "frame.csv", tmp_path / "villages.csv"
    assert keys(problems_of(lambda: read_frame(*files))) == {"committed.differ"}
    (tmp_path / "villages.csv").write_bytes(csv_bytes(frame.villages.drop(columns="certainty")))
    assert keys(problems_of(lambda: read_frame(*files))) == {"committed.column"}
    (tmp_path / "villages.csv").unlink()
    assert keys(problems_of(lambda: read_frame(*files))) == {"file.missing"}


def test_a_frame_needs_a_roll_or_a_list():
    with pytest.raises(ValueError, match="roll or villages"):
        make_frame(None, None)


def test_the_list_of_villages_of_a_file_makes_a_frame(tmp_path):
    grid = [
        ["village", "township", "households", "blank"],
        ["0102", "一镇", "12", "是"],
        ["0101", "一镇", "", ""],
    ]
    villages = read_villages([write_csv(tmp_path / "villages.csv", grid)])
    frame = make_frame(None, villages, certainty="blank", fields=["households"])
    assert frame.villages.values.tolist() == [["一镇", "0101", "0", ""], ["一镇", "0102", "1", "12"]]


def test_inputs_are_left_as_they_were():
    roll, listed = roll_of(HOUSEHOLDS), villages_of(LISTED)
    before = roll.table.copy(), listed.table.copy()
    make_frame(roll, listed, certainty="blank", fields=["kind"])
    assert roll.table.equals(before[0])
    assert listed.table.equals(before[1])


def test_household_fields_of_the_design_are_columns_of_the_frame_file():
    persons = pd.array([3, None, 1, 2, 10, 4], dtype="Int64")
    roll = roll_of(HOUSEHOLDS, persons=persons, category=list("ABCABC"))
    frame = make_frame(roll, villages_of(LISTED), household_fields=["persons", "category", "persons"])
    assert frame.units.columns.tolist() == [*UNITS, "persons", "category"]
    ids = [(*row[1:], cell, letter) for row, cell, letter in zip(HOUSEHOLDS, persons, "ABCABC", strict=True)]
    expected = {(v, h, "" if cell is pd.NA else str(cell), letter) for v, h, cell, letter in ids}
    found = set(
        frame.units[["village", "household", "persons", "category"]].itertuples(index=False, name=None)
    )
    assert found == expected | {("0372", "", "", "")}
    assert frame.fingerprint == plain_fingerprint(frame.units.values.tolist())


def test_a_household_field_that_the_roll_lacks_is_refused_naming_what_there_is():
    roll = roll_of(HOUSEHOLDS, category="A")
    refused = problems_of(lambda: make_frame(roll, villages_of(LISTED), household_fields=["kind", "persons"]))
    missing = [p for p in refused if p.severity == "refused"]
    assert [(p.key, p.value) for p in missing] == [
        ("frames.field.missing", "kind"),
        ("frames.field.missing", "persons"),
    ]
    assert all(p.fields["known"] == "category" for p in missing)
    assert keys(problems_of(lambda: make_frame(None, villages_of(LISTED), household_fields=["persons"]))) == {
        "field.missing"
    }


def test_a_control_character_in_a_household_field_is_refused_at_its_row():
    roll = roll_of(HOUSEHOLDS, category=["A", "B", "A\nB", "A", "A", "A"])
    refused = problems_of(lambda: make_frame(roll, None, household_fields=["category"]))
    assert keys(refused) == {"field.control"}
    assert [problem.column for problem in refused] == ["category"]


def test_the_committed_files_give_back_every_column_and_the_chances(tmp_path):
    roll = roll_of(HOUSEHOLDS, category=["", "NA", "null", "1e5", "007", "A"])
    frame = make_frame(roll, villages_of(LISTED), fields=["kind"], household_fields=["category"])
    frame = replace(
        frame,
        units=frame.units.assign(**{"lambda": "0x1.8p-1", "pi": "0.75"}),
        villages=frame.villages.assign(**{"lambda": "0x1.0p-1", "pi": "0.5"}),
    )
    (tmp_path / "frame.csv").write_bytes(csv_bytes(frame.units))
    (tmp_path / "villages.csv").write_bytes(csv_bytes(frame.villages))
    again = read_frame(tmp_path / "frame.csv", tmp_path / "villages.csv")
    pd.testing.assert_frame_equal(again.units, frame.units)
    pd.testing.assert_frame_equal(again.villages, frame.villages)
    assert (again.fingerprint, again.villages_sha256) == (frame.fingerprint, frame.villages_sha256)
