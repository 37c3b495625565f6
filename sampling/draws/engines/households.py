"""Stage 2 over big lists of households: in SQL where it is plain, else village after village."""

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa

from sampling.designs import ROUND, UNEQUAL, Selection, size
from sampling.draws.engines import sql
from sampling.draws.engines.assembling import assembled
from sampling.draws.engines.checks import doubled, form
from sampling.draws.engines.tables import literal
from sampling.draws.engines.tables import name as quoted
from sampling.draws.engines.villages import Plan, as_text, decimals, keep
from sampling.draws.methods import METHODS
from sampling.draws.ranking import NUMBER
from sampling.draws.sample import written
from sampling.draws.stages import ROLL, draw_households
from sampling.draws.tickets import SEPARATOR
from sampling.frames import Frame
from sampling.words import Problem, refuse_if_any

ROWS = 250_000
"""Households, or rows of the sample, that are in the hands of Python at one time."""
TICKET = "sha256(g.shared || nfc_normalize(household))"
"""The ticket of a household; what it shares with the others of its village stands in the table `groups`."""


def draw_units(
    db: duckdb.DuckDBPyConnection, plan: Plan, list_name: str, units: str, paths: Sequence[Path]
) -> Iterator[pa.Table]:
    """The rows of stage 2 of one list, written, in the order of the sample; `units` is its relation.

    Needs the tables `places` and `counts`.
    """
    design = plan.design
    selection = design.households_by if list_name == ROLL else Selection()
    opened = any(act.household and act.list == list_name for act in plan.acts.openings)
    groups = bool(design.categories) and list_name == ROLL
    plain = selection.method in ("srs", *UNEQUAL) and design.rounding in ROUND
    _group_sizes(db, plan, list_name, units)
    if plain and not (opened or groups or design.sealed):
        yield from _in_sql(db, plan, list_name, selection, units, paths)
    else:
        refuse_if_any(_twins(db, units, paths, "SELECT place FROM groups"))
        yield from _village_by_village(db, plan, list_name, selection, units)


def _group_sizes(db: duckdb.DuckDBPyConnection, plan: Plan, list_name: str, units: str) -> None:
    """Make the table `groups`: the drawn villages with households, as in `places`, with households (M), due
    (m, where no ticket decides it) and shared (what the messages of their tickets begin with).
    """
    counts, rule = "counts", plan.design.households
    if list_name != ROLL:
        rule = plan.design.lists[list_name]
        counts = (
            f"(SELECT village, count(*) AS households FROM {units} WHERE household <> '' GROUP BY village)"
        )
    sizes = [M for (M,) in db.execute(f"SELECT DISTINCT households FROM {counts}").fetchall()]
    rounding = ROUND.get(plan.design.rounding, math.ceil)
    numbers = [size(rule, M, rounding=rounding)[0] for M in sizes]
    columns = {"households": pa.array(sizes, pa.int64()), "due": pa.array(numbers, pa.int64())}
    keep(db, "sizes", pa.table(columns))
    opening = sql.opening(plan.seed, plan.campaign, f"2/{list_name}" if list_name else "2")
    shared = f"{opening} || nfc_normalize(village) || {literal(SEPARATOR)}"
    db.execute(
        f"CREATE OR REPLACE TEMP TABLE groups AS SELECT places.*, households, due, {shared} AS shared"
        f" FROM places JOIN {counts} USING (village) JOIN sizes USING (households) WHERE households > 0"
    )


def _in_sql(
    db: duckdb.DuckDBPyConnection,
    plan: Plan,
    list_name: str,
    selection: Selection,
    units: str,
    paths: Sequence[Path],
) -> Iterator[pa.Table]:
    unequal = selection.method in UNEQUAL
    for whole in (True,) if unequal else (False, True):
        keyed = _by_score(db, selection, units) if unequal else _by_ticket(units, whole=whole)
        _rank(db, plan, keyed, fixed=METHODS[selection.method].fixed)
        places = "SELECT place FROM ranked WHERE twin"
        if not db.execute(f"{places} LIMIT 1").fetchall():
            break
        refuse_if_any(_twins(db, units, paths, places))  # none: two tickets begin with the same 64 bits
    keys = ["chance", "pi_unit"] if unequal else ["chance", "households", "m"]
    yield from _written_rows(db, plan, list_name, keys)


