"""Small counts of a public table hidden, and as many others that nobody can compute them back.

The table with its totals is a network: a node for each row and each column, those of the totals among them,
and an edge for each cell. What a reader may think of the hidden cells instead of the truth is a circulation
over their edges (Fischetti & Salazar 2001, Management Science 47(7), for the problem in general).
"""

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

TOTAL = "total"
"""The label of the row and of the column that hold the sums."""
Node = tuple[str, int]
Place = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Suppressed:
    """A table of counts with its totals, and which cells of it are hidden.

    Attributes
    ----------
    counts
        Rows and columns as given, and TOTAL at the end of both; whole numbers.
    hidden
        The same shape: whether a cell is hidden, for being small or to protect one that is.
    """

    counts: pd.DataFrame
    hidden: pd.DataFrame

    def shown(self, table: pd.DataFrame) -> pd.DataFrame:
        """A companion of the counts (money, rates, their limits) without the cells whose count is hidden.

        Notes
        -----
        Sums do not give them back: every hidden cell lies on a cycle of hidden cells, so each row and column
        that has one has two, and some of each cycle can move against the others without moving a sum.

        Raises
        ------
        ValueError
            If it has not the rows and columns of the counts.
        """
        if list(table.index) != list(self.counts.index) or list(table.columns) != list(self.counts.columns):
            raise ValueError("table must have the rows and columns of the counts, totals included")
        return table.astype(object).mask(self.hidden.to_numpy(), None)


def suppress(cells: pd.DataFrame, *, least: int) -> Suppressed:
    """Hide counts of 1 to `least` - 1, and others, until each hidden count could be at least two numbers.

    Parameters
    ----------
    cells
        Counts by row and column, without totals; whole, none below 0.
    least
        The smallest count that may be shown, 0 apart, which is always shown.

    Notes
    -----
    Whoever reads the table knows all that is shown, that every hidden count is a whole number of 1 or more,
    and this method; not which cells are hidden for being small. A hidden cell can rise by one if the others
    can make up for it: along a cycle of hidden cells that alternately rise and fall, where one can fall from
    2 on. As long as a cell can neither rise nor fall, the cheapest such cycle through it is hidden.
    """
    counts = with_totals(cells)
    network = _Network(counts.to_numpy())
    hidden = {place for place in network.places if 0 < network.value(place) < least}
    for place in sorted(hidden):
        if not network.can_move(place, hidden):
            hidden |= network.cheapest_cycle(place, hidden)
    mask = np.zeros(counts.shape, dtype=bool)
    for row, column in hidden:
        mask[row, column] = True
    return Suppressed(counts=counts, hidden=pd.DataFrame(mask, index=counts.index, columns=counts.columns))


def with_totals(cells: pd.DataFrame) -> pd.DataFrame:
    """The table with the sums of its rows and columns."""
    table = cells.copy()
    table[TOTAL] = table.sum(axis=1)
    table.loc[TOTAL] = table.sum(axis=0)
    return table.astype(cells.dtypes.iloc[0] if len(cells.columns) else "int64")


class _Network:
    """The table as a network; an edge leads from row to column, that of a total the other way."""

    def __init__(self, counts: np.ndarray) -> None:
        self._counts = counts
        rows, columns = counts.shape
        self.places = [(row, column) for row in range(rows) for column in range(columns)]
        self._rows, self._columns = rows, columns

    def value(self, place: Place) -> int:
        return int(self._counts[place])

    def _ends(self, place: Place) -> tuple[Node, Node]:
        """Where the edge of a cell begins and ends: along it the cell rises."""
        row, column = ("row", place[0]), ("column", place[1])
        is_total = (place[0] == self._rows - 1) != (place[1] == self._columns - 1)
        return (column, row) if is_total else (row, column)

    def can_move(self, place: Place, hidden: set[Place]) -> bool:
        """Whether a hidden cell could be one more, or one less, with all sums as they are."""
        return any(cost == 0 for cost, _ in self._cycles(place, hidden, others=False))

    def cheapest_cycle(self, place: Place, hidden: set[Place]) -> set[Place]:
        """The cells of the cheapest cycle through a cell: what is hidden already costs nothing."""
        return min(self._cycles(place, hidden, others=True))[1]

    def _cycles(self, place: Place, hidden: set[Place], *, others: bool) -> Iterator[tuple[int, set[Place]]]:
        """The cheapest way back for a rise of the cell, and for a fall."""
        begin, end = self._ends(place)
        arcs = self._arcs(place, hidden, others=others)
        rise = _cheapest_path(arcs, end, begin)
        fall = _cheapest_path(arcs, begin, end) if self.value(place) > 1 else None
        for path in (rise, fall):
            if path is not None:
                yield path[0], {place, *path[1]}

    def _arcs(
        self, without: Place, hidden: set[Place], *, others: bool
    ) -> Mapping[Node, list[tuple[int, Node, Place]]]:
        """Ways from node to node: cells that are hidden, or could be, and can rise or fall."""
        arcs: dict[Node, list[tuple[int, Node, Place]]] = {}
        for place in self.places if others else sorted(hidden):
            if place == without or self.value(place) == 0:
                continue
            begin, end = self._ends(place)
            cost = 0 if place in hidden else 1 + self.value(place)
            arcs.setdefault(begin, []).append((cost, end, place))
            if self.value(place) > 1:
                arcs.setdefault(end, []).append((cost, begin, place))
        return arcs


def _cheapest_path(
    arcs: Mapping[Node, list[tuple[int, Node, Place]]], begin: Node, end: Node
) -> tuple[int, tuple[Place, ...]] | None:
    """Dijkstra (1959); ties are broken by the cells, so that the same table is always hidden the same way."""
    open_ways: list[tuple[int, tuple[Place, ...], Node]] = [(0, (), begin)]
    reached: set[Node] = set()
    while open_ways:
        cost, cells, node = heapq.heappop(open_ways)
        if node == end:
            return cost, cells
        if node in reached:
            continue
        reached.add(node)
        for more, other, place in arcs.get(node, []):
            if other not in reached:
                heapq.heappush(open_ways, (cost + more, (*cells, place), other))
    return None
