"""One sample from a pandas table, from files through DuckDB, from a Dask DataFrame and from the verifier."""

import hashlib
import random
import unicodedata
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import dask
import dask.dataframe as dd
import pandas as pd
import pyarrow.parquet as pq
import pytest
from draws_folder import CAMPAIGN, SEED, committed, county, design, frame_of
from draws_random import Drawing, campaigns
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sampling.designs import Design, Selection, SizeRule
from sampling.draws import SAMPLE_COLUMNS, draw, verify
from sampling.draws.engines import (
    FrameFiles,
    FrameParts,
    StoredSample,
    draw_files,
    draw_parts,
    fingerprint_files,
    hashing,
    households,
    sql,
    stored,
)
from sampling.files import csv_bytes
from sampling.frames import Frame
from sampling.words import LANGUAGES, InputError

FEW = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
SUFFIXES = ("parquet", "csv")
DRAWINGS = list(campaigns(1))
PUBLISHED = "ef28ca4ebf6f2f78caf504d662913f5870bbd0ccd04edd3da42e4d520436ba7b"
"""The fingerprint in docs/draw-v1.md of A,A1,1,0 and A,A2,,0 and B,B1,01,1; there B1 is certain."""


def split(table: pd.DataFrame, parts: int, seed: int) -> list[pd.DataFrame]:
    """The rows in a random order, in so many parts, some of them perhaps empty."""
    chance = random.Random(seed)
    order = chance.sample(range(len(table)), len(table))
    cuts = sorted(chance.randint(0, len(table)) for _ in range(parts - 1))
    return [table.iloc[order[a:b]] for a, b in zip([0, *cuts], [*cuts, len(table)], strict=True)]


def write(path: Path, table: pd.DataFrame) -> Path:
    if path.suffix == ".csv":
        path.write_bytes(csv_bytes(table))
    else:
        table.to_parquet(path, index=False)
    return path


def in_files(folder: Path, frame: Frame, suffix: str, *, parts: int = 3, seed: int = 1) -> FrameFiles:
    """The frame in shuffled files."""
    tables = enumerate(split(frame.units, parts, seed))
    paths = tuple(write(folder / f"frame-{number}.{suffix}", table) for number, table in tables)
    villages = write(folder / f"villages.{suffix}", split(frame.villages, 1, seed)[0])
    return FrameFiles(frame=paths, villages=villages)


def in_parts(frame: Frame, *, parts: int = 3, seed: int = 1) -> FrameParts:
    """The frame in a Dask DataFrame of shuffled parts."""
    tables = split(frame.units, parts, seed)
    return FrameParts(
        units=dd.concat([dd.from_pandas(table, npartitions=1, sort=False) for table in tables]),
        villages=split(frame.villages, 1, seed)[0],
    )


def from_files(folder: Path, made: Drawing, suffix: str, **options: int) -> pd.DataFrame:
    lists = {}
    for name, part in made.lists.items():
        (folder / name).mkdir(exist_ok=True)
        lists[name] = in_files(folder / name, part, suffix, **options)
    source = in_files(folder, made.frame, suffix, **options)
    return draw(source, made.design, seed=SEED, campaign=CAMPAIGN, lists=lists, acts=made.acts).to_table()


def from_parts(made: Drawing, **options: int) -> pd.DataFrame:
    lists = {name: in_parts(part, **options) for name, part in made.lists.items()}
    source = in_parts(made.frame, **options)
    return draw(source, made.design, seed=SEED, campaign=CAMPAIGN, lists=lists, acts=made.acts).to_table()


@pytest.mark.parametrize("number", range(len(DRAWINGS)), ids=[name for name, _ in DRAWINGS])
def test_files_give_the_sample_of_the_table_by_every_method_list_and_later_act(tmp_path, number):
    made = DRAWINGS[number][1]
    table = from_files(tmp_path, made, SUFFIXES[number % 2], parts=1 + number % 3, seed=number)
    pd.testing.assert_frame_equal(table, made.sample.table)


