"""Homes and places: who may not go where, from what people write in a sheet."""

import itertools

import numpy as np
import openpyxl
import pandas as pd
import pytest

from sampling.visits.distances import from_plane
from sampling.visits.homes import at_home, from_own_town
from sampling.visits.places import by_places, by_table, read_ways
from sampling.visits.team import Member, Team
from sampling.words import LANGUAGES, InputError

VILLAGES = pd.DataFrame(
    [
        ("t1", "East", "001", "Upper", 0.0, 0.0),
        ("t1", "East", "002", "Lower", 2.0, 0.0),
        ("t2", "West", "003", "Upper", 10.0, 0.0),
        ("t2", "West", "004", "Mill", np.nan, np.nan),
        ("t3", "North", "005", "Hill", 0.0, 9.0),
    ],
    columns=["township", "township_name", "village", "village_name", "x", "y"],
)
WORK = VILLAGES[["township", "village"]]


def team(*members: Member, base: str = "") -> Team:
    return Team(team="g", members=members, base=base)


def settled(member: Member) -> tuple[Team, list]:
    (found,), notes = at_home([team(member)], VILLAGES)
    assert all(note.to_line(lang) for note in notes for lang in LANGUAGES)
    return found, [note.key.removeprefix("visiting.") for note in notes]


def closed(found: Team) -> set[str]:
    rows = VILLAGES[["village", "township"]].itertuples(index=False)
    return {row.village for row in rows if not found.may_visit(row.village, row.township)}


@pytest.mark.parametrize(
    ("township", "village", "expected", "notes"),
    [
        ("East", "", {"001", "002"}, []),
        ("t1", "", {"001", "002"}, []),
        ("East", "001", {"001"}, []),
        ("East", "Upper", {"001"}, []),
        ("West", "Upper", {"003"}, []),
        ("", "Mill", {"004"}, []),
        ("", "Upper", set(), ["home_nowhere"]),
        ("East", "0O1", {"001", "002"}, ["home_village"]),
        ("East", "003", {"003"}, ["home_differs"]),
        ("Elsewhere", "", set(), ["home_town"]),
        ("Elsewhere", "Somewhere", set(), ["home_town", "home_nowhere"]),
        ("", "", set(), []),
    ],
)
def test_a_home_closes_its_village_or_its_town(township, village, expected, notes):
    found, said = settled(Member(name="a", township=township, village=village))
    assert closed(found) == expected
    assert said == notes


def test_a_village_without_a_name_is_nobodys_home():
    (found,), _ = at_home([team(Member(name="a", township="t3"))], VILLAGES.replace("Hill", ""))
    assert closed(found) == {"005"} and found.members[0].village == ""


def test_villages_of_relatives_are_found_by_id_and_name():
    found, said = settled(Member(name="a", township="West", relatives=("002", "Mill", "gone"), village="003"))
    assert closed(found) == {"002", "003", "004"} and said == ["relatives_village"]


def test_a_base_that_is_no_town_is_refused():
    (found,), _ = at_home([team(base="West")], VILLAGES)
    assert found.base == "t2"
    with pytest.raises(InputError) as error:
        at_home([team(base="Weast")], VILLAGES)
    assert [problem.key for problem in error.value.problems] == ["visiting.no_base"]
    assert all(error.value.problems[0].to_line(lang) for lang in LANGUAGES)


def test_a_team_begins_in_the_town_of_its_first_member_who_has_one():
    members = (Member(name="a"), Member(name="b", township="t2"), Member(name="c", township="t1"))
    assert from_own_town([team(*members)])[0].base == "t2"
    assert from_own_town([team(*members, base="t3")])[0].base == "t3"
    assert from_own_town([team(members[0])])[0].base == ""


