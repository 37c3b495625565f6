"""Stage 1 over a big list of villages: in SQL where it is plain, else by the code of the small draw."""

from dataclasses import dataclass, replace
from fractions import Fraction

import duckdb
import pandas as pd
import pyarrow as pa

from sampling.designs import Design, Selection, SizeRule, stratum_sizes
from sampling.designs.groups import CERTAINTY
from sampling.draws import roles
from sampling.draws.acts import Acts
from sampling.draws.engines import sql
from sampling.draws.engines.tables import UNIT, name
from sampling.draws.sample import SAMPLE_COLUMNS, SUBSTRATUM, written
from sampling.draws.stages import RANDOM, draw_villages
from sampling.frames import Frame
from sampling.words import InputError


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a draw is made by."""

    design: Design
    acts: Acts
    seed: str
    campaign: str

    @property
    def columns(self) -> list[str]:
        """The columns of the sample."""
        return [*SAMPLE_COLUMNS, *([SUBSTRATUM] if self.design.categories else [])]


def draw_places(db: duckdb.DuckDBPyConnection, plan: Plan, unit_columns: list[str]) -> pa.Table:
    """The rows of stage 1, written.

    Makes the table `places` of the drawn villages, in the order of the sample: place (1, 2 …), township,
    stratum, village, units (N), taken (n), chance (the exact probability as a fraction in text).
    """
    design, acts = plan.design, plan.acts
    known = design.villages_by.method == "srs" and design.allocation is None and design.rounding != RANDOM
    if known and not acts.extensions and not acts.village_openings():
        return _in_sql(db, plan, unit_columns)
    rows = draw_villages(
        _frame(db, unit_columns, "true"), of_villages(design), acts, seed=plan.seed, campaign=plan.campaign
    )
    drawn = rows[rows["role"].isin(roles.DRAWN)].sort_values(["stratum", "village"])
    places = {
        column: pa.array(drawn[column].tolist(), pa.string()) for column in ("township", "stratum", "village")
    }
    places |= {
        "units": pa.array(drawn["N"].tolist(), pa.int64()),
        "taken": pa.array(drawn["n"].tolist(), pa.int64()),
    }
    places["chance"] = pa.array(map(str, drawn["pi"]), pa.string())
    places["place"] = pa.array(range(1, len(drawn) + 1), pa.int64())
    keep(db, "places", pa.table(places))
    return as_text(written(rows, design))


def as_text(table: pd.DataFrame) -> pa.Table:
    """A written part of a sample, every column text."""
    schema = pa.schema([(str(column), pa.string()) for column in table])
    return pa.Table.from_pandas(table, schema=schema, preserve_index=False)


def of_villages(design: Design) -> Design:
    """The design as far as a frame without its households can be asked about it.

    That a rule of a category, or a method with sizes, leaves nobody in a village was told before the commit.
    """
    if not design.categories and design.households_by.method == "srs":
        return design
    every = SizeRule(rate=Fraction(1))
    return replace(design, households=every, households_by=Selection(), categories={})


def keep(db: duckdb.DuckDBPyConnection, relation: str, table: pa.Table) -> None:
    """Put a small table into the connection under this name, instead of any other."""
    db.register("kept_for_a_moment", table)
    db.execute(f"CREATE OR REPLACE TEMP TABLE {relation} AS SELECT * FROM kept_for_a_moment")
    db.unregister("kept_for_a_moment")


def _frame(db: duckdb.DuckDBPyConnection, unit_columns: list[str], where: str) -> Frame:
    """The villages for which something holds, as a frame without its households."""
    query = f"SELECT v.*, c.households FROM villages v JOIN counts c USING (village) WHERE {where}"
    rows = db.sql(query).to_arrow_table().to_pandas()
    villages = rows.iloc[:, :-1].astype("str")  # by place: a field may bear any name
    sizes = pd.Series(
        rows.iloc[:, -1].to_numpy("int64"), index=pd.Index(villages["village"]), name="households"
    )
    units = pd.DataFrame(columns=list(dict.fromkeys([*UNIT, *unit_columns])), dtype="str")
    return Frame(units=units, villages=villages, sizes=sizes, control_totals={})


def _in_sql(db: duckdb.DuckDBPyConnection, plan: Plan, unit_columns: list[str]) -> pa.Table:
    _stratum_numbers(db, plan.design, unit_columns)
    ticket = f"sha256({sql.opening(plan.seed, plan.campaign, '1')} || nfc_normalize(village))"
    db.execute(
        "CREATE TEMP TABLE ranked AS SELECT township, village, stratum, certainty, ticket, taken, units,"
        " row_number() OVER (PARTITION BY stratum ORDER BY ticket, village) AS rank"
        f" FROM (SELECT township, village, certainty, {ticket} AS ticket FROM villages)"
        " JOIN stratum_numbers USING (township, certainty)"
        f" QUALIFY rank <= taken + {plan.design.reserves}"
    )
    pairs = db.execute("SELECT DISTINCT units, taken FROM ranked").fetchall()
    chances = [Fraction(taken, units) for units, taken in pairs]
    columns: dict[str, list] = {
        "units": [units for units, _ in pairs],
        "taken": [taken for _, taken in pairs],
    }
    columns |= {"chance": list(map(str, chances)), **decimals([(pi, pi) for pi in chances])}
    keep(db, "village_chances", pa.table(columns))
    db.execute(
        "CREATE TEMP TABLE places AS SELECT row_number() OVER (ORDER BY stratum, village) AS place, township,"
        " stratum, village, units, taken, chance FROM ranked JOIN village_chances USING (units, taken)"
        " WHERE rank <= taken"
    )
    rows = _stage_1(db, plan)
    db.execute("DROP TABLE ranked")
    return rows


def decimals(pairs: list[tuple[Fraction, Fraction]]) -> dict[str, list[str]]:
    """pi_stage, pi and weight as the sample writes them, from the exact chances of the stage and of all."""
    return {
        "own": [repr(float(own)) for own, _ in pairs],
        "pi": [repr(float(pi)) for _, pi in pairs],
        "weight": [repr(float(1 / pi)) for _, pi in pairs],
    }


def more(plan: Plan) -> str:
    """The empty last column of rows that are in no substratum, where the sample has that column."""
    return ", ''" if plan.design.categories else ""


def _stage_1(db: duckdb.DuckDBPyConnection, plan: Plan) -> pa.Table:
    drawn = f"if(certainty = '1', '{roles.CERTAINTY}', '{roles.MAIN}')"
    role = f"if(rank > taken, '{roles.RESERVE}', {drawn})"
    chances = ", ".join(f"if(rank > taken, '', {column})" for column in ("own", "pi", "weight"))
    rows = db.sql(
        f"SELECT '1', '', township, stratum, village, '', {role}, rank::VARCHAR, ticket, units::VARCHAR,"
        f" taken::VARCHAR, '', '', {chances}{more(plan)}"
        " FROM ranked LEFT JOIN village_chances USING (units, taken) ORDER BY stratum, village, rank"
    )
    return rows.to_arrow_table().rename_columns(plan.columns)


def _stratum_numbers(db: duckdb.DuckDBPyConnection, design: Design, unit_columns: list[str]) -> None:
    """Make the table `stratum_numbers`: township, certainty, stratum, units (N), taken (n).

    Towns with the same number of villages of the same kinds have the same sizes: they are reckoned, by the
    code of the small draw, for one town of each sort and for one with each number of households. Where
    that refuses something, all villages are looked at, so that all are named.
    """
    design = of_villages(design)
    columns = ", ".join(["certainty", *map(name, design.kinds)])
    db.execute(
        f"CREATE TEMP TABLE town_sorts AS SELECT township, list(({columns}, number) ORDER BY ALL) AS sort"
        f" FROM (SELECT township, {columns}, count(*) AS number FROM villages GROUP BY ALL) GROUP BY township"
    )
    db.execute(
        "CREATE TEMP TABLE models AS SELECT township, min(township) OVER (PARTITION BY sort) AS model"
        " FROM town_sorts"
    )
    models = (
        "v.township IN (SELECT model FROM models UNION SELECT min(township) FROM counts GROUP BY households)"
    )
    try:
        sizes = stratum_sizes(_frame(db, unit_columns, models), design)
    except InputError:
        stratum_sizes(_frame(db, unit_columns, "true"), design)
        raise
    clash = f"SELECT township FROM models WHERE township || '{CERTAINTY}' IN (SELECT township FROM models)"
    if db.execute(clash).fetchall():  # two strata of one name: refused with all of them named
        stratum_sizes(_frame(db, unit_columns, "true"), design)
    numbers = {column: pa.array(sizes[column].tolist(), pa.string()) for column in ("township", "certainty")}
    numbers |= {"units": pa.array(sizes["N"].tolist()), "taken": pa.array(sizes["n"].tolist())}
    keep(db, "model_numbers", pa.table(numbers))
    stratum = f"m.township || CASE WHEN certainty = '1' THEN '{CERTAINTY}' ELSE '' END"
    db.execute(
        "CREATE TEMP TABLE stratum_numbers AS"
        f" SELECT m.township, certainty, {stratum} AS stratum, units, taken"
        " FROM models m JOIN model_numbers n ON n.township = m.model"
    )
