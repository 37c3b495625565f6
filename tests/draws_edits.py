"""Edits of a campaign's files, one field each, and the place that the verifier must name."""

import csv
import io
import json
from collections.abc import Callable
from functools import cache

from draws_folder import SEED, files

from sampling.files import json_bytes

Contents = dict[str, bytes]


@cache
def fresh() -> Contents:
    return files()


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def table_of(rows: list[dict[str, str]], *, bom: bool = True, line_end: str = "\n") -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]), lineterminator=line_end)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig" if bom else "utf-8")


def in_table(name: str, change: Callable[[list[dict[str, str]]], object]) -> Callable[[Contents], Contents]:
    """An edit of a CSV file: `change` works on its rows in place."""

    def edit(contents: Contents) -> Contents:
        rows = rows_of(contents[name])
        change(rows)
        return contents | {name: table_of(rows)}

    return edit


def in_json(name: str, change: Callable[[dict], object]) -> Callable[[Contents], Contents]:
    """An edit of a JSON file: `change` works on its content in place."""

    def edit(contents: Contents) -> Contents:
        content = json.loads(contents[name])
        change(content)
        return contents | {name: json_bytes(content)}

    return edit


def put(key: object, value: object, *path: object) -> Callable[[object], None]:
    def change(content: object) -> None:
        for step in path:
            content = content[step]
        assert content[key] != value, "the edit must be one"
        content[key] = value

    return change


def first(rows: list[dict[str, str]], **wanted: str) -> dict[str, str]:
    return next(row for row in rows if all(row[name] == value for name, value in wanted.items()))


def swap(one: dict, other: dict, names: list[str]) -> None:
    for name in names:
        one[name], other[name] = other[name], one[name]


def swap_household(rows: list[dict[str, str]]) -> None:
    """A household that was drawn for one that was not, its ticket with it: the favour that is asked for."""
    main = first(rows, stage="2", list="", role="main")
    reserve = first(rows, stage="2", village=main["village"], list="", role="reserve")
    swap(main, reserve, ["household", "ticket"])


def put_stranger(rows: list[dict[str, str]]) -> None:
    first(rows, stage="2", list="", role="main")["household"] = "999"


def swap_reserves(rows: list[dict[str, str]]) -> None:
    reserves = [row for row in rows if row["stage"] == "1" and row["role"] == "reserve"]
    swap(reserves[0], reserves[1], ["village", "ticket"])


