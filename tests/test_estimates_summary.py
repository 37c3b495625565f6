"""Estimates in sentences: every verb is understood, numbers are read as they stand in the table."""

import numpy as np
import pandas as pd
import pytest

from sampling import estimates as room
from sampling.estimates import (
    estimate_mean,
    estimate_ratio,
    estimate_share,
    estimate_total,
    poststratify,
    survey_data,
)
from sampling.estimates.agreement import estimate_corrected_share, estimate_kappa
from sampling.estimates.estimate import COLUMNS, Estimates
from sampling.estimates.quantiles import estimate_quantile
from sampling.estimates.self_check import estimate_self_check
from sampling.estimates.summary import MEANINGS, summary
from sampling.estimates.threelists import BASES, ERROR_OF_LIST, SUMS
from sampling.estimates.twophase import estimate_difference, estimate_regression
from sampling.words import LANGUAGES, catalogue, text


def households() -> pd.DataFrame:
    """Four of eight villages in two strata, half of the households of each."""
    rng = np.random.default_rng(5)
    rows = [
        {"stratum": f"S{i % 2}", "village": f"V{i}", "household": f"{i}-{j}", "N": 4, "M": 40}
        for i in range(4)
        for j in range(20)
    ]
    error = rng.integers(0, 4, len(rows)) == 0
    return pd.DataFrame(rows).assign(
        error=error.astype(int),
        again=(error ^ (rng.integers(0, 12, len(rows)) == 0)).astype(int),
        removed=(rng.integers(0, 5, len(rows)) == 0).astype(int),
        persons=rng.integers(1, 6, len(rows)),
        yuan=rng.integers(2000, 9000, len(rows)) / 10,
        one=1,
        none=0,
    )


def data(table: pd.DataFrame | None = None) -> room.SurveyData:
    return survey_data(
        households() if table is None else table,
        psu="village",
        ssu="household",
        stratum="stratum",
        psu_count="N",
        ssu_count="M",
    )


def row(parameter: str, **cells: object) -> Estimates:
    whole: dict[str, object] = dict.fromkeys(COLUMNS, np.nan)
    whole |= {
        "parameter": parameter,
        "domain": "",
        "confidence": 0.95,
        "note": "",
        "interval": "t/1",
        "se": 1.0,
    }
    return Estimates(table=pd.DataFrame([whole | cells]), notes={})


EVERY_VERB = {
    "share": lambda: estimate_share(data(), "error", by="stratum"),
    "total": lambda: estimate_total(data(), "error"),
    "mean": lambda: estimate_mean(data(), "persons"),
    "ratio": lambda: estimate_ratio(data(), "yuan", "persons"),
    "quantile": lambda: estimate_quantile(data(), "yuan", 0.5),
    "difference": lambda: estimate_difference(data(), "error", "again", 70),
    "regression": lambda: estimate_regression(data(), "error", {"one": 320, "again": 70}),
    "kappa": lambda: estimate_kappa(data(), "error", "again"),
    "corrected": lambda: estimate_corrected_share(data(), "again", "error"),
    "named": lambda: estimate_self_check(data(), "error", "removed", "one"),
}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", EVERY_VERB)
def test_the_summary_understands_what_every_verb_estimates(kind, lang):
    found = EVERY_VERB[kind]()
    table, lines = found.to_table(), summary(found, lang).split("\n")
    for line, parameter, domain in zip(lines, table["parameter"], table["domain"], strict=False):
        place = domain or text("estimates.summary.whole", lang)
        assert line.startswith(text("estimates.summary.row", lang, place=place, words=""))
        assert f"“{parameter}”" not in line  # the words for a parameter that is not understood
    assert len(lines) > len(table)


def test_what_is_listed_is_what_the_verbs_call_their_figures():
    said = {
        kind
        for verb in EVERY_VERB.values()
        for parameter in verb().to_table()["parameter"]
        for kind, pattern in MEANINGS
        if pattern.fullmatch(parameter)
    }
    assert said | {"lists"} >= {kind for kind, _ in MEANINGS}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_error_of_the_three_lists_has_its_words(lang):
    errors = [*ERROR_OF_LIST.values(), *SUMS]
    for error in errors:
        for base in BASES:
            told = summary(row(f"{error}_{base.name}", estimate=1234.4, low=900.0, high=2000.0), lang)
            assert catalogue(lang)[f"estimates.summary.error.{error}"] in told
            assert catalogue(lang)[f"estimates.summary.unit.{base.name}"] in told
            assert "1,234" in told and "900" in told and "2,000" in told


def test_a_share_is_said_in_words_that_are_known():
    told = summary(
        row("share of error", estimate=0.0421, low=0.0189, high=0.0812, n_psu=12, n_ssu=1030), "en"
    )
    assert told.split("\n") == [
        "Altogether: An estimated 4.2 % of the households have “error”. With 95 % confidence it lies "
        "between 1.9 % and 8.1 %. Inspected: 1,030 households in 12 villages.",
        "What 95 % confidence means: if the sample were drawn 100 times, about 95 of the limits found "
        "would have the truth between them.",
    ]


