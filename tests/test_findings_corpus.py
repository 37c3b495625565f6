"""Damaged and odd files go through intake without a traceback: every row is accounted for."""

import pytest
from findings_corpus import WHOLE, all_cases
from findings_office import Office, counted, ends_somewhere, make_office

AT_LEAST = 60


@pytest.fixture(scope="module")
def forms(tmp_path_factory):
    return make_office(tmp_path_factory.mktemp("forms"))


@pytest.fixture(scope="module")
def cases(forms, tmp_path_factory):
    office = Office(tmp_path_factory.mktemp("corpus"), forms)
    return {case.name: case for case in all_cases(office)}


@pytest.fixture
def office(tmp_path, forms):
    return Office(tmp_path, forms)


def take_all(forms, folder, cases) -> dict[str, object]:
    """Each file into a register of its own."""
    results = {}
    for number, case in enumerate(cases.values()):
        (place := folder / str(number)).mkdir()
        office = Office(place, forms)
        results[case.name] = (office, office.take_in(office.lay_down(case.name, case.data)))
    return results


@pytest.fixture(scope="module")
def results(forms, cases, tmp_path_factory):
    return take_all(forms, tmp_path_factory.mktemp("each"), cases)


def test_the_corpus_has_every_trap_and_as_many_files_as_it_should(cases):
    assert len(cases) >= AT_LEAST
    assert sum(case.expected == WHOLE for case in cases.values()) >= AT_LEAST / 2


def test_every_row_of_every_file_ends_in_exactly_one_place(results):
    assert [name for name, (_, result) in results.items() if not ends_somewhere(result)] == []
    for name, (office, result) in results.items():
        found = [entry.kind for entry in office.register.events()].count("finding")
        assert found == result.totals["accepted"] == len(office.register.findings()), name
        refused = (result.counts["state"] == "refused").sum()
        assert (refused > 0) == any(
            result.waiting["problem"].str.match("tables|forms") | (result.waiting["row"] == "")
        ), name


def test_where_damage_is_harmless_the_rows_are_found_with_the_right_values(results, cases):
    wrong = {}
    for name, (office, result) in results.items():
        if cases[name].expected == WHOLE:
            found = office.register.findings()
            told = found[
                ["serial", "household", "outcome", "verdict", "persons_found", "date", "inspectors", "signed"]
            ]
            meant = [
                [f"0000{n}", f"0000{n}", "completed", "correct", 3, "2026-06-03", "组3-1;组3-2", True]
                for n in (1, 2)
            ]
            if told.to_numpy().tolist() != meant:
                wrong[name] = (
                    counted(result),
                    result.waiting["problems"].tolist(),
                    [p.key for p in result.problems],
                )
    assert wrong == {}


def test_what_refuses_a_file_is_said_in_its_own_words(results, cases):
    wrong = {}
    for name, (_, result) in results.items():
        expected = cases[name].expected
        if expected not in ("", WHOLE):
            refusing = {p.key for p in result.problems if p.severity == "refused"}
            if refusing != {expected} or result.totals["rows"]:
                wrong[name] = (expected, refusing, counted(result))
    assert wrong == {}