TOWN, VILLAGE = "大坪镇", "441481100004"
EDITS: dict[str, tuple[Callable[[Contents], Contents], str]] = {
    "a household id in the frame": (
        in_table("frame.csv", put("household", "xyz", 0)),
        "frame.csv / towns / 大坪镇",
    ),
    "a row dropped from the frame": (in_table("frame.csv", lambda rows: rows.pop(5)), "frame.csv / towns / "),
    "a row added to the frame": (
        in_table("frame.csv", lambda rows: rows.append(rows[-1] | {"household": "new"})),
        "frame.csv / towns / 县林场",
    ),
    "a row doubled in the frame": (
        in_table("frame.csv", lambda rows: rows.append(rows[0])),
        "frame.csv / towns / ",
    ),
    "a household moved to another village": (
        in_table("frame.csv", put("village", "441481100002", 0)),
        "frame.csv / towns / ",
    ),
    "a town renamed in one row": (
        in_table("frame.csv", put("township", "他镇", 0)),
        "frame.csv / towns / 他镇",
    ),
    "a certainty flag in the frame": (
        in_table("frame.csv", put("certainty", "1", 0)),
        "frame.csv / towns / ",
    ),
    "a column's name": (
        lambda contents: (
            contents | {"frame-removed.csv": contents["frame-removed.csv"].replace(b"cert", b"sert")}
        ),
        "frame-removed.csv / columns",
    ),
    "a household of another list": (
        in_table("frame-removed.csv", put("household", "1", 0)),
        f"frame-removed.csv / towns / {TOWN}",
    ),
    "a village's kind": (in_table("villages.csv", put("kind", "unit", 0)), f"villages.csv / towns / {TOWN}"),
    "a certainty flag of a village": (
        in_table("villages.csv", put("certainty", "1", 0)),
        f"villages.csv / towns / {TOWN}",
    ),
    "a village dropped": (
        in_table("villages.csv", lambda rows: rows.pop(3)),
        f"villages.csv / towns / {TOWN}",
    ),
    "a village's town": (
        in_table("villages.csv", put("township", "宁新街道", 0)),
        "villages.csv / towns / 宁新街道",
    ),
    "the cap in the commit": (in_json("commit.json", put("at_most", 4, "design", "villages")), TOWN),
    "the rate in the commit": (in_json("commit.json", put("rate", "1/9", "design", "villages")), TOWN),
    "the households' rate": (
        in_json("commit.json", put("rate", "1/5", "design", "households")),
        "sample.csv / ",
    ),
    "the rule of a list": (in_json("commit.json", put("rate", "1", "design", "lists", "removed")), "removed"),
    "the rule of a kind": (
        in_json("commit.json", put("at_least", 2, "design", "kinds", "kind", "unit")),
        "县林场",
    ),
    "who wins": (in_json("commit.json", put("conflict", "rate", "design")), "宁新街道"),
    "the method": (in_json("commit.json", put("method", "pareto", "design", "villages_by")), "lambda"),
    "the rounding": (in_json("commit.json", put("rounding", "random", "design")), "sample.csv / "),
    "the number of reserves": (in_json("commit.json", put("reserves", 3, "design")), "sample.csv / "),
    "n of a stratum in the commit": (in_json("commit.json", put("n", 2, "strata", 1)), f"{TOWN} / n"),
    "the count of households": (
        in_json("commit.json", put("households", 7, "counts")),
        "counts / households",
    ),
    "the count of villages": (in_json("commit.json", put("villages", 7, "counts")), "counts / villages"),
    "the frame's fingerprint": (in_json("commit.json", put("frame_sha256", "0" * 64)), "frame_sha256"),
    "the villages' fingerprint": (
        in_json("commit.json", put("villages_sha256", "0" * 64)),
        "villages_sha256",
    ),
    "the rows of a list": (in_json("commit.json", put("rows", 1, "lists", "removed")), "removed / rows"),
    "a town's hash": (
        in_json("commit.json", put(TOWN, "0" * 64, "tables", "frame.csv", "towns")),
        f"frame.csv / towns / {TOWN}",
    ),
    "the campaign's name": (in_json("commit.json", put("campaign", "demo-2027")), "sample.csv / "),
    "the commit's time": (
        in_json("commit.json", put("committed_at", "2026-05-06T12:00:00+08:00")),
        "12:00:00",
    ),
    "the spec": (in_json("commit.json", put("spec", "draw-v2")), "commit.json / spec"),
    "one digit of the seed": (in_json("receipt.json", put("seed", SEED[:-1] + "4")), "sample.csv / "),
    "a short seed": (in_json("receipt.json", put("seed", SEED[:-1])), "(False"),
    "n in the receipt": (in_json("receipt.json", put("n", 4, "strata", 1)), f"{TOWN} / n"),
    "the rule in the receipt": (in_json("receipt.json", put("rule", "all", "strata", 1)), f"{TOWN} / rule"),
    "a cut in the receipt": (in_json("receipt.json", put("cut_ticket", "0" * 64, "strata", 1)), TOWN),
    "m of a village in the receipt": (in_json("receipt.json", put("m", 9, "villages", 0)), "villages / 1 "),
    "a village of the receipt": (in_json("receipt.json", put("id", VILLAGE, "sample", 0)), VILLAGE),
    "a rank in the receipt": (in_json("receipt.json", put("rank", 9, "sample", 0)), "/ rank"),
    "a pi in the receipt": (in_json("receipt.json", put("pi", 0.9, "sample", 0)), "/ pi"),
    "the order of reserves in the receipt": (
        in_json("receipt.json", lambda receipt: receipt["reserves"].reverse()),
        "receipt.json / reserves / 1",
    ),
    "a reserve taken out of the receipt": (
        in_json("receipt.json", lambda receipt: receipt["reserves"].pop(0)),
        "receipt.json / reserves / 1",
    ),
    "a village added to the receipt": (
        in_json("receipt.json", lambda receipt: receipt["sample"].append(receipt["reserves"][0])),
        "receipt.json / sample / ",
    ),
    "the receipt's design": (in_json("receipt.json", put("at_most", 4, "design", "villages")), "at_most"),
    "the receipt's frame": (in_json("receipt.json", put("frame_sha256", "0" * 64)), "frame_sha256"),
    "the receipt's totals": (in_json("receipt.json", put("amount_fen", 1, "control_totals")), "amount_fen"),
    "the receipt's earlier receipt": (
        in_json("receipt.json", put("previous_receipt", "x")),
        "previous_receipt",
    ),
    "the seed's time": (
        in_json("receipt.json", put("time", "2026-05-06T09:00:00+08:00", "seed_source")),
        "09:00:00",
    ),
    "a household swapped with a reserve": (in_table("sample.csv", swap_household), "sample.csv / "),
    "a household that is not on the roll": (in_table("sample.csv", put_stranger), "/ household"),
    "the order of reserves": (in_table("sample.csv", swap_reserves), "sample.csv / "),
    "a reserve made main": (
        in_table("sample.csv", lambda rows: first(rows, role="reserve").update(role="main")),
        "/ role",
    ),
    "a pi": (in_table("sample.csv", lambda rows: first(rows, stage="2").update(pi="0.5")), "/ pi"),
    "a weight": (
        in_table("sample.csv", lambda rows: first(rows, stage="2").update(weight="2.0")),
        "/ weight",
    ),
    "N": (in_table("sample.csv", lambda rows: rows[0].update(N="99")), "/ N"),
    "M": (in_table("sample.csv", lambda rows: first(rows, stage="2").update(M="99")), "/ M"),
    "a stratum": (in_table("sample.csv", lambda rows: rows[0].update(stratum="x")), "/ stratum"),
    "a row dropped from the sample": (in_table("sample.csv", lambda rows: rows.pop()), "sample.csv / "),
    "a row doubled in the sample": (
        in_table("sample.csv", lambda rows: rows.append(rows[-1])),
        "sample.csv / ",
    ),
}
EVENTS: dict[str, Callable[[dict], None]] = {
    "the event": put("event", "coin", "seed_source"),
    "a witness": put(0, "丙", "seed_source", "witnesses"),
    "the software": put("software", "other"),
    "the rehearsal mark": put("rehearsal", True),
}
"""What nobody can recompute: the check sum shows damage, the published hash of the file shows forgery."""
