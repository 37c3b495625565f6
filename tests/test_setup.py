"""run.py: what it says, when it makes the environment anew, and what it refuses to install."""

import ast
import importlib.util
import json
import re
import zipfile
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent


@pytest.fixture
def run(tmp_path, monkeypatch):
    """The module run.py, as if it lay in an empty project folder with a finished environment."""
    spec = importlib.util.spec_from_file_location("run_under_test", ROOT / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    venv = tmp_path / ".venv"
    places = {"ROOT": tmp_path, "VENV": venv, "STAMP": venv / "stamp.json", "PYTHON": venv / "python"}
    for name, place in places.items():
        monkeypatch.setattr(module, name, place)
    venv.mkdir()
    module.PYTHON.touch()
    module.write_stamp(str(module.PYTHON))
    return module


@pytest.fixture
def bundle(run):
    """A bundle of two wheels, beside run.py."""
    wheels = [run.ROOT / name for name in ("one-1-py3-none-any.whl", "two-2-py3-none-any.whl")]
    for wheel in wheels:
        wheel.write_text(f"the content of {wheel.name}", encoding="utf-8")
    run.write_bundle(wheels, run.ROOT / run.bundle_name())
    return run.ROOT / run.bundle_name()


def change_member(path: Path, name: str, content: bytes | None) -> None:
    """Write the ZIP file again with one member changed, added, or (None) left out."""
    with zipfile.ZipFile(path) as file:
        members = {member: file.read(member) for member in file.namelist()}
    members[name] = content
    with zipfile.ZipFile(path, "w") as file:
        for member, data in members.items():
            if data is not None:
                file.writestr(member, data)


def change_stamp(run, **parts) -> None:
    stamp = json.loads(run.STAMP.read_text(encoding="utf-8"))
    run.STAMP.write_text(json.dumps(stamp | parts), encoding="utf-8")


def test_an_old_python_can_read_the_file_and_needs_no_new_module_before_the_version_check():
    tree = ast.parse((ROOT / "run.py").read_text(encoding="utf-8"), feature_version=(3, 6))
    check = next(i for i, node in enumerate(tree.body) if isinstance(node, ast.If))
    before = {name.name for node in tree.body[:check] if isinstance(node, ast.Import) for name in node.names}
    assert not before & {"tomllib", "dataclasses", "graphlib", "zoneinfo", "fcntl", "msvcrt"}
    assert not any(isinstance(node, ast.FunctionDef) for node in tree.body[:check])


def test_a_finished_environment_is_used_as_it_is(run):
    assert run.stale() == ""


@pytest.mark.parametrize("part", ["pins", "python", "machine", "folder"])
def test_an_environment_made_for_something_else_is_stale(run, part):
    change_stamp(run, **{part: "another"})
    assert run.stale() == part


def test_an_environment_without_stamp_or_with_half_a_stamp_is_unfinished(run):
    run.STAMP.write_text('{"pins": "', encoding="utf-8")
    assert run.stale() == "unfinished"
    run.STAMP.unlink()
    assert run.stale() == "unfinished"


def test_an_environment_whose_python_is_gone_is_stale(run):
    change_stamp(run, base=str(run.ROOT / "gone"))
    assert run.stale() == "base"


def test_every_cause_has_its_words(run):
    causes = {"missing", "unfinished", "base", *run.wanted()}
    assert causes == set(run.REASONS)


def test_a_setting_of_a_linter_leaves_the_environment_fresh_and_a_new_pin_does_not(run):
    with (run.ROOT / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("\n[tool.something]\nx = 1\n")
    assert run.stale() == ""
    with (run.ROOT / "constraints.txt").open("a", encoding="utf-8") as file:
        file.write("something==1\n")
    assert run.stale() == "pins"


def test_a_python_without_venv_gets_one_sentence_with_the_command_to_type(run, monkeypatch, capsys):
    monkeypatch.setattr(run.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SystemExit) as stopped:
        run.refuse_without_ensurepip()
    assert stopped.value.code == 2
    assert "apt-get install python3-venv" in capsys.readouterr().err


def test_an_unknown_command_shows_the_commands_and_makes_no_environment(run, monkeypatch, capsys):
    monkeypatch.setattr(run, "make_ready", lambda: pytest.fail("an environment was made"))
    assert run.main(["nothing"]) == run.main([]) == 2
    assert run.main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(command in shown for command in run.COMMANDS)


def test_a_bundle_gives_back_the_wheels_that_were_put_in(run, bundle, tmp_path):
    (tmp_path / "out").mkdir()
    assert run.unpack_bundle(bundle, tmp_path / "out")
    assert {p.name: p.read_text(encoding="utf-8") for p in (tmp_path / "out").iterdir()} == {
        name: f"the content of {name}" for name in ("one-1-py3-none-any.whl", "two-2-py3-none-any.whl")
    }


def test_the_same_wheels_give_a_bundle_of_the_same_bytes(run, bundle):
    first = bundle.read_bytes()
    run.write_bundle(sorted(run.ROOT.glob("*.whl")), bundle)
    assert bundle.read_bytes() == first


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("one-1-py3-none-any.whl", b"another content"),
        ("one-1-py3-none-any.whl", None),
        ("three-3-py3-none-any.whl", b"not in the manifest"),
        ("../outside.whl", b"another folder"),
        ("manifest.json", None),
        ("manifest.json", b"{}"),
        ("manifest.json", b"no JSON"),
    ],
)
def test_a_changed_bundle_is_refused_by_name(run, bundle, tmp_path, capsys, name, content):
    change_member(bundle, name, content)
    (tmp_path / "out").mkdir()
    with pytest.raises(SystemExit) as stopped:
        run.unpack_bundle(bundle, tmp_path / "out")
    assert stopped.value.code == 1
    assert bundle.name in capsys.readouterr().err


