"""What commit.json and receipt.json of a county say: 20 towns, 80 drawn villages, everything invented."""

import hashlib
from fractions import Fraction
from typing import Any

from sampling.designs import Design, SizeRule

SEED = "27182818284590452353"
TIME = "2026-05-06T10:00:00+08:00"
NUMERALS = "一二三四五六七八九十"
TOWNS = [f"示范{'十' * (i // 10)}{NUMERALS[i % 10]}镇" for i in range(20)]
DESIGN = Design(
    reserves=2,
    certainty="blank",
    villages=SizeRule(rate=Fraction(1, 5), at_least=3, at_most=5),
    households=SizeRule(rate=Fraction(1, 2), at_least=2),
    lists={"removed": SizeRule(rate=Fraction(1, 2))},
)


def digest(of: object) -> str:
    return hashlib.sha256(str(of).encode()).hexdigest()


def villages_of(town: int, number: int) -> list[str]:
    return [f"4414811{town:02}{village:03}" for village in range(201, 201 + number)]


def papers(design: Design = DESIGN, **more: Any) -> tuple[dict, dict]:
    """The commit and the receipt; `more` are members that both shall have instead, where they have them."""
    strata = [{"id": town, "N": 20, "n": 4, "rule": "rate"} for town in TOWNS]
    cuts = [{**one, "cut_ticket": digest(one["id"]), "cut_score": None} for one in strata]
    sample = [
        {"id": village, "stratum": town, "rank": rank, "ticket": digest(village), "pi": 0.2}
        for number, town in enumerate(TOWNS)
        for rank, village in enumerate(villages_of(number, 4), 1)
    ]
    shared = {
        "spec": "draw-v1",
        "campaign": "demo-2026",
        "software": "inspection-sampling 0.1.0",
        "design": design.to_dict(),
        "frame_sha256": digest("frame"),
        "frame_rows": 25719,
        "control_totals": {},
        "previous_receipt": "",
        "rehearsal": False,
        "heads": {"log": {"count": 3, "hash": digest("log")}},
    }
    commit = shared | {
        "committed_at": "2026-05-05T09:00:00+08:00",
        "seed_event": "5月6日上午10时在县政务大厅公开掷骰",
        "villages_sha256": digest("villages"),
        "counts": {"villages": 400, "households": 25719, "townships": 20, "villages_without_household": 2},
        "strata": strata,
        "corrects": None,
    }
    receipt = shared | {
        "commit_sha256": digest("commit"),
        "seed": SEED,
        "seed_source": {"event": "当众掷十面骰子二十次", "time": TIME, "witnesses": ["甲", "乙", "丙"]},
        "stage": "1+2",
        "strata": cuts,
        "sample": sample,
        "reserves": [{"id": "441481199999", "stratum": TOWNS[0], "rank": 5, "ticket": digest(0)}],
        "villages": [
            {"id": one["id"], "list": "", "M": 60, "m": 30, "cut_ticket": digest(1)} for one in sample
        ],
        "acts": [],
        "voided": [],
        "sample_sha256": digest("sample"),
        "check_sum": digest("sum"),
    }
    changed = [{**part, **{name: more[name] for name in more if name in part}} for part in (commit, receipt)]
    extra = {name: value for name, value in more.items() if name in ("came", "left")}
    return changed[0], changed[1] | extra
