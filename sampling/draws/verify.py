# fmt: off
"""重新抽取，并与公布的结果核对。Redo a draw and compare. 说明 The rules: docs/draw-v1.md
用法 Usage: python3 verify.py [文件夹 folder [村编号 village [户编号 household [名单 list]]]]"""
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
from re import fullmatch
from unicodedata import normalize

Check = namedtuple("Check", "ok zh en")
Commit = namedtuple("Commit", "campaign design strata villages lists numeric")
COPIED = "spec campaign design frame_sha256 frame_rows control_totals previous_receipt rehearsal"
SAMPLE = ["stage", "list", "township", "stratum", "village", "household", "role", "rank", "ticket", "N", "n"]
SAMPLE += ["M", "m", "pi_stage", "pi", "weight"]
ALL = 16**64
INFINITE = float("inf")

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

# ---- sizes, scores, orders

def size(rule: dict, N: int, conflict: str = "bounds", rounding: str = "up", ticket: str = "0") -> tuple:
    """How many of N units are drawn, and which rule says so; `ticket` decides a random rounding."""
    exact = N * Fraction(rule["rate"])
    behind = exact % 1  # what is behind the point
    up = {"up": behind > 0, "half_up": behind >= Fraction(1, 2), "random": int(ticket, 16) < behind * ALL}
    rate = exact // 1 + up[rounding]
    wanted = max(rule["at_least"], rate if rule["at_most"] is None else min(rule["at_most"], rate))
    bound = "rate" if wanted == rate else "all" if wanted > N else "at_least" if wanted > rate else "at_most"
    return (rate, "rate") if conflict == "rate" else (min(N, wanted), bound)

def score(method: str, ticket: str, row: dict) -> float:
    """The score of a unit; the lowest are drawn, equal ones in the order of their tickets."""
    if method == "srs":
        return 0.0
    u, lam = (int(ticket[:13], 16) + 0.5) / 2.0**52, float.fromhex(row["lambda"])
    if lam in (0, 1):
        return 0.0 if lam else INFINITE
    return (u * (1 - lam)) / ((1 - u) * lam) if method == "pareto" else u / lam

def numeric(rows: list, fields: list) -> set:
    """The fields that sort as numbers: every filled cell is one."""
    number = r"-?[0-9]+(\.[0-9]+)?"
    return {name for name in fields if all(fullmatch(number, row[name]) for row in rows if row[name])}

def place(row: dict, fields: list, numbers: set) -> list:
    """What a systematic draw sorts by."""
    return [(float(row[f]) if row[f] else -INFINITE) if f in numbers else row[f] for f in fields]