def test_the_same_share_in_chinese():
    told = summary(
        row("share of error", estimate=0.0421, low=0.0189, high=0.0812, n_psu=12, n_ssu=1030, domain="甲镇"),
        "zh",
    )
    assert (
        told.split("\n")[0]
        == "甲镇：“error”的户估计占4.2%。按95%的把握，在1.9%至8.1%之间。共核查12个村的1,030户。"
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_zero_errors_are_no_proof_of_none(lang):
    found = estimate_share(data(), "none")
    told = summary(found, lang)
    assert text("estimates.note.no_errors", lang) in told
    high = text("estimates.summary.percent", lang, value=f"{100 * found.to_table()['high'].iloc[0]:.1f}")
    assert text("estimates.summary.sure.at_most", lang, confidence="|", high=high).split("|")[1] in told


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("high", "wide"), [(0.301, False), (0.303, True)])
def test_an_interval_wider_than_thirty_points_says_that_so_few_villages_carry_no_rate(lang, high, wide):
    told = summary(row("share of error", estimate=0.1, low=0.002, high=high, n_psu=2, n_ssu=9), lang)
    assert (text("estimates.note.wide", lang) in told) == wide
    total = summary(row("total of error", estimate=10.0, low=1.0, high=60.0, n_psu=2, n_ssu=9), lang)
    assert text("estimates.note.wide", lang) not in total


@pytest.mark.parametrize("lang", LANGUAGES)
def test_one_sided_limits_are_said_as_such(lang):
    for nothing in (np.nan, np.inf):
        below = summary(row("mean of yuan", estimate=10.0, low=-nothing, high=31.5, n_psu=4, n_ssu=80), lang)
        above = summary(row("mean of yuan", estimate=10.0, low=3.3, high=nothing, n_psu=4, n_ssu=80), lang)
        confidence = text("estimates.summary.percent", lang, value="95")
        assert text("estimates.summary.sure.at_most", lang, confidence=confidence, high="31.5") in below
        assert text("estimates.summary.sure.at_least", lang, confidence=confidence, low="3.3") in above


@pytest.mark.parametrize("lang", LANGUAGES)
def test_limits_at_infinity_are_said_to_be_none(lang):
    told = summary(row("quantile 0.5 of yuan", estimate=10.0, low=-np.inf, high=np.inf), lang)
    assert text("estimates.summary.sure.unbounded", lang) in told
    assert "inf" not in told and "nan" not in told


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_figure_of_a_whole_roll_has_no_sampling_error(lang):
    all_seen = households().assign(N=2, M=20)
    told = summary(estimate_total(data(all_seen), "yuan"), lang)
    assert text("estimates.summary.sure.exact", lang) in told


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_figure_that_is_not_there_is_not_a_number_in_a_sentence(lang):
    told = summary(row("share of error"), lang)
    assert "nan" not in told and "None" not in told
    assert told.startswith(text("estimates.summary.whole", lang))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_holds_for_every_row_is_said_once_and_the_rest_at_its_row(lang):
    both = pd.concat(
        [
            row("share of x", domain="a", estimate=0.2, low=0.1, high=0.3, note="systematic;df_one").table,
            row("share of x", domain="b", estimate=0.2, low=0.1, high=0.3, note="systematic").table,
        ]
    )
    lines = summary(Estimates(table=both, notes={}), lang).split("\n")
    assert lines[2] == text("estimates.note.systematic", lang)
    assert text("estimates.note.df_one", lang) in lines[0] and len(lines) == 4
    assert sum(line.count(lines[2]) for line in lines) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_note_has_its_sentence(lang):
    keys = [key.split(".")[-1] for key in catalogue(lang) if key.startswith("estimates.note.")]
    told = summary(row("mean of x", estimate=1.0, low=0.5, high=1.5, note=";".join(keys)), lang)
    assert all(text(f"estimates.note.{key}", lang) in told for key in keys)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1234567.8, "1,234,568"),
        (123.4, "123"),
        (12.34, "12.3"),
        (1.236, "1.24"),
        (0.01234, "0.0123"),
        (-0.0, "0"),
    ],
)
def test_numbers_have_three_digits_that_matter_and_thousands_apart(value, shown):
    told = summary(row("mean of x", estimate=value, low=value, high=value), "en")
    assert f"is an estimated {shown}. With" in told


@pytest.mark.parametrize(("value", "shown"), [(61.2, "61"), (10.4, "10"), (3.26, "3.3")])
def test_totals_are_whole_from_ten_on(value, shown):
    told = summary(row("total of x", estimate=value, low=value, high=value), "en")
    assert f"is an estimated {shown}. With" in told


def test_a_column_that_is_called_a_rate_is_not_a_percentage():
    told = summary(row("mean of tax_rate", estimate=17.5, low=10.0, high=20.0), "en")
    assert "17.5." in told and "%" not in told.split("\n")[0].replace("95 %", "")


def test_calibrated_estimates_are_said_as_others():
    told = summary(estimate_share(poststratify(data(), "stratum", {"S0": 160, "S1": 170}), "error"), "en")
    assert told.startswith("Altogether: An estimated ")


def test_there_is_no_other_language():
    with pytest.raises(ValueError, match="lang must be"):
        summary(estimate_share(data(), "error"), "fr")