@pytest.mark.parametrize("number", range(0, len(DRAWINGS), 3), ids=[name for name, _ in DRAWINGS[::3]])
def test_dask_gives_the_sample_of_the_table_as_well(number):
    made = DRAWINGS[number][1]
    with dask.config.set(scheduler="sync"):
        table = from_parts(made, parts=1 + number % 4, seed=number)
    pd.testing.assert_frame_equal(table, made.sample.table)


def test_the_verifier_makes_the_rows_that_come_from_files(tmp_path):
    frame, lists = county()
    removed = in_files(tmp_path, lists["removed"], "csv")
    (tmp_path / "roll").mkdir()
    source = in_files(tmp_path / "roll", frame, "parquet")
    options = {"seed": SEED, "campaign": CAMPAIGN, "lists": {"removed": removed}}
    table = draw_files(source, design(), **options).to_table()
    _, rows = verify.redraw(committed(frame, design(), lists), SEED, [])
    assert table.to_dict("records") == [{name: str(row[name]) for name in SAMPLE_COLUMNS} for row in rows]


ODD = ["NA", "null", "nan", "1e5", "0371", "371", "村", "٣", "a,b", 'a"b', "𠮷", "a/certainty", "Cafe\u0301"]
ids = st.lists(
    st.sampled_from(ODD) | st.text("012345甲乙\u0301", min_size=1, max_size=4),
    unique_by=lambda one: unicodedata.normalize("NFC", one),
    max_size=9,
)
rules = st.builds(
    SizeRule,
    rate=st.sampled_from(["1/5", "7/100", "1/2", "1"]).map(Fraction),
    at_least=st.integers(0, 3),
    at_most=st.none() | st.integers(3, 5),
)
plans = st.builds(
    Design,
    conflict=st.sampled_from(["bounds", "rate"]),
    reserves=st.integers(0, 3),
    villages=rules,
    households=rules,
    kinds=st.just({}) | st.just({"kind": {"unit": SizeRule(rate=Fraction(1, 3), at_least=1)}}),
)


@st.composite
def frames(draw_from: st.DrawFn) -> Frame:
    """Towns of two kinds, odd ids, villages with and without households, some taken with certainty."""
    villages = draw_from(ids.filter(bool))
    towns: dict[str, dict[str, list[str]]] = {}
    for village in villages:
        towns.setdefault(draw_from(st.sampled_from(["NA", "甲镇", "1e5"])), {})[village] = draw_from(ids)
    certain = tuple(draw_from(st.sets(st.sampled_from(villages))))
    return frame_of(towns, certain=certain, fields={"kind": {"NA": "unit", "甲镇": "town", "1e5": "null"}})


@FEW
@given(frames(), plans, st.sampled_from(SUFFIXES), st.integers(1, 4), st.integers(0, 9))
def test_files_give_the_sample_of_the_table_whatever_ids_order_and_split(frame, plan, suffix, parts, seed):
    options = {"seed": SEED, "campaign": CAMPAIGN}
    with TemporaryDirectory() as folder:
        source = in_files(Path(folder), frame, suffix, parts=parts, seed=seed)
        found = draw_files(source, plan, **options)
        expected = draw(frame, plan, **options)
        pd.testing.assert_frame_equal(found.to_table(), expected.table)
        assert dict(found.fingerprints) == expected.fingerprints


def test_fields_may_have_the_names_of_our_own_tables_columns(tmp_path):
    frame, _ = county()
    names = ["place", "units", "taken", "stratum", "ticket", "rank", "m", "households", "model", "shared"]
    frame = replace(
        frame,
        villages=frame.villages.assign(**dict.fromkeys(names, "7")),
        units=frame.units.assign(**dict.fromkeys(names, "7")),
    )
    for method in ("srs", "systematic"):
        by = {"villages_by": Selection(method=method), "households_by": Selection(method=method)}
        plan = replace(design(), lists={}, **by)
        found = draw_files(in_files(tmp_path, frame, "parquet"), plan, seed=SEED, campaign=CAMPAIGN)
        pd.testing.assert_frame_equal(found.table, draw(frame, plan, seed=SEED, campaign=CAMPAIGN).table)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_folder_may_bear_the_signs_of_a_pattern(tmp_path, suffix):
    frame, _ = county()
    folder = tmp_path / "it's a[b] 村"
    folder.mkdir()
    plan = replace(design(), lists={})
    found = draw_files(in_files(folder, frame, suffix), plan, seed=SEED, campaign=CAMPAIGN)
    pd.testing.assert_frame_equal(found.table, draw(frame, plan, seed=SEED, campaign=CAMPAIGN).table)


