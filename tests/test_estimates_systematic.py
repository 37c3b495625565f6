"""The variance of a systematic sample: its bias over every sample, as docs/estimators.md tells it."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
spec = importlib.util.spec_from_file_location("benchmark_systematic", ROOT / "benchmarks" / "systematic.py")
assert spec and spec.loader
benchmark = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = benchmark  # dataclasses look their module up
spec.loader.exec_module(benchmark)


def test_the_table_of_the_page_is_what_every_sample_gives():
    assert benchmark.table() in (ROOT / "docs" / "estimators.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("count", "n"), [(12, 3), (22, 6), (7, 5), (5, 5), (9, 1)])
def test_every_unit_is_in_as_many_systematic_samples_as_its_probability_says(count, n):
    every = benchmark.samples(count, n)
    assert {len(chosen) for chosen in every} == {n}
    assert len({tuple(chosen) for chosen in every}) == len(every)
    share = np.bincount(np.concatenate(every), minlength=count) / len(every)
    assert share == pytest.approx(np.full(count, n / count))