def _by_ticket(units: str, *, whole: bool) -> str:
    """A query of place, household, pi_unit, score and key of the households that may be drawn."""
    key = "ticket" if whole else sql.leading("ticket")
    rows = f"SELECT g.place, household, {TICKET} AS ticket FROM {units} u JOIN groups g USING (village)"
    rows += " WHERE household <> ''"
    return f"SELECT place, household, '' AS pi_unit, 0::UTINYINT AS score, {key} AS key FROM ({rows})"


def _by_score(db: duckdb.DuckDBPyConnection, selection: Selection, units: str) -> str:
    """The same where lambda and pi stand in the file."""
    drawn = f"FROM {units} u JOIN groups g USING (village) WHERE household <> ''"
    texts = [text for (text,) in db.execute(f'SELECT DISTINCT u."lambda" {drawn}').fetchall()]
    columns = {"written": pa.array(texts, pa.string()), "lam": [float.fromhex(text) for text in texts]}
    keep(db, "lambdas", pa.table(columns))
    rows = f'SELECT g.place, household, u."lambda" AS written, u.pi AS pi_unit, {TICKET} AS ticket {drawn}'
    rows = f"SELECT *, {sql.uniform('ticket')} AS u FROM ({rows}) JOIN lambdas USING (written) WHERE lam > 0"
    score = sql.score(selection.method)
    return f"SELECT place, household, pi_unit, {score} AS score, ticket AS key FROM ({rows})"


def _rank(db: duckdb.DuckDBPyConnection, plan: Plan, keyed: str, *, fixed: bool) -> None:
    """Make the table `ranked`: place, household, pi_unit, m, rank, and twin: whether the unit before has the
    same key.

    The ticket itself is not kept, it would double the memory; it is made again for the rows of the sample.
    """
    m, below = "due", ""
    if not fixed:
        m, below = "below", ", count(*) FILTER (score < 1) OVER (PARTITION BY place) AS below"
    numbered = "row_number() OVER w AS rank, key = lag(key) OVER w AS twin"
    ordered = (
        f"SELECT place, household, pi_unit, {numbered}{below} FROM ({keyed})"
        " WINDOW w AS (PARTITION BY place ORDER BY score, key)"
    )
    db.execute(
        "CREATE OR REPLACE TEMP TABLE ranked AS"
        f" SELECT place, household, pi_unit, {m} AS m, rank, twin"
        f" FROM ({ordered}) JOIN groups USING (place) WHERE rank <= {m} + {plan.design.reserves} OR twin"
    )


def _twins(
    db: duckdb.DuckDBPyConnection, units: str, paths: Sequence[Path], places: str
) -> Iterator[Problem]:
    """Households of these places that stand on two rows."""
    ids = ["village", "household"]
    rows = f"FROM {units} u JOIN groups g USING (village) WHERE household <> '' AND g.place IN ({places})"
    twice = f"SELECT {form(ids)} {rows} GROUP BY 1 HAVING count(*) > 1"
    yield from doubled(db, paths, ids, twice, "frames.household.doubled")


def _chances(db: duckdb.DuckDBPyConnection, keys: Sequence[str]) -> pa.Table:
    """The three texts of the drawn rows, from exact fractions, and those of a reserve, which has none.

    The table `chances` says their number by what decides them.
    """
    query = f"SELECT DISTINCT {', '.join(keys)} FROM ranked JOIN groups USING (place) WHERE rank <= m"
    numbered = f"SELECT row_number() OVER () - 1 AS number, * FROM ({query})"
    db.execute(f"CREATE OR REPLACE TEMP TABLE chances AS {numbered}")
    exact = []
    for _, chance, *own in db.execute("SELECT * FROM chances ORDER BY number").fetchall():
        stage = Fraction(own[1], own[0]) if len(own) == 2 else Fraction(float(own[0]))
        exact.append((stage, stage * Fraction(chance)))
    return pa.table({key: pa.array([*texts, ""], pa.string()) for key, texts in decimals(exact).items()})