def every(units: list, n: int, start: str) -> dict:
    """The units of a systematic draw, with their rank counted from 0."""
    return {units[(int(start, 16) + k * ALL) * len(units) // (n * ALL)][0]: k for k in range(n)}

Stage = namedtuple("Stage", "method ticket stage start n numbers fields")

def ordered(units: list, by: Stage) -> tuple:
    """The units (path, row) of a group as (ticket, path, row) in the order of the draw; the number drawn."""
    tickets = {path: by.ticket(by.stage, *path) for path, _ in units}
    if by.method == "systematic":
        sort = sorted(units, key=lambda unit: (place(unit[1], by.fields, by.numbers), unit[0]))
        ranks = every(sort, by.n, by.start)
        scores = {path: ranks.get(path, INFINITE) for path, _ in units}
    else:
        scores = {path: score(by.method, tickets[path], row) for path, row in units}
        units = [unit for unit in units if scores[unit[0]] < INFINITE]
    order = sorted(units, key=lambda unit: (scores[unit[0]], tickets[unit[0]], unit[0]))
    n = sum(s < 1 for s in scores.values()) if by.method in ("bernoulli", "poisson") else by.n
    return [(tickets[path], path, row) for path, row in order], n

def listed(base: dict, order: list, n: int, openings: list, reserves: int, chance: Callable) -> list:
    """The rows of a group: drawn units, units that a reserve replaced, reserves."""
    opened, replaced = ({one[i] for one in openings} for i in (0, 1))
    last = n + len(opened)
    if {path for _, path, _ in order[n:last]} != opened:
        raise ValueError(f"备用单位未按顺序启用 reserves opened out of order: {sorted(opened)}")
    rows = []
    for rank, (ticket, path, row) in enumerate(order[:last + reserves], 1):
        role = "replaced" if path in replaced else base["role"] if rank <= last else "reserve"
        unit = {**base, "village": path[0], "household": "".join(path[1:]), "rank": rank, "ticket": ticket}
        if role == base["role"]:
            pi = chance(path, row)
            whole = pi * base["above"]  # `above`: the exact chance of the village
            unit.update(pi_stage=float(pi), pi=float(whole), weight=float(1 / whole), above=whole)
        rows.append({**unit, "role": role})
    return rows

def equal(N: int, n: int, k: int) -> Fraction:
    """The chance of a unit if n of N are drawn, or if k were looked at until n were in scope."""
    return Fraction(n, N) if k == n else Fraction(n * (k - 1), N * (n - 1)) if n > 1 else Fraction(k, N)

# ---- the draw

def redraw(commit: Commit, seed: str, acts: list) -> tuple:
    """The sizes of the strata and the rows of sample.csv, from the committed files, the seed and the acts."""
    design, strata, sizes, rows = commit.design, defaultdict(list), [], []
    for one in commit.villages:
        strata[one["township"] + "/certainty" * (one["certainty"] == "1")].append(one)
    for stratum, members in sorted(strata.items()):
        found, drawn = draw_villages(commit, seed, acts, stratum, members)
        sizes.append(found)
        rows += drawn
        for village in (row for row in drawn if row["role"] in ("main", "certainty")):
            inside = {act["village"]: act["seed"] for act in acts if act["act"] == "village"}
            own = inside.get(village["village"], "") if design["sealed"] else seed
            for name in commit.lists if own else ():
                rows += draw_households(commit, own, acts, village, name)
    rows.sort(key=lambda row: [row[k] for k in ("stage", "list", "stratum", "village", "substratum", "rank")])
    return sizes, rows

def tickets_of(commit: Commit, seed: str) -> Callable:
    """The ticket of a stage and an id, with this seed."""
    return lambda stage, *path: sha("draw-v1", seed, commit.campaign, stage, *path)

def draw_villages(commit: Commit, seed: str, acts: list, stratum: str, members: list) -> tuple:
    """One stratum: its sizes, and its rows of stage 1."""
    design, one, N, ticket = commit.design, members[0], len(members), tickets_of(commit, seed)
    certain, by = one["certainty"] == "1", design["villages_by"]
    rules = [kind[one[f]] for f, kind in design["kinds"].items() if one[f] in kind] + [design["villages"]]
    n, bound = size(rules[0], N, design["conflict"], design["rounding"], ticket("round-1", stratum))
    known = commit.strata.get(stratum, {"n": n, "rule": bound})
    if certain or design["allocation"]:
        n, bound = (N, "all") if certain else (known["n"], known["rule"])
    elif known["n"] is None:  # the draw decides it
        bound = known["rule"]
    method = "srs" if certain else by["method"]
    how = Stage(method, ticket, "1", ticket("start-1", stratum), n, commit.numeric[""], by["order"])
    order, n = ordered([((row["village"],), row) for row in members], how)
    pi: dict = {}
    for act in acts:
        more = act["act"] == "extension" and act["more"].get(stratum, 0)
        if more and act["looked"]:
            rest = [(path, row) for _, path, row in order[n:]]
            order = order[:n] + ordered(rest, how._replace(ticket=tickets_of(commit, act["seed"])))[0]
        n, pi = n + more, {**pi, **(act["pi"] if more else {})}
    here = {row["village"] for row in members}
    opened = [((act["village"],), (act["replaces"],)) for act in acts
              if act["act"] == "reserve" and not act["household"] and act["village"] in here]
    def chance(path: tuple, row: dict) -> Fraction:
        if method in ("srs", "systematic"):
            return equal(N, n, n + len(opened))
        return Fraction(float(pi.get(path[0], row["pi"])))
    base: dict = dict.fromkeys(["list", "substratum", "M", "m", "pi_stage", "pi", "weight"], "")
    base.update(stage="1", township=one["township"], stratum=stratum, N=N, n=n, above=Fraction(1))
    base["role"] = "certainty" if certain else "main"
    rows = listed(base, order, n, opened, design["reserves"], chance)
    cut = [row["ticket"] for row in rows if row["role"] != "reserve"][-1:]
    return {"id": stratum, "N": N, "n": n, "rule": bound, "cut_ticket": "".join(cut)}, rows

def draw_households(commit: Commit, seed: str, acts: list, village: dict, name: str) -> list:
    """The rows of stage 2 of one list in one village."""
    design, ticket, groups, rows = commit.design, tickets_of(commit, seed), defaultdict(list), []
    stage, by = f"2/{name}" if name else "2", design["households_by"]
    (field, kinds), = [("", {})] if name or not design["categories"] else design["categories"].items()
    for row in commit.lists[name][village["village"]]:
        groups[row[field] if field and row[field] in kinds else ""].append(row)
    for group, members in sorted(groups.items()):
        rule = design["lists"][name] if name else kinds[group] if group else design["households"]
        here, method = [village["village"], *([group] if group else [])], "srs" if name else by["method"]
        m, _ = size(rule, len(members), "bounds", design["rounding"], ticket(f"round-{stage}", *here))
        start, numbers = ticket(f"start-{stage}", *here), commit.numeric["frame"]
        how = Stage(method, ticket, stage, start, m, numbers, by["order"])
        order, m = ordered([((row["village"], row["household"]), row) for row in members], how)
        due = {path for _, path, _ in order}
        opened = [((a["village"], a["household"]), (a["village"], a["replaces"])) for a in acts
                  if a["act"] == "reserve" and a["household"] and a["list"] == name]
        opened = [pair for pair in opened if pair[0] in due]
        same = equal(len(members), m, m + len(opened)) if method in ("srs", "systematic") else None
        def chance(path: tuple, row: dict, same: object = same) -> object:
            return same or Fraction(float(row["pi"]))
        base = {**village, "stage": "2", "list": name, "role": "main", "M": len(members), "m": m,
                "substratum": group, "pi_stage": "", "pi": "", "weight": ""}
        rows += listed(base, order, m, opened, design["reserves"], chance)
    return rows

# ---- the questions

def differences(a: object, b: object, place: str) -> list:
    """Every place where what is there, a, differs from what must be there, b."""
    if isinstance(a, list) and isinstance(b, list):
        a, b = ({f"{i} {named(one)}": one for i, one in enumerate(x, 1)} for x in (a, b))
    if not (isinstance(a, dict) and isinstance(b, dict)):
        return [] if a == b else [(place, a, b)]
    parts = (differences(a.get(key), b.get(key), f"{place} / {key}") for key in {**b, **a})
    return [one for part in parts for one in part]

def named(one: object) -> str:
    """What a row of a list is called."""
    return str(one.get("id") or one["village"]) if isinstance(one, dict) else ""

def load(folder: Path, name: str) -> tuple:
    """What a JSON file says, or the rows of a CSV file; and the SHA-256 of its bytes."""
    try:
        data = (folder / name).read_bytes()
        text = io.StringIO(data.decode("utf-8-sig"), newline="")
        return json.load(text) if name.endswith("json") else [*csv.DictReader(text)], sha256(data).hexdigest()
    except Exception:  # missing, cut off, not UTF-8, not a table: one answer to all
        raise ValueError(name) from None

def questions(folder: Path, ask: Callable) -> list:
    """Ask all that can be asked: about what (zh, en), what is, what must be, where. The rows made anew."""
    (commit, digest), (receipt, receipt_sha) = load(folder, "commit.json"), load(folder, "receipt.json")
    design, acts, whole = commit["design"], receipt["acts"], (folder / "frame.csv").exists()
    whole = whole or (folder / "sample.csv").exists()  # only where both are missing, villages alone
    seeds = [receipt["seed"], *(act["seed"] for act in acts if "seed" in act)]
    right = all(len(seed) >= 20 and seed.isascii() and seed.isdigit() for seed in seeds)
    times = [commit["committed_at"], receipt["seed_source"]["time"]]
    due_times = times if commit["corrects"] else sorted(times, key=datetime.fromisoformat)
    found = right, len(seeds), *times
    ask("号码、时间", "seeds, times", found, (True, len({*seeds}), *due_times), "receipt")
    files, hashes = {}, {}
    lists: dict = {name: defaultdict(list) for name in ("", *commit["lists"])} if whole else {}
    for name, due in commit["tables"].items():
        if whole or name == "villages.csv":
            files[name], _ = load(folder, name)
            hashes[name], found = fingerprint(files[name])
            ask(f"{name} 与封存时相同", f"{name} as committed", found, due, name)
        for row in files[name] if whole and name.startswith("frame") else ():
            lists[name[6:-4]][row["village"]] += [row] if row["household"] else []
    villages, units = files["villages.csv"], files.get("frame.csv", [])
    numbers = {"": numeric(villages, design["villages_by"]["order"])}
    numbers["frame"] = numeric(units, design["households_by"]["order"])
    known = {one["id"]: one for one in commit["strata"]}
    committed = Commit(commit["campaign"], design, known, villages, lists, numbers)
    strata, rows = redraw(committed, receipt["seed"], acts)
    ask(f"封存 {digest}", "commit.json", *of_commit(commit, files, hashes, strata, acts), "commit.json")
    if whole:
        want = [*SAMPLE, *(["substratum"] if design["categories"] else [])]
        sample, sample_sha = load(folder, "sample.csv")
        due = [{k: str(row[k]) for k in want} for row in rows]
        ask("样本逐行", "sample by row", sample, due, "sample.csv")
    else:
        ask("只核对村：没有 frame.csv", "villages alone: frame.csv is not here", True, True, "")
    drawn = [{"id": r["village"], **{key: r[key] for key in ("stratum", "rank", "ticket", "pi") if r[key]}}
             for r in rows if r["stage"] == "1" and r["role"] != "replaced"]  # a reserve has no pi
    due = {key: commit[key] for key in COPIED.split()}
    due.update(commit_sha256=digest, strata=strata, sample=[r for r in drawn if "pi" in r],
               reserves=[r for r in drawn if "pi" not in r],
               check_sum=sha(json.dumps({**receipt, "check_sum": ""}, sort_keys=True)))
    if whole:
        inside = cuts(rows, design)
        due.update(sample_sha256=sample_sha, stage="1+2" if inside else "1", villages=inside)
    mark = "演练 REHEARSAL " * receipt["rehearsal"] + receipt_sha
    ask(f"记录单 {mark}", f"receipt.json {mark}", {key: receipt[key] for key in due}, due, "receipt.json")
    return rows

def of_commit(commit: dict, files: dict, hashes: dict, strata: list, acts: list) -> tuple:
    """What the commit says, and what it must say."""
    villages, units, design = files["villages.csv"], files.get("frame.csv"), commit["design"]
    more: dict = defaultdict(int)
    for act in acts:
        for stratum, d in act.get("more", {}).items():
            more[stratum] += d
    known = {one["id"]: one for one in commit["strata"]}
    sizes = [{key: one[key] for key in ("id", "N", "n", "rule")} for one in strata]
    for one in sizes:
        one["n"] -= more[one["id"]]
        if known.get(one["id"], {"n": 0})["n"] is None:
            one["n"] = None
    due = {"spec": "draw-v1", "villages_sha256": hashes["villages.csv"], "strata": sizes}
    if design["allocation"]:
        ordinary = [one["n"] for one in commit["strata"] if not one["id"].endswith("/certainty")]
        due["design"] = {**design, "allocation": {**design["allocation"], "total": sum(ordinary)}}
    once = len({row["village"] for row in villages})
    due["counts"] = {"townships": len({row["township"] for row in villages}), "villages": once}
    found = {**commit, "counts": {key: commit["counts"][key] for key in ("townships", "villages")}}
    if units is not None:
        empty = {row["village"] for row in villages} - {row["village"] for row in units if row["household"]}
        due["counts"].update(villages_without_household=len(empty),
                             households=sum(row["household"] != "" for row in units))
        both = {(row["township"], row["village"], row["certainty"]) for row in units + villages}
        agree = "各村一致 villages agree"
        due.update({"frame_sha256": hashes["frame.csv"], "frame_rows": len(units), agree: once})
        found.update({"counts": commit["counts"], agree: len(both)})
        due["lists"] = {name: {"rule": rule, "rows": len(files[file]), "frame_sha256": hashes[file]}
                        for name, rule in design["lists"].items() for file in [f"frame-{name}.csv"]}
    due["村不重复 each village once"], found["村不重复 each village once"] = once, len(villages)
    return {key: found[key] for key in due}, due

def cuts(rows: list, design: dict) -> list:
    """The sizes of every village on every list, and the last ticket that was drawn there."""
    looked = [r for r in rows if r["stage"] == "2" and r["role"] != "reserve"]
    last = {(r["village"], r["list"], r["substratum"]): r for r in looked}
    names = ["list", "M", "m", *(["substratum"] if design["categories"] else [])]
    return [{"id": r["village"], "cut_ticket": r["ticket"], **{key: r[key] for key in names}}
            for r in last.values()]

def verify(folder: Path) -> list:
    """The answers. A damaged file is an answer too, never a traceback."""
    return answers(folder)[0]

def answers(folder: Path) -> tuple:
    """The answers, and the rows of the draw made anew."""
    checks: list[Check] = []
    rows: list = []
    def ask(zh: str, en: str, found: object, due: object, place: str) -> None:
        wrong = differences(found, due, place)
        for where, now, must in wrong[:5]:
            zh, en = f"{zh}；{where}：现为 {now}，应为 {must}", f"{en}; {where}: is {now}, must be {must}"
        checks.append(Check(not wrong, zh, en))
    try:
        rows = questions(folder, ask)
    except Exception as error:
        checks.append(Check(False, f"文件缺失或损坏：{error}", f"missing or damaged: {error}"))
    return checks, rows

def fate(folder: Path, village: str, household: str = "", name: str = "") -> list:
    """Was this village, or this household, drawn? With srs a household needs no file of the others."""
    checks, rows = answers(folder)
    if not all(check.ok for check in checks):
        return checks  # nothing can be said of a draw that does not hold
    receipt, unit = load(folder, "receipt.json")[0], "/".join(filter(None, [name, village, household]))
    arrived = {act["village"] for act in receipt["acts"] if act["act"] == "village"}
    if household and receipt["design"]["sealed"] and village not in arrived:
        return [*checks, Check(True, f"{unit} 该村尚未抽户", f"{unit} households are drawn on arrival")]
    if household and not (folder / "frame.csv").exists():
        return [*checks, by_ticket(folder, village, household, name)]
    file = f"frame-{name}.csv" if name else "frame.csv" if household else "villages.csv"
    if (village, household) not in [(r["village"], r.get("household", "")) for r in load(folder, file)[0]]:
        return [*checks, Check(False, f"{unit} 不在 {file} 中", f"{unit} is not in {file}")]
    word = {"main": "抽中 drawn", "certainty": "全部入样 taken with certainty", "reserve": "备用 reserve",
            "replaced": "已替换 replaced"}
    told = [f"{word[r['role']]}, {r['rank']} / {r['m'] or r['n']}, {r['ticket']}" for r in rows
            if (r["village"], r["household"], r["list"]) == (village, household, name)]
    text = " ".join([unit, *(told or ["未抽中 not drawn"])])
    return [*checks, Check(True, text, text)]

def by_ticket(folder: Path, village: str, household: str, name: str) -> Check:
    """The fate of a household from its own ticket and the last one drawn in its village."""
    receipt, _ = load(folder, "receipt.json")
    if receipt["design"]["households_by"]["method"] != "srs" and not name:
        return Check(False, "此方法需要全部名册", "this method needs the whole frame")
    seeds = {act["village"]: act["seed"] for act in receipt["acts"] if act["act"] == "village"}
    seed, stage = seeds.get(village, receipt["seed"]), f"2/{name}" if name else "2"
    ticket = sha("draw-v1", seed, receipt["campaign"], stage, village, household)
    there = [one for one in receipt["villages"] if (one["id"], one["list"]) == (village, name)]
    yes, no = "抽中（如在册） drawn, if on the list", "未抽中 not drawn"
    cuts = [(one.get("substratum", ""), one["cut_ticket"]) for one in there]
    lines = [" ".join([group, cut, yes if ticket <= cut else no]) for group, cut in cuts]
    gone = (village, name, household) in [(a["village"], a["list"], a["replaces"]) for a in receipt["acts"]
                                          if a["act"] == "reserve" and a["household"]]
    lines = ["已由备用户替换 replaced by a reserve"] if gone else lines
    text = f"{village}/{household} {ticket} " + ("; ".join(lines) or "此村未抽中 the village was not drawn")
    return Check(True, text, text)

if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    where = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)
    found = fate(where, *sys.argv[2:5]) if len(sys.argv) > 2 else verify(where)
    print(*("  ".join(["是 YES" if ok else "否 NO ", zh, en]) for ok, zh, en in found), sep="\n")
    sys.exit(not all(answer.ok for answer in found))
