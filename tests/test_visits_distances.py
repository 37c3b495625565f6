"""Distances: against hand calculation, published circles, and a table completed by brute force."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.visits.distances import from_degrees, from_plane, from_table, unknown
from sampling.words import LANGUAGES, InputError


def table(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["from", "to", "km"])


def keys(make) -> list:
    with pytest.raises(InputError) as error:
        make()
    assert all(problem.to_line(lang) for problem in error.value.problems for lang in LANGUAGES)
    return [(problem.key, problem.value) for problem in error.value.problems]


def test_a_plane_is_pythagoras_times_the_road():
    found = from_plane(np.array([[0, 0], [3, 4], [0, 0]]), 1.4)
    assert found.km(0, 1) == pytest.approx(7.0) and found.km(0, 2) == 0 and found.known
    assert found.matrix() == pytest.approx(found.matrix().T)


def test_the_circle_from_nashville_to_los_angeles_is_as_published():
    """2,887.26 km on a sphere of 6,372.8 km: Rosetta Code, haversine formula (36.12, -86.67; 33.94, -118.40).

    Too wide for a county, so each degree is taken a hundredth as far from the first place and the circle
    compared with the same by the spherical law of cosines.
    """
    a, b = np.array([-86.67, 36.12]), np.array([-118.40, 33.94])
    assert keys(lambda: from_degrees(np.array([a, b]), 1.0)) == [("visiting.too_wide", "2886")]
    near = a + (b - a) / 100
    (lon1, lat1), (lon2, lat2) = np.radians(a), np.radians(near)
    cosine = np.sin(lat1) * np.sin(lat2) + np.cos(lat1) * np.cos(lat2) * np.cos(lon2 - lon1)
    expected = 6371.0088 * np.arccos(cosine)
    assert from_degrees(np.array([a, near]), 1.0).km(0, 1) == pytest.approx(expected, rel=1e-6)


def test_a_degree_of_latitude_is_111_km_and_of_longitude_half_of_it_at_60_degrees():
    found = from_degrees(np.array([[115.0, 60.0], [115.0, 61.0], [116.0, 60.0]]), 1.0)
    assert found.km(0, 1) == pytest.approx(111.195, abs=0.001)
    assert found.km(0, 2) == pytest.approx(55.6, abs=0.01)


def test_places_in_the_wrong_unit_are_refused():
    metres = np.array([[0.0, 0.0], [39_400_000.0, 2_700_000.0]])
    assert keys(lambda: from_plane(metres, 1.4))[0][0] == "visiting.too_wide"
    assert keys(lambda: from_degrees(np.array([[24.1, 115.7]]), 1.4)) == [
        ("visiting.not_on_globe", "24.1, 115.7")
    ]


def test_a_place_that_is_missing_is_an_error_of_the_caller():
    with pytest.raises(ValueError, match="points must all have a place, got 1"):
        from_plane(np.array([[0, 0], [np.nan, 1]]), 1.4)
    with pytest.raises(ValueError, match="road must be 1 or more"):
        from_plane(np.array([[0, 0]]), 0.9)


def test_a_table_is_taken_as_it_is_even_where_a_way_round_is_shorter():
    rows = table(("seat", "a", "10"), ("a", "b", "１．５"), ("seat", "b", 20), ("b", "seat", 21))
    found = from_table(rows, ["seat", "seat", "a", "b"])
    assert (found.km(0, 2), found.km(2, 0)) == (10, 10)
    assert (found.km(0, 3), found.km(3, 0)) == (20, 21)
    assert (found.km(2, 3), found.km(0, 1)) == (1.5, 0)


def test_everything_wrong_in_a_table_is_said_at_once():
    rows = table(("seat", "a", "far"), ("a", "b", -1), ("a", "b", 3), ("b", "a", 3), ("a", "b", 4))
    assert keys(lambda: from_table(rows, ["seat", "a", "b"])) == [
        *(("visiting.bad_km", "far"), ("visiting.bad_km", "-1")),
        *(("visiting.km_twice", "a – b"), ("visiting.km_twice", "a – b")),
    ]
    far = table(("seat", "a", 1), ("b", "c", 0))
    assert keys(lambda: from_table(far, ["seat", "a", "b", "d"])) == [
        ("visiting.unreached", "b"),
        ("visiting.unreached", "d"),
    ]
    assert keys(lambda: from_table(rows.drop(columns="km"), ["a"])) == [("visiting.no_distance_column", "")]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 9)), max_size=9))
def test_what_is_missing_in_a_table_is_the_shortest_of_all_ways(edges):
    chain = [(f"{k}", f"{k + 1}", 5) for k in range(4)]
    known = {(a, b): km for a, b, km in [*chain, *((str(a), str(b), k) for a, b, k in edges if a != b)]}
    rows = table(*((a, b, km) for (a, b), km in known.items()))
    names = [str(k) for k in range(5)]
    found = from_table(rows, names)
    both = {(b, a): km for (a, b), km in known.items()} | known
    for a, b in itertools.permutations(names, 2):
        between = [name for name in names if name not in (a, b)]
        ways = [
            sum(both.get(leg, np.inf) for leg in itertools.pairwise([a, *stops, b]))
            for n in range(4)
            for stops in itertools.permutations(between, n)
        ]
        assert found.km(int(a), int(b)) == both.get((a, b), min(ways))


def test_unknown_distances_say_so():
    found = unknown(4)
    assert not found.known and found.matrix().shape == (4, 4) and not found.matrix().any()
    assert repr(found) == "Distances(4 points, known=False)"


def test_the_matrix_is_a_copy():
    found = from_plane(np.array([[0, 0], [1, 0]]), 1)
    found.matrix()[0, 1] = 99
    assert found.km(0, 1) == 1