def _written_rows(
    db: duckdb.DuckDBPyConnection, plan: Plan, list_name: str, keys: Sequence[str]
) -> Iterator[pa.Table]:
    """The rows of the table `ranked` as the sample has them, some villages at a time."""
    chances = _chances(db, keys)
    last = f"rank <= m + {plan.design.reserves}"
    grouped = f"SELECT place, m, count(*) AS rows FROM ranked WHERE {last} GROUP BY ALL"
    for first, end in _portions(db, grouped):
        here = f"place BETWEEN {first} AND {end}"
        places = db.sql(
            "SELECT township, stratum, village, units::VARCHAR, taken::VARCHAR, households::VARCHAR,"
            f" m::VARCHAR, m, rows FROM ({grouped}) JOIN groups USING (place) WHERE {here} ORDER BY place"
        )
        units = db.sql(
            f"SELECT household, {TICKET} AS ticket, coalesce(number, 0) AS number"
            f" FROM ranked JOIN groups g USING (place) LEFT JOIN chances USING ({', '.join(keys)})"
            f" WHERE {here} AND {last} ORDER BY place, rank"
        )
        table = assembled(list_name, places.to_arrow_table(), units.to_arrow_table(), chances)
        yield table.select(plan.columns)


def _portions(db: duckdb.DuckDBPyConnection, counts: str) -> list[tuple[int, int]]:
    """First and last place of portions of about `ROWS` rows, from a query of place and rows."""
    portion = f"(sum(rows) OVER (ORDER BY place) // {ROWS})::BIGINT"
    query = f"SELECT min(place), max(place) FROM (SELECT place, {portion} AS portion FROM ({counts}))"
    return db.execute(f"{query} GROUP BY portion ORDER BY portion").fetchall()


def _village_by_village(
    db: duckdb.DuckDBPyConnection, plan: Plan, list_name: str, selection: Selection, units: str
) -> Iterator[pa.Table]:
    """The rows as the small draw makes them, from the households of some drawn villages at a time."""
    marks = _marks(db, selection, units)
    for first, end in _portions(db, "SELECT place, households AS rows FROM groups"):
        here = f"p.place BETWEEN {first} AND {end}"
        query = f"SELECT u.* FROM {units} u JOIN places p USING (village) WHERE {here}"
        part = pd.concat([_table(db, query), marks]) if len(marks) else _table(db, query)
        frame = Frame(
            units=part.reset_index(drop=True), villages=pd.DataFrame(), sizes=pd.Series(), control_totals={}
        )
        visited = db.sql(f"SELECT * FROM places p WHERE {here}").to_arrow_table().to_pandas()
        visited = visited.rename(columns={"units": "N", "taken": "n"})
        visited["pi"] = visited["chance"].map(Fraction)
        rows = draw_households(
            frame, list_name, plan.design, plan.acts, visited, seed=plan.seed, campaign=plan.campaign
        )
        if len(rows):
            yield as_text(written(rows, plan.design))


def _table(db: duckdb.DuckDBPyConnection, query: str) -> pd.DataFrame:
    return db.sql(query).to_arrow_table().to_pandas().astype("str")


def _marks(db: duckdb.DuckDBPyConnection, selection: Selection, units: str) -> pd.DataFrame:
    """A row without a household that is no number in every field of the order that is text in the whole file.

    Whether a field sorts as numbers is decided by the whole file, not by the villages in hand.
    """
    row = {}
    for field in selection.order:
        words = f"{quoted(field)} <> '' AND NOT regexp_full_match({quoted(field)}, {literal(NUMBER.pattern)})"
        if db.execute(f"SELECT 1 FROM {units} WHERE {words} LIMIT 1").fetchall():
            row[field] = "-"
    if not row:
        return pd.DataFrame()
    columns = [column for column, *_ in db.execute(f"DESCRIBE {units}").fetchall()]
    return pd.DataFrame([{column: row.get(column, "") for column in columns}], dtype="str")
