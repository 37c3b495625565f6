"""Who may import whom, and who may touch the disk: read from the source itself."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = {path.relative_to(ROOT).as_posix(): path for path in sorted((ROOT / "sampling").rglob("*.py"))}
ORDER = (
    *(
        "cli",
        "commands",
        "demo",
        "batches",
        "office",
        "reports",
        "documents",
        "campaign",
        "estimates",
        "findings",
        "forms",
        "visits",
        "draws",
        "designs",
        "frames",
    ),
    *("codes", "words", "files"),
)
"""Rooms from left to right: each may import those to its right."""
NOT = {"estimates": {"forms", "findings"}, "words": {"files"}, "codes": {"files"}}
"""What a room may not import although it is to the right."""

DISK = {
    *("open", "read_text", "read_bytes", "write_text", "write_bytes", "write_whole", "read_csv", "mkdir"),
    *(
        "read_parquet",
        "to_parquet",
        "rmtree",
        "unlink",
        "rmdir",
        "iterdir",
        "glob",
        "rglob",
        "copyfile",
        "copy2",
    ),
}
"""Functions that read or write files."""

MAY_TOUCH_THE_DISK = (
    *(
        "sampling/cli.py",
        "sampling/commands/",
        "sampling/demo/",
        "sampling/batches/",
        "sampling/office/",
        "sampling/reports/",
        "sampling/documents/",
        "sampling/campaign/",
        "sampling/files.py",
    ),
    *(
        "sampling/findings/store.py",
        "sampling/findings/intake.py",
        "sampling/findings/record",
        "sampling/forms/",
        "sampling/words/text.py",
    ),
    *(
        "sampling/draws/log.py",
        "sampling/draws/verify.py",
        "sampling/draws/engines/",
        "sampling/draws/pages/",
    ),
    "sampling/draws/record.py",
    *("sampling/frames/roll.py", "sampling/frames/sheets.py", "sampling/frames/frame.py"),
    *("sampling/frames/county/county.py", "sampling/words/text.py"),
)


def room(name: str) -> str:
    """The folder or module below `sampling` that a file or a dotted name belongs to."""
    return name.removesuffix(".py").replace("/", ".").split(".")[1]


def imported(path: Path) -> set[str]:
    """Dotted names of all that a file imports, wherever in it the import stands."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: an import must be absolute"
            names |= {f"{node.module}.{name.name}" for name in node.names}
    return names


def called(path: Path) -> set[str]:
    calls = [n.func for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.Call)]
    return {call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls}


@pytest.mark.parametrize("name", [name for name in FILES if name != "sampling/__init__.py"])
def test_a_file_imports_only_from_its_own_room_and_those_to_its_right(name):
    assert room(name) in ORDER, f"{name}: a new room must be given its place in ORDER"
    own = room(name)
    others = {room(other) for other in imported(FILES[name]) if other.startswith("sampling.")} - {own}
    allowed = set(ORDER[ORDER.index(own) :]) - NOT.get(own, set())
    assert others <= allowed, f"{name} imports {sorted(others - allowed)}"


def test_only_the_files_named_here_touch_the_disk():
    found = {name: called(path) & DISK for name, path in FILES.items()}
    found = {name: calls for name, calls in found.items() if not name.startswith(MAY_TOUCH_THE_DISK)}
    assert {name: calls for name, calls in found.items() if calls} == {}


def test_the_verifier_needs_nothing_but_the_standard_library():
    path = FILES["sampling/draws/verify.py"]
    assert {name.split(".")[0] for name in imported(path)} <= sys.stdlib_module_names
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 370


@pytest.mark.parametrize("name", ["variance", "intervals", "icc", "calibration", "resampling", "unequal"])
def test_a_kernel_knows_arrays_only(name):
    heads = {other.split(".")[0] for other in imported(FILES[f"sampling/estimates/{name}.py"])}
    assert "pandas" not in heads
