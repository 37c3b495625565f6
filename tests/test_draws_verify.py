"""The stand-alone verifier: yes to a fresh draw, no to any edit, with the place, and never a traceback."""

import ast
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from draws_edits import EDITS, EVENTS, TOWN, Contents, fresh, in_json, rows_of, table_of
from draws_folder import TOWNS, repaired, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sampling.draws import verify
from sampling.files import json_bytes

SOURCE = Path(verify.__file__)
READ = ["frame.csv", "villages.csv", "frame-removed.csv", "commit.json", "receipt.json", "sample.csv"]


def answers(contents: Contents, folder: Path) -> list[verify.Check]:
    return verify.verify(write(folder, contents))


def noes(contents: Contents, folder: Path) -> list[verify.Check]:
    return [check for check in answers(contents, folder) if not check.ok]


def test_a_fresh_draw_gets_a_yes_to_every_question(tmp_path):
    checks = answers(fresh(), tmp_path)
    assert len(checks) == 7 and all(check.ok and check.zh and check.en for check in checks)


@pytest.mark.parametrize("name", EDITS)
def test_after_an_edit_it_says_no_and_where(name, tmp_path):
    edit, place = EDITS[name]
    wrong = noes(edit(fresh()), tmp_path)
    assert wrong and all(place in check.zh for check in wrong if place in check.en)
    assert any(place in check.en for check in wrong), [check.en for check in wrong]


@pytest.mark.parametrize("name", EDITS)
def test_a_forger_who_repairs_every_hash_in_the_receipt_is_found_at_the_same_place(name, tmp_path):
    edit, place = EDITS[name]
    wrong = noes(repaired(edit(fresh())), tmp_path)
    assert any(place in check.en for check in wrong), [check.en for check in wrong]


@pytest.mark.parametrize("name", EVENTS)
def test_damage_to_what_nobody_can_recompute_shows_in_the_check_sum(name, tmp_path):
    wrong = noes(in_json("receipt.json", EVENTS[name])(fresh()), tmp_path)
    assert any("check_sum" in check.en for check in wrong)


def test_the_hashes_to_compare_with_the_published_ones_are_printed(tmp_path):
    told = " ".join(check.zh for check in answers(fresh(), tmp_path))
    for name in ("commit.json", "receipt.json"):
        assert hashlib.sha256(fresh()[name]).hexdigest() in told


def test_a_commit_whose_two_files_do_not_have_the_same_villages_is_noticed(tmp_path):
    """Hashes all fit: somebody committed a frame in which one village could never be drawn."""
    rows = rows_of(fresh()["villages.csv"])
    gone = rows.pop(4)
    commit = json.loads(fresh()["commit.json"])
    commit["villages_sha256"], commit["tables"]["villages.csv"] = verify.fingerprint(rows)
    contents = fresh() | {"villages.csv": table_of(rows), "commit.json": json_bytes(commit)}
    wrong = noes(repaired(contents), tmp_path)
    assert gone["village"] in TOWNS[TOWN] and any("villages agree" in check.en for check in wrong)


@pytest.mark.parametrize("name", READ)
def test_a_missing_or_broken_file_is_a_no_with_its_name(name, tmp_path):
    for content in (None, b"", b"\xff\xfe", b"{", b"[]", b"null", fresh()[name][:-40], b"a,b\n1,2\n"):
        kept = {other: data for other, data in fresh().items() if other != name}
        (tmp_path / name).unlink(missing_ok=True)
        wrong = noes(kept if content is None else kept | {name: content}, tmp_path)
        assert wrong, content
        if content in (None, b"\xff\xfe"):
            assert any(name in check.en and name in check.zh for check in wrong)


@pytest.mark.parametrize("name", ["frame.csv", "villages.csv", "frame-removed.csv"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", [True, False])
def test_a_frame_saved_again_with_other_line_ends_or_row_order_is_still_the_frame(
    name, line_end, bom, tmp_path
):
    rows = rows_of(fresh()[name])[::-1]
    contents = fresh() | {name: table_of(rows, bom=bom, line_end=line_end)}
    assert noes(contents, tmp_path) == []


def test_a_frame_in_which_a_spreadsheet_took_the_zeros_of_the_ids_is_not_the_frame(tmp_path):
    rows = [row | {"household": row["household"].lstrip("0")} for row in rows_of(fresh()["frame.csv"])]
    assert any("frame.csv" in check.en for check in noes(fresh() | {"frame.csv": table_of(rows)}, tmp_path))


def same(name: str, one: bytes, other: bytes) -> bool:
    """Whether two contents of a file say the same."""
    if name.endswith(".json"):
        return json.loads(one) == json.loads(other)
    return sorted(map(str, rows_of(one))) == sorted(map(str, rows_of(other)))


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(READ), data=st.data())
def test_a_changed_byte_in_any_file_is_a_no_unless_it_says_the_same_and_never_a_traceback(
    name, data, tmp_path
):
    content = bytearray(fresh()[name])
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    wrong = noes(fresh() | {name: bytes(content)}, tmp_path)
    assert wrong or same(name, bytes(content), fresh()[name])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(["commit.json", "receipt.json"]), data=st.data())
