"""Exports of phones: repeats belong to their form, groups vanish, photos arrive, nothing is left behind."""

import hashlib
import json

import pytest
from findings_corpus import as_csv, zipped

from sampling.forms import read_returned
from sampling.forms.odk import is_archive, pictures_in
from sampling.words import InputError

SENT = {
    "__id": "uuid:1",
    "__system": {"submitterId": "7", "deviceId": "collect:x"},
    "serial": "00001",
    "seen": {
        "mode": "at_home",
        "arrive": "09:05:00.000+08:00",
        "persons_found": 2,
        "income_wages": 310.5,
        "members@odata.navigationLink": "Submissions('uuid:1')/seen/members",
        "members": [
            {"__id": "m1", "member_name": "甲", "age": 70, "counted": "yes"},
            {"__id": "m2", "member_name": "乙", "age": 9, "counted": None},
        ],
    },
    "photos": [{"__id": "p1", "photo": "1.jpg"}, {"__id": "p2", "photo": "2.jpg"}],
    "outcome": "completed",
    "signed": True,
    "rain": ["a", "b"],
    "where": {"type": "Point", "coordinates": [117.2, 31.8]},
}


def json_form(*submissions, **wrapped):
    return read_returned(json.dumps(wrapped or list(submissions)).encode(), "a.json")


def test_groups_repeats_and_photos_of_json_are_one_household_with_its_members():
    (form,) = json_form(SENT)
    (row,) = form.rows.to_dict("records")
    told = {
        name: row[name] for name in ("serial", "mode", "arrive", "persons_found", "income_wages", "outcome")
    }
    assert told == {
        "serial": "00001",
        "mode": "at_home",
        "arrive": "09:05",
        "persons_found": "2",
        "income_wages": "310.5",
        "outcome": "completed",
    }
    assert row["photos"] == "1.jpg;2.jpg" and row["signed"] == "yes"
    assert form.members[["member_name", "age", "counted"]].to_numpy().tolist() == [
        ["甲", "70", "yes"],
        ["乙", "9", ""],
    ]
    assert set(form.members["link"]) == {row["link"]}
    assert {name: set(cells) for name, cells in form.aside.items()} == {
        name: {"1"}
        for name in ("rain[1]", "rain[2]", "where/type", "where/coordinates[1]", "where/coordinates[2]")
    }


def test_two_forms_of_one_household_keep_each_its_own_members():
    other = SENT | {
        "seen": SENT["seen"] | {"members": [{"member_name": "丙"}, {"member_name": "丁", "age": 1}]}
    }
    (form,) = json_form(SENT, other)
    of = form.members.groupby("link")["member_name"].apply(list).to_dict()
    assert [of[link] for link in form.rows["link"]] == [["甲", "乙"], ["丙", "丁"]]


def test_a_list_a_single_form_and_the_answers_of_both_servers_say_the_same():
    (meant,) = json_form(SENT)
    for (form,) in (json_form(**SENT), json_form(value=[SENT]), json_form(count=1, results=[SENT])):
        assert form.rows.equals(meant.rows) and form.members.equals(meant.members)


MAIN = [
    ["serial", "seen-persons_found", "outcome", "KEY"],
    ["00001", "2", "completed", "u1"],
    ["00002", "", "absent", "u2"],
]
PEOPLE = [
    ["member_name", "age", "PARENT_KEY", "KEY"],
    ["甲", "70", "u1", "k1"],
    ["乙", "9", "u1", "k2"],
    ["丙", "1", "u9", "k3"],
]
PHOTOS = [["photo", "PARENT_KEY", "KEY"], ["b.jpg", "u2", "k4"], ["c.jpg", "u2", "k5"]]


def export(folder: str = "") -> bytes:
    tables = {"f.csv": MAIN, "f-members.csv": PEOPLE, "f-photos.csv": PHOTOS}
    parts = {folder + name: as_csv(rows) for name, rows in tables.items()}
    return zipped(
        parts | {folder + "media/b.jpg": b"B", folder + "media/c.PNG": b"C", folder + "media/x.csv.bak": b""}
    )


@pytest.mark.parametrize("folder", ["", "导出 2026/"])
def test_the_files_of_a_zip_are_joined_by_their_keys_and_a_stray_member_is_kept(folder):
    (form,) = read_returned(export(folder), "a.zip")
    assert form.rows[["row", "serial", "persons_found", "photos"]].to_numpy().tolist() == [
        ["2", "00001", "2", ""],
        ["3", "00002", "", "b.jpg;c.jpg"],
    ]
    links = list(form.rows["link"])
    people = form.members[["member_name", "link"]].to_numpy().tolist()
    assert people[:2] == [["甲", links[0]], ["乙", links[0]]] and people[2][1] not in links


def test_photos_inside_a_zip_are_told_with_their_hashes():
    data = export()
    assert is_archive(data)
    assert pictures_in(data, "a.zip") == {
        "b.jpg": hashlib.sha256(b"B").hexdigest(),
        "c.PNG": hashlib.sha256(b"C").hexdigest(),
    }


def test_a_form_for_villages_beside_one_for_households_is_read_from_one_zip():
    villages = [["village", "posting_days", "meeting_held", "KEY"], ["V1", "7", "yes", "v1"]]
    data = zipped({"f.csv": as_csv(MAIN), "v.csv": as_csv(villages)})
    forms = {form.village: form for form in read_returned(data, "a.zip")}
    assert forms["V1"].village_answers["posting_days"] == "7" and forms["V1"].rows.empty
    assert list(forms[""].rows["row"]) == ["f.csv 2", "f.csv 3"]


@pytest.mark.parametrize(
    "content", [b'[{"a": 1}', b"[" * 5000, b'{"value": 3}', b"[[1]]", b'"x"', b'{"a": {"b": NaN}}']
)
def test_json_that_is_damaged_or_no_export_is_refused_in_a_sentence(content):
    with pytest.raises(InputError) as error:
        read_returned(content, "a.json")
    assert all(problem.key.startswith("tables.") for problem in error.value.problems)


def test_groups_inside_each_other_without_end_are_no_trouble():
    deep: dict = {"outcome": "absent"}
    for _ in range(400):
        deep = {"g": deep}
    (form,) = json_form({"serial": "00001", **deep})
    assert list(form.rows["serial"]) == ["00001"]