def test_a_bundle_with_a_flipped_byte_is_refused(run, bundle, tmp_path, capsys):
    data = bundle.read_bytes()
    bundle.write_bytes(data.replace(b"the content of two", b"the content of twp", 1))
    with pytest.raises(SystemExit):
        run.unpack_bundle(bundle, tmp_path)
    assert "two-2-py3-none-any.whl" in capsys.readouterr().err


def test_a_bundle_for_other_versions_is_refused(run, bundle, tmp_path, capsys):
    with (run.ROOT / "constraints.txt").open("a", encoding="utf-8") as file:
        file.write("something==1\n")
    with pytest.raises(SystemExit):
        run.unpack_bundle(bundle, tmp_path)
    assert "other pinned versions" in capsys.readouterr().err


def test_without_a_bundle_nothing_is_unpacked(run, tmp_path):
    assert not run.unpack_bundle(run.ROOT / "none.zip", tmp_path)


def test_a_missing_system_package_is_said_and_stops_the_tests_in_ci_only(run, monkeypatch, capsys):
    monkeypatch.setattr(run, "SYSTEM_PACKAGES", {"a-browser": str(run.ROOT / "nowhere")})
    monkeypatch.setattr(run, "can_use_apt", lambda: False)
    monkeypatch.delenv("CI", raising=False)
    run.install_system_packages()
    assert "a-browser is missing" in capsys.readouterr().err
    monkeypatch.setenv("CI", "true")
    with pytest.raises(SystemExit):
        run.install_system_packages()


def test_a_system_package_is_there_in_whatever_version(run, monkeypatch):
    monkeypatch.setattr(run, "SYSTEM_PACKAGES", {"a-database": str(run.ROOT / "db" / "*" / "bin" / "ctl")})
    (run.ROOT / "db" / "15" / "bin").mkdir(parents=True)
    assert run.missing_packages() == ["a-database"]
    (run.ROOT / "db" / "15" / "bin" / "ctl").touch()
    assert run.missing_packages() == []


def test_programs_start_without_python_packages_from_elsewhere(run, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    assert "PYTHONPATH" not in run.clean_environment()
    assert run.clean_environment()["PYTHONUTF8"] == "1"


def pinned() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split(";")[0].strip().split("==") for line in lines]
    return dict(reversed(pairs))  # of several versions the one for the oldest Python


def test_every_requirement_is_pinned(run):
    names = {re.split(r"[<>=~! \[]", need)[0].lower() for need in run.requirements()}
    assert names - {"setuptools"} <= set(pinned())


def test_the_checks_before_a_commit_use_the_pinned_versions():
    settings = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    hooks = [hook for repository in settings["repos"] for hook in repository["hooks"]]
    needs = [need.split("==") for hook in hooks for need in hook["additional_dependencies"]]
    assert {repository["repo"] for repository in settings["repos"]} == {"local"}
    assert needs and all(pinned()[name] == version for name, version in needs)
