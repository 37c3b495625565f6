"""The synthetic county as an office keeps it: tables of text under Chinese headers, every one marked."""

import numpy as np
import pandas as pd

from sampling.frames.county.households import RURAL, URBAN, YEAR
from sampling.frames.county.places import digits
from sampling.frames.county.world import World
from sampling.words import text

MARK = "DATA=SYNTHETIC seed={seed}"
"""Stands in every row of every file, so that a sorted, filtered or copied part is marked as well."""

MARK_HEADER = "数据标记"
PROGRAMMES = {RURAL: "农村低保", URBAN: "城市低保"}
OTHER_PROGRAMMES = {"five_guarantee": "特困供养", "relief": "40%救济", "other": "其他救助"}
PREFIXES = {"refused": "S", "five_guarantee": "T", "relief": "J", "other": "Q"}
"""First letter of the household ids of lists whose households are not on the roll."""

DEPARTMENTS = ("民政局", "纪委监委", "财政局", "政府办")
NOT_DONE, KEPT, REMOVED, INCLUDED = "未自查", "保留", "停发", "新纳入"


def source_tables(world: World) -> dict[str, pd.DataFrame]:
    """Every file that an office would hand over, by file name; all cells are text."""
    roll = _household_columns(world, world.roll)
    removed = world.lists["removed"]
    tables = {
        "roll.csv": roll.assign(自查结论=_verdicts(world.roll), 新纳入=_yes_no(world.roll["new"])),
        "before.csv": _household_columns(world, world.before).assign(
            自查结论=_verdicts(world.before), 停发原因=_reasons(world.before["removed"])
        ),
        "removed.csv": _household_columns(world, removed).assign(停发原因=_reasons(removed["removed"])),
        "refused.csv": _refused(world),
        **{f"{name}.csv": _other_programme(world, name) for name in OTHER_PROGRAMMES},
        "named.csv": roll.iloc[world.named["row"]].reset_index(drop=True).assign(来源=_sources(world.named)),
        "villages.csv": _villages(world.places),
        "hotline.csv": _hotline(world, roll),
        "teams.xlsx": _teams(world),
    }
    mark = MARK.format(seed=world.seed)
    return {name: table.assign(**{MARK_HEADER: mark}).astype("str") for name, table in tables.items()}


def household_ids(households: pd.DataFrame, name: str = "") -> pd.Series:
    """Ids of the households of a list, unique in their village; the roll has no name."""
    return PREFIXES.get(name, "") + digits(households["number"], 4)


def _household_columns(world: World, households: pd.DataFrame, name: str = "") -> pd.DataFrame:
    place = world.places.iloc[households["place"]].reset_index(drop=True)
    serial = digits(households["serial"], 7)
    head = "户主-" + serial
    group = "第" + households["group"].astype("str") + "组"
    return pd.DataFrame(
        {
            "乡镇": place["township"],
            "村编号": place["village"],
            "村名": place["village_name"],
            "户编号": household_ids(households, name),
            "户主姓名": head,
            "身份证号": _identities(households),
            "家庭住址": place["village_name"] + group + households["number"].astype("str") + "号",
            "联系电话": "000-" + serial,
            "村民小组": group,
            "家庭人口": households["persons"],
            "保障人口": households["entitled"],
            "类别": households["category"].map(lambda code: text(f"codes.category.{code}", "zh")),
            "项目": households["programme"].map(PROGRAMMES),
            "月保障金额": _yuan(households["amount_fen"]),
            "开户人": head.where(~households["other_holder"], "他人-" + serial),
            "开户账号": "000000000" + serial,
            "村干部亲属": _yes_no(households["relative"]),
        }
    )


def _identities(households: pd.DataFrame) -> pd.Series:
    """18 characters that no identity number can be: region 999999 and check letter T; unique by serial."""
    serial = households["serial"]
    month, day, rest = 1 + serial % 12, 1 + serial // 12 % 28, serial // 336 % 1000
    birth = households["birth_year"].astype("str") + digits(month, 2) + digits(day, 2)
    return ("999999" + birth + digits(rest, 3) + "T").where(~households["no_identity"], "")


def _refused(world: World) -> pd.DataFrame:
    refused = world.lists["refused"]
    table = _household_columns(world, refused, "refused")
    table = table.drop(columns=["保障人口", "月保障金额", "开户人", "开户账号"])
    return table.assign(名单来源=np.where(refused["watched"], "重点关注", "申请未批准"))


def _other_programme(world: World, name: str) -> pd.DataFrame:
    return _household_columns(world, world.lists[name], name).assign(项目=OTHER_PROGRAMMES[name])


def _villages(places: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "乡镇": places["township"],
            "村编号": places["village"],
            "村名": places["village_name"],
            "单位类型": places["kind"],
            "空白村": _yes_no(places["blank"]),
            "x": _kilometres(places["x"]),
            "y": _kilometres(places["y"]),
        }
    )


def _hotline(world: World, roll: pd.DataFrame) -> pd.DataFrame:
    reports = world.hotline
    about = roll.iloc[reports["row"]].reset_index(drop=True)
    return pd.DataFrame(
        {
            "举报编号": "R" + digits(pd.Series(np.arange(1, len(reports) + 1)), 4),
            "日期": f"{YEAR}-04-" + digits(reports["day"], 2),
            **{header: about[header] for header in ("乡镇", "村编号", "村名", "户编号", "户主姓名")},
        }
    )


def _teams(world: World) -> pd.DataFrame:
    teams = world.teams
    home = world.places.iloc[teams["home"]].reset_index(drop=True)
    number = pd.Series(np.arange(1, len(teams) + 1))
    return pd.DataFrame(
        {
            "组别": "第" + teams["team"].astype("str") + "组",
            "姓名": "组员-" + digits(number, 4),
            "部门": teams["department"].map(dict(enumerate(DEPARTMENTS))),
            "本人所在乡镇": home["township"],
            "本人所在村编号": home["village"],
            "联系电话": "000-9" + digits(number, 6),
        }
    )


def _verdicts(households: pd.DataFrame) -> np.ndarray:
    cases = [households["new"], households["blank"], households["removed"] != ""]
    return np.select(cases, [INCLUDED, NOT_DONE, REMOVED], KEPT)


def _reasons(codes: pd.Series) -> pd.Series:
    return codes.map(lambda code: text(f"codes.reason.{code}", "zh") if code else "")


def _sources(named: pd.DataFrame) -> np.ndarray:
    cases = [named["reported"] & named["relative"], named["reported"]]
    return np.select(cases, ["群众举报、村干部亲属", "群众举报"], "村干部亲属")


def _yes_no(flags: pd.Series) -> np.ndarray:
    return np.where(flags, "是", "否")


def _yuan(fen: pd.Series) -> pd.Series:
    return (fen // 100).astype("str") + "." + digits(fen % 100, 2)


def _kilometres(metres: pd.Series) -> pd.Series:
    return (metres // 1000).astype("str") + "." + digits(metres % 1000, 3)
