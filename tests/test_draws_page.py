"""The public page of the draw says what the code does, to the last digit."""

import re
from fractions import Fraction
from pathlib import Path

import pandas as pd

from sampling.designs import ROUND, UNEQUAL, SizeRule, rounded_by, size
from sampling.draws import METHODS, ticket
from sampling.draws.methods import uniform
from sampling.frames import fingerprint

SEED, CAMPAIGN = "27182818284590452353", "demo-2026"
PAGE = (Path(__file__).parents[1] / "docs" / "draw-v1.md").read_text(encoding="utf-8")


def rows_of(header: str) -> list[list[str]]:
    """The rows of the table of the page that begins with this header."""
    lines = PAGE.split(header, 1)[1].split("\n\n", 1)[0].strip().splitlines()[1:]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


def unescaped(part: str) -> str:
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), part)


def test_every_ticket_of_the_page_is_the_ticket_of_its_unit():
    rows = rows_of("| seed | campaign | stage | id | ticket |")
    assert len(rows) >= 12
    for seed, campaign, stage, ids, printed in rows:
        assert ticket(seed, campaign, stage, *map(unescaped, ids.split("`, `"))) == printed


def test_the_sizes_of_the_page_are_those_of_the_rule():
    rows = rows_of("| rate | at least | at most | N | n |")
    assert len(rows) == 7
    for rate, at_least, at_most, N, n in rows:
        most = int(at_most) if at_most else None
        rule = SizeRule(rate=Fraction(rate), at_least=int(at_least), at_most=most)
        assert size(rule, int(N), "bounds")[0] == int(n)


def test_the_scores_of_the_page_are_those_of_the_methods():
    for name, lam, u, pareto, sequential, drawn in rows_of(
        "| id | lambda | u | score of pareto | score of sequential_poisson | drawn by poisson |"
    ):
        units = pd.DataFrame({"ticket": [ticket(SEED, CAMPAIGN, "1", name)], "lambda": [float.fromhex(lam)]})
        scores = {method: METHODS[method].score(units).iloc[0] for method in UNEQUAL}
        assert repr(float(uniform(units["ticket"]).iloc[0])) == u
        assert (scores["pareto"].hex(), scores["sequential_poisson"].hex()) == (pareto, sequential)
        assert (scores["poisson"] < 1) == (drawn == "yes")


def test_the_systematic_draws_of_the_page_are_those_of_the_method():
    start = ticket(SEED, CAMPAIGN, "start-1", "大坪镇")
    for N, n, numbers in rows_of("| N | n | numbers of the units drawn, from 0 |"):
        units = pd.DataFrame(
            {"position": range(int(N)), "N": int(N), "n": int(n), "group": 0, "start": start}
        )
        score = METHODS["systematic"].score(units)
        assert score[score < int(n)].index.tolist() == list(map(int, numbers.split()))


def test_the_roundings_of_the_page_are_those_of_the_rule():
    rounding = {**ROUND, "random": rounded_by(ticket(SEED, CAMPAIGN, "round-1", "大坪镇"))}
    for rate, N, *sizes in rows_of("| rate | N | up | half_up | random |"):
        rule = SizeRule(rate=Fraction(rate))
        found = [size(rule, int(N), rounding=rounding[word])[0] for word in ("up", "half_up", "random")]
        assert found == list(map(int, sizes))


def test_the_fingerprint_of_the_page_is_that_of_its_rows():
    rows = [("A", "A1", "1", "0"), ("A", "A2", "", "0"), ("B", "B1", "01", "1")]
    assert ["fingerprint", fingerprint(rows)] in rows_of("| what | SHA-256 |")
