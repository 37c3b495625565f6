"""The campaign folder: where each file lies, one run at a time, every step whole or not there."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from sampling.files import write_whole

SETTINGS = "campaign.toml"
PROBLEMS = "problems.csv"
COMMIT = "commit.json"
FRAME = "frame.csv"
VILLAGES = "villages.csv"
RECEIPT = "receipt.json"
SAMPLE = "sample.csv"
VERIFIER = "verify.py"
VERIFY_PAGE = "verify.html"
DRAW_PAGE = "draw.html"
RECORD = "record.html"
LOG = "log.jsonl"
KEPT = "receipts"
"""Where every earlier receipt of a draw lies with its sample, by number from 1."""
HEADS = "heads.jsonl"
VOID = "void"
"""Where every void draw lies with all that was made from it, by number from 1."""
REHEARSAL = "rehearsal"
PUBLIC = "public"
FORMS = "forms"
MADE_FROM = ".receipt"
"""In `forms/`: the hash of the receipt that the forms were made from."""
RETURNED = "returned"
RECEIPTS = "returned/receipts"
"""What the teams get back for what they handed in; it is not handed in again."""
REGISTER = "register.sqlite"
QUARANTINE = "quarantine.csv"
ESTIMATES = "estimates.csv"
FACTS = "facts.json"
REPORTS = "reports"
BATCH = "reports/batch.json"
ROLL = "restricted/roll.parquet"
VILLAGE_DETAILS = "restricted/villages.parquet"


def list_frame(name: str) -> str:
    """The committed frame of another list, beside `frame.csv`."""
    return f"frame-{name}.csv"


def list_roll(name: str) -> str:
    """The restricted details of another list."""
    return f"restricted/list-{name}.parquet"


def kept_receipts(folder: Path) -> list[Path]:
    """The folders of the earlier receipts, the first first."""
    kept = [path.parent for path in (folder / KEPT).glob(f"*/{RECEIPT}") if path.parent.name.isdigit()]
    return sorted(kept, key=lambda path: int(path.name))


class FolderBusyError(Exception):
    """Another run holds the campaign folder."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder for one run; the system frees it when the process ends, however it ends.

    Raises
    ------
    FolderBusyError
        If another run holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / ".lock", timeout=0):
            yield
    except Timeout:
        raise FolderBusyError(str(folder)) from None


def put_in_place(folder: Path, files: Mapping[str, bytes], *, mark: str) -> None:
    """Write the files of one step, its mark last: the step counts as done only while the mark is there.

    The old mark goes first, so that a run killed in between never leaves an old mark beside new files.
    """
    (folder / mark).unlink(missing_ok=True)
    for name in [*(name for name in files if name != mark), mark]:
        write_whole(folder / name, files[name])


def put_folder_in_place(partial: Path, folder: Path) -> None:
    """Put a folder that is whole in the place of an older one; killed in between, no half is ever there."""
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.replace(old)
    partial.replace(folder)
    shutil.rmtree(old, ignore_errors=True)
