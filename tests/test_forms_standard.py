"""The amount due by the county's standard."""

from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given
from hypothesis import strategies as st

from sampling.forms.serials import code_text, read_code
from sampling.forms.standard import NO_STANDARD, standard_of

BY_DIFFERENCE = standard_of({"rural": 500, "urban": 750.5})
BY_CLASS = standard_of({"mode": "class", "classes": {"孤寡户": 480, "able_to_work": 210.25, "甲类": 300}})


def due(standard, area="rural", category="alone", income=None, persons=None, entitled=None):
    return standard.due(area=area, category=category, income_fen=income, persons=persons, entitled=entitled)


def test_the_difference_to_the_standard_goes_to_each_entitled_person():
    # (500.00 - 900.00 / 3) * 2 = 400.00
    assert due(BY_DIFFERENCE, income=90000, persons=3, entitled=2) == 40000
    assert due(BY_DIFFERENCE, area="urban", income=0, persons=1, entitled=1) == 75050
    assert due(BY_DIFFERENCE, income=200000, persons=2, entitled=2) == 0


def test_a_class_has_its_amount_a_person_whatever_the_income():
    assert due(BY_CLASS, entitled=2) == 96000
    assert due(BY_CLASS, category="able_to_work", entitled=3, income=10**9) == 63075
    assert due(BY_CLASS, category="甲类", entitled=1) == 30000


def test_nothing_is_reckoned_from_what_is_not_known():
    for known in ({"persons": 2, "entitled": 1}, {"income": 0, "entitled": 1}, {"income": 0, "persons": 2}):
        assert due(BY_DIFFERENCE, **known) is None
    assert due(BY_DIFFERENCE, income=0, persons=0, entitled=0) is None
    assert due(BY_DIFFERENCE, area="", income=0, persons=1, entitled=1) is None
    assert due(BY_CLASS, category="ill_or_disabled", entitled=1) is None
    assert due(NO_STANDARD, income=0, persons=1, entitled=1) is None


@given(st.integers(0, 10**7), st.integers(1, 20), st.integers(0, 20))
def test_the_amount_is_that_of_exact_decimals_rounded_to_the_fen(income, persons, entitled):
    exact = (Decimal(50000) * persons - income) * entitled / persons
    rounded = int(max(exact, Decimal(0)).to_integral_value(ROUND_HALF_UP))
    assert due(BY_DIFFERENCE, income=income, persons=persons, entitled=entitled) == rounded


@given(
    st.text(min_size=1, max_size=20),
    st.integers(1, 10**6),
    st.text("0123456789abcdef", min_size=64, max_size=64),
)
def test_the_text_of_a_qr_code_is_read_back(campaign, number, ticket):
    serial = str(number).zfill(5)
    found = read_code(code_text(campaign, serial, ticket))
    assert found is not None and (found.serial, found.ticket) == (serial, ticket[:16])


def test_other_texts_are_no_codes_of_forms():
    for text in ("", "00017", "SAMPLING/a/b", "OTHER/a/b/c", "SAMPLING/a/b/c/d"):
        assert read_code(text) is None