def test_a_member_of_another_kind_is_a_no_and_never_a_traceback(name, data, tmp_path):
    content = json.loads(fresh()[name])
    key = data.draw(st.sampled_from(sorted(content)))
    junk = st.sampled_from([None, True, 0, -1, 1.5, "", "x", [], [1], [{}], {}, {"a": 1}, float("nan")])
    value = data.draw(junk)
    changed = content | {key: value}
    contents = fresh() | {name: json.dumps(changed).encode()}
    assert noes(contents, tmp_path) or changed == content


def public(folder: Path) -> Path:
    """A folder with what is public of a draw: no household, no sample."""
    return write(folder, {name: fresh()[name] for name in ("commit.json", "receipt.json", "villages.csv")})


def test_the_villages_alone_are_verified_where_no_household_is_there(tmp_path):
    checks = verify.verify(public(tmp_path))
    assert all(check.ok for check in checks) and any("villages alone" in check.en for check in checks)


@pytest.mark.parametrize("place", ["sample", "reserves", "strata"])
def test_a_village_moved_in_the_public_receipt_is_found_without_any_household(place, tmp_path):
    folder, receipt = public(tmp_path), json.loads(fresh()["receipt.json"])
    receipt[place][0]["id"] = "x"
    contents = repaired(fresh() | {"receipt.json": json_bytes(receipt)})
    write(folder, {"receipt.json": contents["receipt.json"]})
    assert any(f"receipt.json / {place}" in check.en for check in verify.verify(folder) if not check.ok)


def test_one_village_or_household_learns_its_fate_as_the_sample_has_it(tmp_path):
    folder = write(tmp_path, fresh())
    sample = {(r["village"], r["household"], r["list"]): r["role"] for r in rows_of(fresh()["sample.csv"])}
    units = {(r["village"], r["household"], "") for r in rows_of(fresh()["frame.csv"])}
    words = {"main": "drawn", "certainty": "taken with certainty", "reserve": "reserve", None: "not drawn"}
    for unit in [*sorted(sample), *sorted(units - set(sample))[:10]]:
        *checks, fate = verify.fate(folder, *unit)
        assert all(check.ok for check in checks) and words[sample.get(unit)] in fate.en


def test_a_household_that_a_reserve_replaced_is_told_so_from_the_public_files(tmp_path):
    folder = public(tmp_path)
    receipt = json.loads(fresh()["receipt.json"])
    village = receipt["villages"][0]["id"]
    act = {"act": "reserve", "list": "", "village": village, "household": "x", "replaces": "001"}
    receipt["acts"] = [act]
    write(folder, {"receipt.json": json_bytes(receipt)})
    assert "replaced" in verify.by_ticket(folder, village, "001", "").en
    assert "replaced" not in verify.by_ticket(folder, village, "002", "").en


def test_nothing_is_said_of_a_unit_where_the_draw_does_not_hold(tmp_path):
    folder = write(tmp_path, {name: data for name, data in fresh().items() if name != "receipt.json"})
    checks = verify.fate(folder, "441481100003")
    assert not all(check.ok for check in checks) and not any("drawn" in check.en for check in checks)


STRANGERS = [("no such village",), ("441481100003", "no such household"), ("441481100003", "001", "removed")]


@pytest.mark.parametrize("unit", STRANGERS)
def test_who_is_not_on_the_list_is_told_so_and_not_that_he_was_not_drawn(unit, tmp_path):
    *checks, fate = verify.fate(write(tmp_path, fresh()), *unit)
    assert all(check.ok for check in checks) and not fate.ok and "is not in" in fate.en


def test_a_household_learns_its_fate_from_the_public_files_and_its_own_number(tmp_path):
    folder = public(tmp_path)
    drawn = {
        (r["village"], r["household"]): r["role"] for r in rows_of(fresh()["sample.csv"]) if r["stage"] == "2"
    }
    visited = {r["village"] for r in rows_of(fresh()["sample.csv"]) if r["stage"] == "2"}
    for row in rows_of(fresh()["frame.csv"]):
        if row["village"] in visited and row["household"]:
            *_, fate = verify.fate(folder, row["village"], row["household"])
            main = drawn.get((row["village"], row["household"])) == "main"
            assert ("not drawn" not in fate.en) == main


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-I", "-S", str(folder / "verify.py"), *arguments]
    return subprocess.run(command, capture_output=True, cwd="/", timeout=60, check=False)


def test_a_lone_copy_works_in_a_folder_of_its_own_without_any_package(tmp_path):
    folder = write(tmp_path, fresh())
    done = run(folder)
    lines = done.stdout.decode("utf-8", errors="replace").splitlines()
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(lines) == 7 and all("YES" in line for line in lines)


def test_it_takes_the_folder_as_an_argument_and_ends_with_1_after_an_edit(tmp_path):
    (tmp_path / "there").mkdir()
    write(tmp_path, {"verify.py": fresh()["verify.py"]})
    edit, _ = EDITS["a household id in the frame"]
    write(tmp_path / "there", edit(fresh()))
    done = run(tmp_path, str(tmp_path / "there"))
    assert (done.returncode, done.stderr) == (1, b"")
    assert re.search("NO.*frame.csv", done.stdout.decode("utf-8", errors="replace"))
    assert run(tmp_path).returncode == 1  # nothing to verify where the copy lies


def test_it_has_at_most_370_lines_and_imports_only_the_standard_library():
    source = SOURCE.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 370
    tree = ast.parse(source, feature_version=(3, 8))  # the oldest Python that it promises
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= set(sys.stdlib_module_names)
