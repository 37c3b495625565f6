"""The public page of the draw says what the code does, to the last digit."""

import re
from fractions import Fraction
from pathlib import Path

from sampling.designs import SizeRule, size
from sampling.draws import ticket
from sampling.frames import fingerprint

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


def test_the_fingerprint_of_the_page_is_that_of_its_rows():
    rows = [("A", "A1", "1", "0"), ("A", "A2", "", "0"), ("B", "B1", "01", "1")]
    assert ["fingerprint", fingerprint(rows)] in rows_of("| what | SHA-256 |")