def test_tickets_that_begin_alike_are_compared_whole(tmp_path, monkeypatch):
    frame, _ = county()
    plan = replace(design(), lists={})
    monkeypatch.setattr(sql, "LEADING", 1)  # 16 beginnings for 70 households: some are alike
    found = draw_files(in_files(tmp_path, frame, "parquet"), plan, seed=SEED, campaign=CAMPAIGN)
    pd.testing.assert_frame_equal(found.table, draw(frame, plan, seed=SEED, campaign=CAMPAIGN).table)


def test_a_large_sample_is_a_parquet_file_with_the_same_rows(tmp_path, monkeypatch):
    frame, _ = county()
    plan, out = replace(design(), lists={}), tmp_path / "new" / "sample.parquet"
    monkeypatch.setattr(stored, "LARGE", 10)
    monkeypatch.setattr(households, "ROWS", 7)
    source, options = in_files(tmp_path, frame, "parquet"), {"seed": SEED, "campaign": CAMPAIGN}
    expected = draw(frame, plan, **options)
    found = draw_files(source, plan, out=out, **options)
    assert isinstance(found, StoredSample) and found.path == out
    pd.testing.assert_frame_equal(found.to_table(), expected.table)
    assert {str(kind) for kind in pq.read_schema(out).types} == {"string"}
    assert found.sha256 == hashlib.sha256(out.read_bytes()).hexdigest()
    monkeypatch.setattr(stored, "BATCH", 9)
    found.write_csv(out.parent / "sample.csv")
    assert (out.parent / "sample.csv").read_bytes() == csv_bytes(expected.table)
    assert sorted(path.name for path in out.parent.iterdir()) == ["sample.csv", "sample.parquet"]
    with pytest.raises(ValueError, match="out must be given"):
        draw_files(source, plan, **options)


@pytest.mark.parametrize("households_by", ["srs", "systematic"])
def test_portions_of_some_villages_make_the_same_rows(tmp_path, monkeypatch, households_by):
    frame, _ = county()
    frame = replace(frame, units=frame.units.assign(x=[str(i % 7) for i in range(len(frame.units))]))
    frame.units.loc[5, "x"] = "7b"  # one text in the whole file: no village sorts by numbers
    frame.units.loc[frame.units["x"] == "3", "x"] = "10"
    by = Selection(method=households_by, order=("x",) if households_by == "systematic" else ())
    plan = replace(design(), lists={}, households_by=by)
    monkeypatch.setattr(households, "ROWS", 5)
    expected = draw(frame, plan, seed=SEED, campaign=CAMPAIGN).table
    source = in_files(tmp_path, frame, "csv")
    found = draw_files(source, plan, seed=SEED, campaign=CAMPAIGN)
    pd.testing.assert_frame_equal(found.table, expected)
    with dask.config.set(scheduler="sync"):
        found = draw_parts(in_parts(frame), plan, seed=SEED, campaign=CAMPAIGN)
    pd.testing.assert_frame_equal(found.table, expected)


def test_the_fingerprint_is_that_of_the_table_from_files_and_from_parts(tmp_path, monkeypatch):
    frame = frame_of({"A": {"A1": ["1"], "A2": []}, "B": {"B1": ["01"]}}, certain=("B1",))
    assert in_files(tmp_path, frame, "csv").fingerprint == PUBLISHED  # docs/draw-v1.md
    frame, _ = county()
    towns = {"Cafe\u0301": {"x": ["1", "2"]}, "Caf": {"y": ["𠮷", "\ue000"]}, "Caf\u00e9e": {"z": []}}
    monkeypatch.setattr(hashing, "BATCH", 5)
    for one in (frame, frame_of(towns)):
        assert in_files(tmp_path, one, "parquet").fingerprint == one.fingerprint
        assert fingerprint_files([write(tmp_path / "v.csv", one.villages)]) == one.villages_sha256
        with dask.config.set(scheduler="sync"):
            assert in_parts(one).fingerprint == one.fingerprint


