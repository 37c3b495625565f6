"""Tickets: the published vectors, and what no ticket may be made of."""

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.draws import check_seed, ticket, ticket_maker, verify
from sampling.words import LANGUAGES, InputError

GOLDEN = Path(__file__).parent / "golden" / "tickets.json"
VECTORS = json.loads(GOLDEN.read_text(encoding="utf-8"))
PUBLISHED = [
    ("5478f8746db184d1", "e17eff45"),
    ("f5c078ccd5f269e4", "b2848dc1"),
    ("3d78d39025c352a5", "28bb1040"),
    ("7e37260e07f3b704", "35ee40d9"),
]
"""How the four digests of the draw's specification begin and end."""
SEED = "27182818284590452353"
parts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)


@pytest.mark.parametrize(("vector", "ends"), list(zip(VECTORS, PUBLISHED, strict=True)))
def test_the_vectors_of_the_specification_hold(vector, ends):
    made = ticket(vector["seed"], vector["campaign"], vector["stage"], *vector["ids"])
    assert made == vector["ticket"]
    assert (made[:16], made[-8:]) == ends


@given(st.lists(parts, min_size=1, max_size=3), parts)
def test_a_ticket_is_the_digest_of_the_joined_parts_and_the_verifier_makes_the_same(ids, campaign):
    made = ticket(SEED, campaign, "1", *ids)
    assert made == verify.sha("draw-v1", SEED, campaign, "1", *ids)
    if all(part.isascii() for part in (campaign, *ids)):
        joined = "\x1f".join(["draw-v1", SEED, campaign, "1", *ids])
        assert made == hashlib.sha256(joined.encode("ascii")).hexdigest()


@given(st.lists(parts, min_size=1, max_size=3), st.lists(parts, min_size=1, max_size=3))
def test_many_tickets_of_one_stage_are_those_made_one_by_one(one, other):
    make = ticket_maker(SEED, "demo-2026", "2")
    assert [make(*one), make(*other)] == [ticket(SEED, "demo-2026", "2", *ids) for ids in (one, other)]


def test_an_id_written_in_two_ways_of_unicode_has_one_ticket_but_is_never_trimmed_or_folded():
    assert ticket(SEED, "c", "1", "e\u0301") == ticket(SEED, "c", "1", "\u00e9")
    alike = ["0123", "123", "A1", "a1", "Ａ1", "1 ", "1", "NA", "na"]
    assert len({ticket(SEED, "c", "1", id) for id in alike}) == len(alike)


def test_moving_a_sign_from_one_part_to_the_next_changes_the_ticket():
    paths = [("ab", "c"), ("a", "bc"), ("abc",), ("a", "b", "c")]
    assert len({ticket(SEED, "c", "2", *path) for path in paths}) == len(paths)


@pytest.mark.parametrize("part", ["", "a\x1fb", "\x1f", "\ud800"])
def test_a_part_that_is_empty_holds_the_separator_or_is_no_text_is_refused(part):
    for arguments in [(part, "1", "v"), ("c", part, "v"), ("c", "1", part), ("c", "2", "v", part)]:
        with pytest.raises(ValueError):
            ticket(SEED, *arguments)


@pytest.mark.parametrize(
    ("seed", "key"),
    [
        ("2718281828459045235", "draws.seed_short"),
        ("", "draws.seed_digits"),
        ("2718281828459045235x", "draws.seed_digits"),
        ("２７１８２８１８２８４５９０４５２３５３", "draws.seed_digits"),
        ("27182818284590452353\n", "draws.seed_digits"),
        (" 27182818284590452353", "draws.seed_digits"),
        ("²7182818284590452353", "draws.seed_digits"),
    ],
)
def test_a_seed_that_is_not_twenty_ascii_digits_is_refused_in_words(seed, key):
    with pytest.raises(InputError) as refused:
        ticket(seed, "c", "1", "v")
    assert [problem.key for problem in refused.value.problems] == [key]
    assert all(problem.to_line(lang) for problem in refused.value.problems for lang in LANGUAGES)


def test_a_seed_of_twenty_digits_or_more_is_taken_as_it_is():
    check_seed("0" * 20)
    assert ticket("0" * 20, "c", "1", "v") != ticket("0" * 21, "c", "1", "v")
