"""The samples in the repository are what the tiny county's reports say today, word for word."""

import re

import pytest
from samples_made import SAMPLES, make_samples, sample_files

from sampling.batches.checking import Guard
from sampling.campaign import open_campaign
from sampling.documents.reading import READERS, read_back


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples") / "demo"
    make_samples(folder)
    return folder


def test_the_samples_are_the_whole_set_in_both_languages(made):
    names = list(sample_files(made / "reports"))
    assert list(sample_files(SAMPLES)) == names
    assert {name.parts[0] for name in names} == {"zh", "en"}
    assert {name.parts[1] for name in names} == {"restricted", "internal", "public"}


def test_each_sample_says_what_the_report_says_today(made):
    for name in sample_files(SAMPLES):
        kept, now = ((folder / name).read_bytes() for folder in (SAMPLES, made / "reports"))
        if name.suffix in READERS:
            assert read_back(kept, name.suffix) == read_back(now, name.suffix), name
        else:
            assert kept == now, name


def test_no_sample_tells_of_anybody_its_readers_must_not_know(made):
    guard = Guard(open_campaign(made))
    for name in sample_files(SAMPLES):
        tier, data = name.parts[1], (SAMPLES / name).read_bytes()
        assert guard.leaks_in(tier, name.stem, name.name, data) == [], name


def test_every_name_in_the_samples_is_invented():
    words = "".join(
        "".join(read_back((SAMPLES / name).read_bytes(), name.suffix).lines)
        for name in sample_files(SAMPLES)
        if name.suffix in READERS
    )
    assert len(re.findall(r"户主-\d{7}", words)) > 100 and "合成数据" in words