@pytest.mark.parametrize("control", ["\t", "\x7f", "\x85", "\u2028", "\x1f", "\n"])
def test_a_fingerprint_of_control_characters_is_refused(tmp_path, control):
    frame = frame_of({"A": {"A1": ["1", f"2{control}3"]}})
    with pytest.raises(ValueError, match="control characters"):
        in_files(tmp_path, frame, "parquet").fingerprint  # noqa: B018
    with pytest.raises(ValueError, match="control characters"):
        in_parts(frame).fingerprint  # noqa: B018


def refusals(error: pytest.ExceptionInfo[InputError]) -> list[tuple[str, str, int | None, str, str]]:
    found = error.value.problems
    assert all(problem.to_line(lang) for problem in found for lang in LANGUAGES)
    return [(one.key, one.file, one.row, one.column, one.value) for one in found]


def damaged(folder: Path, suffix: str, units: list[str], villages: list[str] | None = None) -> FrameFiles:
    """A frame of rows like "A,A1,1", in two files."""
    rows = [[*row.split(","), "0"] for row in units]
    columns = ["township", "village", "household", "certainty"]
    table = pd.DataFrame(rows, columns=columns, dtype="str")
    places = table.drop(columns="household").drop_duplicates()
    if villages is not None:
        places = pd.DataFrame(
            [[*row.split(","), "0"] for row in villages], columns=places.columns, dtype="str"
        )
    half = len(table) // 2
    paths = [folder / f"{name}.{suffix}" for name in ("one", "two", "villages")]
    for path, part in zip(paths, [table[:half], table[half:], places], strict=True):
        write(path, part)
    return FrameFiles(frame=(paths[0], paths[1]), villages=paths[2])


ALL = Design(villages=SizeRule(rate=Fraction(1)), households=SizeRule(rate=Fraction(1)))


def drawn_from(source: FrameFiles, plan: Design = ALL) -> StoredSample:
    return draw_files(source, plan, seed=SEED, campaign=CAMPAIGN)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_household_on_two_rows_is_refused_with_both_rows(tmp_path, suffix):
    source = damaged(tmp_path, suffix, ["A,A1,1", "A,A1,Caf\u00e9", "A,A1,1", "A,A1,Cafe\u0301"])
    expected = [
        ("frames.household.doubled", f"two.{suffix}", 2, "household", "1"),
        ("frames.id.same_nfc", f"two.{suffix}", 3, "household", "Cafe\u0301"),
    ]
    systematic = replace(ALL, households_by=Selection(method="systematic"))
    for ask in (drawn_from, lambda one: drawn_from(one, systematic), lambda one: one.fingerprint):
        with pytest.raises(InputError) as error:
            ask(source)
        assert refusals(error) == expected
        assert error.value.problems[0].fields["other_row"] == f"2 (one.{suffix})"


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    ("units", "villages", "expected"),
    [
        (["A,,1", "A,A1,2"], None, ("frames.id.empty", "villages", 2, "village", "")),
        (["A,A1,1", ",A1,2"], ["A,A1"], ("frames.id.empty", "two", 2, "township", "")),
        (["A,A1,1", "A,A1,2"], ["A,A1", "B,A1"], ("frames.village.doubled", "villages", 3, "village", "A1")),
        (["A,A1,1", "A,A2,1"], ["A,A1"], ("frames.committed.differ", "one", None, "", "A / A2 / 0")),
        (["A,A1,1", "B,A2,1"], ["A,A1", "A,A2"], ("frames.committed.differ", "one", None, "", "A / A2 / 0")),
        (["A,A1,1", "A,A1,2"], ["A,A1", "A,A2"], ("frames.committed.differ", "one", None, "", "A / A2 / 0")),
    ],
)
def test_ids_that_cannot_be_drawn_are_refused_with_their_row(tmp_path, suffix, units, villages, expected):
    with pytest.raises(InputError) as error:
        drawn_from(damaged(tmp_path, suffix, units, villages))
    key, file, *rest = expected
    assert refusals(error)[0] == (key, f"{file}.{suffix}", *rest)


