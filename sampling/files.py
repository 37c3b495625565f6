"""Files that are whole or not there: tables as CSV, facts as JSON, replaced in one step."""

import csv
import io
import json
import os
from pathlib import Path
from typing import Any, Literal

import pandas as pd


def write_whole(path: Path, content: bytes | str) -> None:
    """Write a file under a temporary name beside `path`, then put it in place in one step.

    A process that is killed in between leaves `path` as it was.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def csv_bytes(table: pd.DataFrame) -> bytes:
    """A table as CSV: UTF-8 with BOM so that Excel shows Chinese, LF line ends, RFC 4180 quotes."""
    text = _csv_text(table, csv.QUOTE_MINIMAL)
    if "\r" in text:  # inside a cell, and every reader would begin a new row there
        text = _csv_text(table, csv.QUOTE_ALL)
    return text.encode("utf-8-sig")


def _csv_text(table: pd.DataFrame, quoting: Literal[0, 1]) -> str:
    out = io.StringIO(newline="")
    table.to_csv(out, index=False, lineterminator="\n", quoting=quoting)
    return out.getvalue()


def read_csv(source: Path | bytes) -> pd.DataFrame:
    """A CSV file of this toolkit, every cell as the text that it is; empty cells are ""."""
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    return pd.read_csv(stream, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def json_bytes(value: object) -> bytes:
    """A value as JSON with sorted keys, readable Chinese and a final line end."""
    return (json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode("utf-8")


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table, one mapping each."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]
