"""How good and how fast plans of visits are: 80 villages, the synthetic county, 2,000 villages with 60 teams.

python benchmarks/visits.py [routes-80] [county] [prefecture] [long]: without names, all but `long`, which
lets PyVRP search for some ten minutes, to see what the seconds of a plan leave undone.
"""

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from visits_ground import MONDAY, county, make_team, make_work, routes_80, ways
from visits_rules import broken

from sampling.visits import planning, searching
from sampling.visits.assigning import visit_tickets
from sampling.visits.calendar import Calendar
from sampling.visits.checking import team_days_at_least
from sampling.visits.ground import ground_of
from sampling.visits.splitting import jobs_of

LONG = 60
"""How many times longer the long search is."""


def prefecture() -> tuple:
    """2,000 villages in 100 towns on 80 x 70 km, 60 teams, each closed to one town and two villages."""
    rng = np.random.default_rng(1)
    centres = rng.uniform((-40, -35), (40, 35), (100, 2))
    town = rng.integers(0, 100, 2000)
    xy = centres[town] + rng.normal(0, 3, (2000, 2))
    households = np.ceil(rng.lognormal(2.4, 0.55, 2000)).astype(int)
    work = make_work([(f"v{k:04d}", f"t{town[k]:02d}", int(households[k])) for k in range(2000)])
    teams = tuple(
        make_team(
            f"g{k:02d}", township=f"t{k:02d}", relatives=[f"v{v:04d}" for v in rng.integers(0, 2000, 2)]
        )
        for k in range(60)
    )
    return work, teams, Calendar(start=MONDAY), ways(xy, teams=60, road=1.3)


def show(name: str, case: tuple, **options: object) -> None:
    """One row of the table: what was planned, in which time, and how far from the least that is possible."""
    work, teams, calendar, distances = case
    began = time.perf_counter()
    plan = planning.plan_visits(*case, made_from="benchmark", **options)
    took = time.perf_counter() - began
    ground = ground_of(distances, calendar, work["township"].tolist())
    crews = planning.crews_of(work, teams, ground)
    jobs = jobs_of(work, crews, ground, calendar, {})
    least = team_days_at_least(jobs, crews, ground, calendar)
    faults = broken(plan, work, teams, calendar, distances.matrix())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    figures = f"{len(work)} | {len(jobs)} | {len(plan.days)} | {least} | {plan.visits['day'].max()}"
    print(
        f"| {name} | {figures} | {plan.days['km'].sum():,.0f} | {took:.1f} | {memory:.2f} | {len(faults)} |",
        flush=True,
    )


def long_search() -> None:
    """80 villages and the county, searched LONG times as long."""
    searching.ITERATIONS *= LONG
    show("routes-80, long", routes_80())
    searching.ITERATIONS *= 4
    show("county, long", county())


def all_of_county() -> None:
    """The county with each way to order days and to give towns to teams."""
    tickets = visit_tickets("20260501123456789012", "benchmark")
    show("county", county())
    show("county, random order", county(), order="random")
    show("county, random teams", county(), assignment="random", tickets=tickets)


CASES: dict[str, Callable[[], None]] = {
    "routes-80": lambda: show("routes-80", routes_80()),
    "county": all_of_county,
    "prefecture": lambda: show("prefecture", prefecture()),
    "long": long_search,
}


if __name__ == "__main__":
    print("| | villages | stops | team-days | at least | days | km | s | GB | broken rules |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name in sys.argv[1:] or [name for name in CASES if name != "long"]:
        CASES[name]()