def test_points_are_seat_bases_and_villages_in_this_order():
    teams = [team(), team(base="t1")]
    found, notes = by_places(WORK, teams, VILLAGES, kind="plane", road=2.0, seat=(5, 0))
    expected = [(5, 0), (5, 0), (1, 0), (0, 0), (2, 0), (10, 0), (10, 0), (0, 9)]
    for a, b in itertools.product(range(8), repeat=2):
        assert found.km(a, b) == pytest.approx(2 * np.hypot(*np.subtract(expected[a], expected[b])))
    assert [(note.key, note.value) for note in notes] == [("visiting.village_without_place", "004")]
    assert all(note.to_line(lang) for note in notes for lang in LANGUAGES)


def test_the_seat_is_the_middle_of_the_villages_unless_it_is_told():
    found, _ = by_places(WORK, [], VILLAGES, kind="plane", road=1.0, seat=None)
    assert found.km(0, 1) == pytest.approx(np.hypot(3, 9 / 4))


def test_metres_are_thousandths_of_kilometres():
    metres = VILLAGES.assign(x=VILLAGES["x"] * 1000 + 39_400_000, y=VILLAGES["y"] * 1000 + 2_700_000)
    found, _ = by_places(WORK, [], metres, kind="metres", road=1.4, seat=None)
    expected, _ = by_places(WORK, [], VILLAGES, kind="plane", road=1.4, seat=None)
    assert found.matrix() == pytest.approx(expected.matrix(), abs=1e-6)


def test_degrees_near_the_equator_are_a_plane_of_111_km():
    small = VILLAGES.assign(x=VILLAGES["x"] / 100, y=VILLAGES["y"] / 100)
    found, _ = by_places(WORK, [], small, kind="degrees", road=1.0, seat=None)
    plane, _ = by_places(WORK, [], small * 1, kind="plane", road=1.0, seat=None)
    assert found.matrix() == pytest.approx(plane.matrix() * 111.195, rel=1e-4)


def test_nothing_is_guessed_where_a_town_has_no_coordinates():
    nowhere = VILLAGES.assign(x=np.nan, y=np.nan)
    found, notes = by_places(WORK, [team()], nowhere, kind="plane", road=1.4, seat=None)
    assert not found.known and len(found.matrix()) == 7 and notes == ()
    partly = VILLAGES.assign(x=VILLAGES["x"].where(VILLAGES["township"] != "t3"))
    found, notes = by_places(WORK, [team()], partly, kind="plane", road=1.4, seat=None)
    assert not found.known
    assert [(note.key, note.value) for note in notes] == [("visiting.town_without_place", "t3")]
    assert all(note.to_line(lang) for note in notes for lang in LANGUAGES)


def test_a_table_calls_the_points_seat_towns_and_villages():
    rows = pd.DataFrame(
        [("seat", "t1", 3), ("t1", "001", 1), ("001", "003", 4)], columns=["from", "to", "km"]
    )
    work = WORK[WORK["village"].isin(["001", "003"])]
    found = by_table(rows, work, [team(), team(base="t1")])
    expected = from_plane(np.array([(0, 0), (0, 0), (3, 0), (4, 0), (8, 0)]), 1.0)
    assert (found.matrix() == expected.matrix()).all()


def test_a_table_of_distances_is_read_from_a_workbook_and_from_a_file_of_the_office(tmp_path):
    lines = [
        ["备注", "起点", "终点", "公里"],
        ["", "县城", "001", 3.5],
        ["", "", "", ""],
        ["x", "001", "003", "4"],
    ]
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    book.save(tmp_path / "w.xlsx")
    text = "\n".join(",".join(map(str, line)) for line in lines)
    (tmp_path / "w.csv").write_bytes(text.encode("gb18030"))
    for name in ("w.xlsx", "w.csv"):
        found = read_ways(tmp_path / name)
        assert found[["from", "to", "km"]].to_numpy().tolist() == [
            ["seat", "001", "3.5"],
            ["001", "003", "4"],
        ]
        assert found.index.tolist() == [0, 2]
        assert by_table(found, WORK[WORK["village"].isin(["001", "003"])], []).km(0, 2) == 7.5