def test_files_that_are_missing_damaged_or_hold_numbers_are_refused(tmp_path):
    source = damaged(tmp_path, "parquet", ["A,A1,1", "A,A1,2"])
    one, two = source.paths
    cases = {
        "frames.file.missing": lambda: one.unlink(),
        "frames.file.unreadable": lambda: one.write_bytes(b"PAR1 no"),
        "frames.id.numeric_column": lambda: pd.read_parquet(two).astype({"household": int}).to_parquet(one),
        "frames.committed.column": lambda: pd.read_parquet(two).drop(columns="certainty").to_parquet(one),
    }
    for key, damage in cases.items():
        damage()
        with pytest.raises(InputError) as error:
            drawn_from(source)
        assert {problem[:2] for problem in refusals(error)} == {(key, "one.parquet")}
    torn = damaged(tmp_path, "csv", ["A,A1,1", "A,A1,2"])
    torn.paths[1].write_bytes(torn.paths[1].read_bytes() + b'A,A1,"3')
    with pytest.raises(InputError) as error:
        drawn_from(torn)
    assert refusals(error)[0][0] == "frames.file.unreadable"


def test_what_the_design_refuses_is_refused_for_all_towns_of_a_file(tmp_path):
    frame = frame_of({f"镇{i}": {f"{i}-{j}": ["1", "2"] for j in range(30)} for i in range(5)})
    plan = Design(
        conflict="refuse",
        villages=SizeRule(rate=Fraction(1, 5), at_most=5),
        households=SizeRule(rate=Fraction(1)),
    )
    errors = []
    for ask in (
        lambda: draw(frame, plan, seed=SEED, campaign=CAMPAIGN),
        lambda: draw_files(in_files(tmp_path, frame, "csv"), plan, seed=SEED, campaign=CAMPAIGN),
        lambda: draw_parts(in_parts(frame), plan, seed=SEED, campaign=CAMPAIGN),
    ):
        with pytest.raises(InputError) as error:
            ask()
        errors.append([(one.key, dict(one.fields)) for one in error.value.problems])
    assert errors[0] == errors[1] == errors[2]


def test_two_strata_of_one_name_are_refused(tmp_path):
    frame = frame_of({"A": {"1": ["1"], "2": ["1"]}, "A/certainty": {"3": ["1", "2"]}}, certain=("1",))
    with pytest.raises(InputError) as error:
        drawn_from(in_files(tmp_path, frame, "parquet"))
    assert refusals(error)[0][0] == "designs.stratum_name"


def test_a_list_with_a_village_in_another_town_is_refused(tmp_path):
    frame, lists = county()
    moved = replace(lists["removed"], units=lists["removed"].units.replace({"大坪镇": "县林场"}))
    (tmp_path / "list").mkdir()
    source, other = in_files(tmp_path, frame, "parquet"), in_files(tmp_path / "list", moved, "parquet")
    errors = []
    for ask, part in ((draw_files, (source, other)), (draw_parts, (in_parts(frame), in_parts(moved)))):
        with pytest.raises(InputError) as error:
            ask(part[0], design(), seed=SEED, campaign=CAMPAIGN, lists={"removed": part[1]})
        errors.append([(one.key, dict(one.fields)) for one in error.value.problems])
    with pytest.raises(InputError) as error:
        draw(frame, design(), seed=SEED, campaign=CAMPAIGN, lists={"removed": moved})
    assert errors == [[(one.key, dict(one.fields)) for one in error.value.problems]] * 2


def test_twins_in_a_dask_frame_are_refused():
    frame, _ = county()
    units = pd.concat([frame.units, frame.units.iloc[[7, 7, 9]]], ignore_index=True)
    with dask.config.set(scheduler="sync"), pytest.raises(InputError) as error:
        draw_parts(in_parts(replace(frame, units=units)), ALL, seed=SEED, campaign=CAMPAIGN)
    assert [problem[0] for problem in refusals(error)] == ["frames.household.doubled"] * 2


def test_lists_must_be_those_of_the_design(tmp_path):
    frame, _ = county()
    for ask, source in ((draw_files, in_files(tmp_path, frame, "csv")), (draw_parts, in_parts(frame))):
        with pytest.raises(ValueError, match="lists must be those of the design"):
            ask(source, design(), seed=SEED, campaign=CAMPAIGN)
