"""Hidden cells: an attacker who solves for them finds none, whole or real; the rest is shown."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from sampling.documents.suppression import TOTAL, Suppressed, suppress, with_totals

LEAST = 5
TABLES = 1000


def random_table(rng: np.random.Generator) -> pd.DataFrame:
    rows, columns = rng.integers(1, 7, 2)
    mean = rng.choice([0.4, 1.5, 4.0, 12.0])
    return pd.DataFrame(rng.poisson(mean, (rows, columns)))


def constraints(table: Suppressed) -> tuple[np.ndarray, np.ndarray, list[tuple[int, int]]]:
    """The sums as equations in the hidden cells: matrix, right side, and which cell is which unknown."""
    counts, hidden = table.counts.to_numpy(), table.hidden.to_numpy()
    unknown = [(int(i), int(j)) for i, j in np.argwhere(hidden)]
    lines = [[(i, j) for j in range(counts.shape[1])] for i in range(counts.shape[0])]
    lines += [[(i, j) for i in range(counts.shape[0])] for j in range(counts.shape[1])]
    matrix, right = [], []
    for line in lines:
        signs = {place: 1 for place in line[:-1]} | {line[-1]: -1}
        matrix.append([signs.get(place, 0) for place in unknown])
        right.append(-sum(sign * counts[place] for place, sign in signs.items() if place not in unknown))
    return np.array(matrix), np.array(right), unknown


def recovered(table: Suppressed) -> list[tuple[int, int]]:
    """The hidden cells whose only whole value of 1 or more is the true one, by integer programming."""
    matrix, right, unknown = constraints(table)
    if not unknown:
        return []
    sums = LinearConstraint(matrix, right, right)
    found = []
    for number, place in enumerate(unknown):
        aim = np.zeros(len(unknown))
        aim[number] = 1
        ends = [
            milp(sign * aim, constraints=sums, integrality=np.ones(len(unknown)), bounds=Bounds(1, 10**6))
            for sign in (1, -1)
        ]
        assert all(end.success for end in ends)
        if round(ends[0].x[number]) == round(ends[1].x[number]):
            found.append(place)
    return found


@pytest.mark.parametrize("part", range(4))
def test_an_attacker_recovers_no_hidden_cell_of_1000_random_tables(part):
    rng = np.random.default_rng(20260700 + part)
    hidden = 0
    for _ in range(TABLES // 4):
        table = suppress(random_table(rng), least=LEAST)
        hidden += int(table.hidden.to_numpy().sum())
        assert recovered(table) == []
    assert hidden > 1000  # there was something to find


def test_the_attacker_finds_what_is_hidden_badly():
    cells = pd.DataFrame([[3, 20], [30, 40]])
    counts = with_totals(cells)
    only_small = Suppressed(counts=counts, hidden=(counts > 0) & (counts < LEAST))
    assert recovered(only_small) == [(0, 0)]
    ones = with_totals(pd.DataFrame([[1, 1], [9, 9]]))
    both = Suppressed(counts=ones, hidden=(ones == 1))  # two that are 1 or more and add up to 2
    assert recovered(both) == [(0, 0), (0, 1)]


def test_by_trying_every_table_there_are_two_that_look_the_same():
    rng = np.random.default_rng(5)
    for _ in range(10):
        table = suppress(pd.DataFrame(rng.integers(0, 4, (2, 2))), least=3)
        matrix, right, unknown = constraints(table)
        fits = [
            values for values in product(range(1, 13), repeat=len(unknown)) if len(unknown) < 6
            and (matrix @ np.array(values) == right).all()
        ]  # fmt: skip
        if 0 < len(unknown) < 6:
            assert all(len({values[place] for values in fits}) > 1 for place in range(len(unknown)))


def test_every_small_count_is_hidden_and_no_zero():
    rng = np.random.default_rng(9)
    for _ in range(200):
        table = suppress(random_table(rng), least=LEAST)
        small = (table.counts > 0) & (table.counts < LEAST)
        assert (table.hidden | ~small).to_numpy().all()
        assert not (table.hidden & (table.counts == 0)).to_numpy().any()


def test_a_table_without_small_counts_is_shown_whole():
    table = suppress(pd.DataFrame([[5, 0], [17, 99]]), least=LEAST)
    assert not table.hidden.to_numpy().any() and table.counts.loc[TOTAL, TOTAL] == 121


def test_not_more_is_hidden_than_about_the_small_ones_again():
    rng = np.random.default_rng(3)
    small = more = 0
    for _ in range(100):
        table = suppress(pd.DataFrame(rng.poisson(9, (8, 6))), least=LEAST)
        is_small = (table.counts > 0) & (table.counts < LEAST)
        small += int(is_small.to_numpy().sum())
        more += int((table.hidden & ~is_small).to_numpy().sum())
    assert more < 1.6 * small


def test_money_beside_hidden_counts_cannot_be_computed_back():
    rng = np.random.default_rng(4)
    for _ in range(100):
        cells = random_table(rng)
        table = suppress(cells, least=LEAST)
        money = with_totals(cells * rng.uniform(50, 400, cells.shape))
        assert table.shown(money).isna().equals(table.hidden)
        matrix, _, unknown = constraints(table)
        rank = np.linalg.matrix_rank(matrix) if unknown else 0
        for number in range(len(unknown)):  # determined only if no solution of the sums moves it
            others = np.delete(matrix, number, axis=1)
            assert np.linalg.matrix_rank(others) == rank


def test_a_companion_must_have_the_same_places():
    table = suppress(pd.DataFrame([[5, 7]]), least=LEAST)
    with pytest.raises(ValueError, match="totals included"):
        table.shown(pd.DataFrame([[5, 7]]))


def test_a_county_of_37_towns_and_30_reasons_is_hidden_the_same_way_each_time():
    cells = pd.DataFrame(np.random.default_rng(1).poisson(1.2, (37, 30)))
    first, second = (suppress(cells, least=LEAST) for _ in range(2))
    assert first.hidden.equals(second.hidden)
