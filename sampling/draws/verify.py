# fmt: off
"""重新抽取，并与公布的结果核对。Redo a draw and compare. 用法 Usage: python3 verify.py [文件夹 folder]"""
import csv
import io
import json
import sys
from collections import defaultdict, namedtuple
from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from unicodedata import normalize

Check = namedtuple("Check", "ok zh en")
COPIED = "spec campaign design frame_sha256 frame_rows control_totals previous_receipt"

def sha(*parts: str) -> str:
    """SHA-256 of the parts in Unicode's form NFC, joined by the sign U+001F."""
    return sha256("\x1f".join(normalize("NFC", part) for part in parts).encode()).hexdigest()

def fingerprint(rows: list) -> tuple:
    """The hash of a table; its columns and the hash of every town. The order of the rows does not matter."""
    towns = defaultdict(list)
    for row in rows:
        fields = [normalize("NFC", field) for field in row.values()]
        towns[fields[0]].append("\x1f".join(fields))
    hashes = {town: sha("\n".join(sorted(lines))) for town, lines in towns.items()}
    whole = sha("\n".join(sorted(map("\x1f".join, hashes.items()))))
    return whole, {"columns": ",".join(rows[0] if rows else ()), "towns": hashes}

def size(rule: dict, N: int, conflict: str = "bounds") -> tuple:
    """How many of N units are drawn, and which rule says so."""
    rate = -(-N * Fraction(rule["rate"]) // 1)  # rounded up, in exact fractions
    wanted = max(rule["at_least"], rate if rule["at_most"] is None else min(rule["at_most"], rate))
    bound = "rate" if wanted == rate else "all" if wanted > N else "at_least" if wanted > rate else "at_most"
    return (rate, "rate") if conflict == "rate" else (min(N, wanted), bound)

def lowest(commit: dict, seed: str, row: dict, paths: list, n: int, above: Fraction) -> list:
    """The n units with the lowest tickets, then the reserves; `above` is the chance of their village."""
    stage, drawn = f"2/{row['list']}" if row["list"] else row["stage"], []
    tickets = sorted((sha("draw-v1", seed, commit["campaign"], stage, *path), path) for path in paths)
    for rank, (ticket, path) in enumerate(tickets[:n + commit["design"]["reserves"]], 1):
        pi = Fraction(n, len(paths))
        chances = {"pi_stage": float(pi), "pi": float(pi * above), "weight": float(1 / (pi * above))}
        unit = {"village": path[0], "household": "".join(path[1:]), "rank": rank, "ticket": ticket}
        drawn.append({**row, **unit, **(chances if rank <= n else {"role": "reserve"})})
    return drawn

def redraw(commit: dict, seed: str, villages: list, lists: dict) -> tuple:
    """The sizes of the strata and the rows of sample.csv, from the committed files and the seed alone."""
    design, strata, sizes, rows = commit["design"], defaultdict(list), [], []
    for one in villages:
        strata[one["township"] + "/certainty" * (one["certainty"] == "1")].append(one)
    for stratum, members in sorted(strata.items()):
        one, N, role = members[0], len(members), "certainty" if members[0]["certainty"] == "1" else "main"
        rules = [kind[one[f]] for f, kind in design["kinds"].items() if one[f] in kind] + [design["villages"]]
        n, rule = size(rules[0], N, design["conflict"]) if role == "main" else (N, "all")
        row: dict = dict.fromkeys(["list", "M", "m", "pi_stage", "pi", "weight"], "")
        row.update(stage="1", township=one["township"], stratum=stratum, role=role, N=N, n=n)
        drawn = lowest(commit, seed, row, [(member["village"],) for member in members], n, Fraction(1))
        sizes.append({"id": stratum, "N": N, "n": n, "rule": rule, "cut_ticket": drawn[n - 1]["ticket"]})
        rows += drawn
        for name, households in lists.items():
            for village in [unit["village"] for unit in drawn if unit["role"] != "reserve"]:
                paths = [(village, household) for household in households[village]]
                m, _ = size(design["lists"][name] if name else design["households"], len(paths))
                inner = {**row, "stage": "2", "list": name, "role": "main", "M": len(paths), "m": m}
                rows += lowest(commit, seed, inner, paths, m, Fraction(n, N))
    rows.sort(key=lambda row: [row[key] for key in ("stage", "list", "stratum", "village", "rank")])
    return sizes, rows

def differences(a: object, b: object, place: str) -> list:
    """Every place where what is there, a, differs from what must be there, b."""
    if isinstance(a, list) and isinstance(b, list):
        a, b = ({f"{i} {one.get('id') or one['village']}": one for i, one in enumerate(x, 1)} for x in (a, b))
    if not (isinstance(a, dict) and isinstance(b, dict)):
        return [] if a == b else [(place, a, b)]
    parts = (differences(a.get(key), b.get(key), f"{place} / {key}") for key in {**b, **a})
    return [one for part in parts for one in part]

def load(folder: Path, name: str) -> tuple:
    """What a JSON file says, or the rows of a CSV file; and the SHA-256 of its bytes."""
    try:
        data = (folder / name).read_bytes()
        text = io.StringIO(data.decode("utf-8-sig"), newline="")
        return json.load(text) if name.endswith("json") else [*csv.DictReader(text)], sha256(data).hexdigest()
    except Exception:  # missing, cut off, not UTF-8, not a table: one answer to all
        raise ValueError(name) from None

def questions(folder: Path, ask: Callable) -> None:
    """Ask all that can be asked: about what (in Chinese and English), what is, what must be, where."""
    (commit, digest), (receipt, receipt_sha) = load(folder, "commit.json"), load(folder, "receipt.json")
    seed, times = receipt["seed"], [commit["committed_at"], receipt["seed_source"]["time"]]
    right = len(seed) >= 20 and seed.isascii() and seed.isdigit(), *times
    ask("号码、时间", "seed, times", right, (True, *sorted(times, key=datetime.fromisoformat)), "receipt")
    files, hashes, design = {}, {}, commit["design"]
    lists: dict = {name: defaultdict(set) for name in ("", *commit["lists"])}
    for name, due in commit["tables"].items():
        files[name], _ = load(folder, name)
        hashes[name], found = fingerprint(files[name])
        ask(f"{name} 与封存时相同", f"{name} as committed", found, due, name)
        for row in files[name] if name.startswith("frame") else ():
            lists[name[6:-4]][row["village"]] |= {row["household"]} - {""}
    units, villages = files["frame.csv"], files["villages.csv"]
    strata, rows = redraw(commit, seed, villages, lists)
    both = {(row["township"], row["village"], row["certainty"]) for row in units + villages}
    once = len({row["village"] for row in villages})
    ask("各村一致、不重复", "each village once", (len(both), len(villages)), (once, once), "villages.csv")
    due = {"spec": "draw-v1", "design": {**design, "method": "srs", "rounding": "up"},
           "frame_sha256": hashes["frame.csv"], "villages_sha256": hashes["villages.csv"],
           "strata": [{key: one[key] for key in ("id", "N", "n", "rule")} for one in strata],
           "counts": {"townships": len({row["township"] for row in villages}), "villages": once,
                      "villages_without_household": sum(not ids for ids in lists[""].values()),
                      "households": sum(len(ids) for ids in lists[""].values())}, "frame_rows": len(units),
           "lists": {name: {"rule": rule, "rows": len(files[file]), "frame_sha256": hashes[file]}
                     for name, rule in design["lists"].items() for file in [f"frame-{name}.csv"]}}
    ask(f"封存 {digest}", "commit.json", {key: commit[key] for key in due}, due, "commit.json")
    sample, sample_sha = load(folder, "sample.csv")
    ask("样本逐行", "sample by row", sample, [{k: str(row[k]) for k in row} for row in rows], "sample.csv")
    drawn = [{"id": r["village"], **{key: r[key] for key in ("stratum", "rank", "ticket", "pi") if r[key]}}
             for r in rows if r["stage"] == "1"]  # a reserve has no pi
    inside = [{"id": r["village"], "list": r["list"], "M": r["M"], "m": r["m"], "cut_ticket": r["ticket"]}
              for r in rows if r["rank"] == r["m"]]
    due = {key: commit[key] for key in COPIED.split()}
    due.update(commit_sha256=digest, sample_sha256=sample_sha, stage="1+2" if inside else "1", strata=strata,
               sample=[r for r in drawn if "pi" in r], reserves=[r for r in drawn if "pi" not in r],
               villages=inside, check_sum=sha(json.dumps({**receipt, "check_sum": ""}, sort_keys=True)))
    mark = "演练 REHEARSAL " * receipt["rehearsal"] + receipt_sha
    ask(f"记录单 {mark}", "receipt.json", {key: receipt[key] for key in due}, due, "receipt.json")

def verify(folder: Path) -> list:
    """The answers. A damaged file is an answer too, never a traceback."""
    checks: list[Check] = []
    def ask(zh: str, en: str, found: object, due: object, place: str) -> None:
        wrong = differences(found, due, place)
        for where, now, must in wrong[:5]:
            zh, en = f"{zh}；{where}：现为 {now}，应为 {must}", f"{en}; {where}: is {now}, must be {must}"
        checks.append(Check(not wrong, zh, en))
    try:
        questions(folder, ask)
    except Exception as error:
        checks.append(Check(False, f"文件缺失或损坏：{error}", f"missing or damaged: {error}"))
    return checks

if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    answers = verify(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent))
    print(*("  ".join(["是 YES" if ok else "否 NO ", zh, en]) for ok, zh, en in answers), sep="\n")
    sys.exit(not all(answer.ok for answer in answers))
