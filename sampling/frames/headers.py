"""Headers: which column is which field, whatever a county office calls it.

A field has tiers of headers: the first tier that a sheet has wins, and columns of later tiers are kept
under their own name. Two columns of one tier are a problem that names both. A header used for one field
is used for no other, so 村编号 + 村名 are the village and its name, and 村名 alone is the village.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sampling.words import Problem

TOWN_CODES = (
    "乡镇编号 乡镇编码 乡镇代码 镇街编号 镇街代码 镇编号 镇代码 街道编号 街道代码 township_code township_id"
)
TOWNS = (
    "乡镇 镇 乡 街道 镇(街道) 乡镇(街道) 街道(乡镇) 乡(镇) 乡(镇)街道 乡(镇、街道) 乡镇街道 乡镇/街道 "
    "镇街 镇/街道 所属乡镇 所在乡镇 所属镇街 所在镇街 所属街道 township town"
)
TOWN_NAMES = (
    "乡镇名称 乡镇名 镇名 镇名称 街道名称 镇街名称 乡镇(街道)名称 镇(街道)名称 township_name town_name"
)
VILLAGE_CODES = (
    "村编号 村编码 村代码 行政村编号 行政村编码 行政村代码 村居编号 村居编码 村居代码 村(居)编号 村(居)编码 "
    "村(居)代码 村(社区)编号 村(社区)编码 村(社区)代码 村级区划代码 village_code village_id"
)
VILLAGES = (
    "村 村居 行政村 村(居) 村(社区) 村/社区 村/居 社区 村委会 居委会 村(居)委会 村居委会 "
    "村民委员会 所属村 所在村 所在行政村 所属行政村 所属村居 所在村居 village"
)
VILLAGE_NAMES = (
    "村名 村名称 村居名 村居名称 行政村名 行政村名称 村(居)名 村(居)名称 村(社区)名称 社区名称 village_name"
)
TIERS: Mapping[str, tuple[str, ...]] = {
    "township": (TOWN_CODES, TOWNS, TOWN_NAMES),
    "township_name": (TOWN_NAMES, TOWNS),
    "village": (VILLAGE_CODES, VILLAGES, VILLAGE_NAMES),
    "village_name": (VILLAGE_NAMES, VILLAGES),
    "household": (
        "户编号 户号 户编码 户代码 户编 家庭编号 家庭编码 家庭代码 住户编号 低保户编号 "
        "household household_id household_code household_number hhid",
        "低保证号 低保证编号 低保证号码 低保编号 低保号 保障证号 保障证编号 救助证号 救助证编号 证号",
        "序号 编号 serial",
    ),
    "relation": (
        "与户主关系 与户主的关系 与户主之关系 户主关系 家庭关系 与申请人关系 与申请人的关系 关系 "
        "relation relation_to_head",
    ),
    "household_name": (
        "户主 户主姓名 户主名 户主名称 低保户主 申请人 申请人姓名 持证人 持证人姓名 "
        "household_name head head_name",
    ),
    "member_name": (
        "成员姓名 家庭成员姓名 家庭成员 成员 人员姓名 保障对象姓名 member member_name",
        "姓名 名字 name",
    ),
    "member_amount": (
        "个人保障金额 个人金额 个人保障金 个人月保障金额 本人保障金额 人员保障金额 member_amount",
    ),
    "kind": ("单位类型 单位性质 村类型 村居类型 村(居)类型 kind",),
    "group": ("村民小组 小组 组 组别 村组 居民小组 所在组 group",),
    "address": ("家庭住址 家庭地址 住址 地址 详细地址 详细住址 现住址 居住地址 address",),
    "phone": ("联系电话 电话 电话号码 手机 手机号 手机号码 联系方式 户主电话 户主联系电话 phone",),
    "identity": (
        "户主身份证号 户主身份证号码 户主身份证 户主公民身份号码 户主证件号码",
        "身份证号 身份证号码 身份证 公民身份号码 公民身份证号码 居民身份证号 "
        "居民身份证号码 证件号码 身份证件号码 identity",
    ),
    "persons": ("家庭人口 家庭人口数 家庭总人口 家庭人数 家庭人口总数 户人口 人口数 人口 人数 persons",),
    "entitled": (
        "保障人口 保障人口数 保障人数 享受人数 享受人口 享受保障人口 低保人数 低保人口 救助人数 entitled",
    ),
    "category": (
        "类别 户类别 家庭类别 低保类别 保障类别 救助类别 对象类别 人员类别 低保户类别 分类 category",
    ),
    "programme": (
        "项目 保障项目 救助项目 低保类型 保障类型 救助类型 城乡类别 城乡类型 低保性质 programme program",
    ),
    "amount": (
        "月保障金额 保障金额 户月保障金额 家庭月保障金额 每月保障金额 月保障金 保障金 月低保金额 月低保金 "
        "低保金额 低保金 月救助金额 救助金额 月补助金额 补助金额 月补差金额 补差金额 月发放金额 户保障金额 "
        "amount",
        "金额 月金额 发放金额",
    ),
    "account": (
        "开户账号 银行账号 账号 账户 银行卡号 卡号 存折账号 存折号 一卡通账号 一卡通卡号 一卡通 社保卡号 "
        "account",
    ),
    "self_check": ("自查结论 自查结果 自查情况 自查意见 自查 self_check",),
    "reason": ("停发原因 取消原因 退出原因 停保原因 取消保障原因 reason",),
    "new_inclusion": ("新纳入 是否新纳入 新增 是否新增 新增户 是否新增户 本年新增 new_inclusion",),
    "blank": ("空白村 是否空白村 空白 blank",),
    "x": ("x x坐标 横坐标",),
    "y": ("y y坐标 纵坐标",),
    "households": ("户数 低保户数 保障户数 家庭户数 总户数 享受户数 households",),
}
"""Known headers by field, best tier first; folded when compared (width, case, spaces, units in brackets)."""

PLACE_FIELDS = ("township", "township_name", "village", "village_name", "kind", "blank", "x", "y")
ROLL_FIELDS = tuple(field for field in TIERS if field != "households")
VILLAGE_FIELDS = (*PLACE_FIELDS, "households")
SERIAL_TIER = 2  # 序号: a number of the list rather than of the household
UNITS = re.compile(r"\((元|元/月|月/元|元/户|元/户/月|元/月/户|户/元|人|口|户|个|必填)\)$")
INVISIBLE = re.compile(r"[\s_\u200b-\u200f\u2060\ufeff]+")


def fold_header(cell: Any) -> str:
    """A header as it is compared: half width, lower case, without spaces, marks and the unit in brackets.

    >>> fold_header("月保障 金额（元／月）")
    '月保障金额'
    """
    if not isinstance(cell, str):
        return ""
    folded = INVISIBLE.sub("", unicodedata.normalize("NFKC", cell)).lower().strip("*:：")
    folded = folded.replace("帐", "账")
    return UNITS.sub("", folded)


def _folded(tiers: Iterable[str]) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(map(fold_header, tier.split())) for tier in tiers)


KNOWN: Mapping[str, tuple[frozenset[str], ...]] = {field: _folded(tiers) for field, tiers in TIERS.items()}


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a field comes from by `columns` in campaign.toml: columns joined with "/", or one in disguise."""

    headers: tuple[str, ...]
    pseudonym: bool = False


def read_columns(
    columns: Mapping[str, Any] | None, fields: Sequence[str]
) -> tuple[dict[str, Source], list[Problem]]:
    """The column map of campaign.toml, and what is wrong with it."""
    sources: dict[str, Source] = {}
    problems = []
    for field, value in (columns or {}).items():
        source = _source(value)
        if field not in fields:
            known = ", ".join(fields)
            problems.append(Problem(key="frames.columns.field", value=field, fields={"known": known}))
        elif source is None:
            problems.append(Problem(key="frames.columns.form", column=field, value=str(value)))
        else:
            sources[field] = source
    return sources, problems


def _source(value: Any) -> Source | None:
    if isinstance(value, str):
        return Source(headers=(value,))
    if isinstance(value, Mapping) and isinstance(value.get("pseudonym_of"), str) and len(value) == 1:
        return Source(headers=(value["pseudonym_of"],), pseudonym=True)
    if isinstance(value, list | tuple) and value and all(isinstance(part, str) for part in value):
        return Source(headers=tuple(value))
    return None


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """The columns of one header line, by field; a column that no field has is an `others` one."""

    columns: Mapping[str, tuple[int, ...]]
    pseudonyms: frozenset[str]
    serial: bool
    """The household's id is only a serial number of the list."""

    doubled: tuple[tuple[str, tuple[int, ...]], ...]
    """Fields that two columns claim."""


def assign(headers: Sequence[Any], sources: Mapping[str, Source], fields: Sequence[str]) -> Assignment:
    """Which column of a header line is which field: the column map first, then the known headers."""
    names = [fold_header(header) for header in headers]
    mapped, used = _mapped(names, sources)
    columns = dict(mapped)
    twice = [
        (f, tuple(i for i, name in enumerate(names) if name == names[at[0]])) for f, at in mapped.items()
    ]
    doubled = [(field, at) for field, at in twice if len(at) > 1]
    serial = False
    for field in fields:
        if field in columns:
            continue
        for tier, known in enumerate(KNOWN[field]):
            at = tuple(i for i, name in enumerate(names) if name in known and i not in used)
            if not at:
                continue
            columns[field] = at[:1]
            used |= set(at)
            doubled += [(field, at)] if len(at) > 1 else []
            serial |= field == "household" and tier == SERIAL_TIER
            break
    _settle_names(columns, names, sources)
    pseudonyms = frozenset(field for field in mapped if sources[field].pseudonym)
    return Assignment(columns=columns, pseudonyms=pseudonyms, serial=serial, doubled=tuple(doubled))


def _mapped(
    names: Sequence[str], sources: Mapping[str, Source]
) -> tuple[dict[str, tuple[int, ...]], set[int]]:
    """Columns by the map, and those of them that no other field may use: a column that is joined or
    disguised stays what it is as well (乡镇 the township, 身份证号 the identity number)."""
    columns: dict[str, tuple[int, ...]] = {}
    used: set[int] = set()
    for field, source in sources.items():
        wanted = [fold_header(header) for header in source.headers]
        if all(name in names for name in wanted):
            columns[field] = tuple(names.index(name) for name in wanted)
            used |= {columns[field][0]} if len(wanted) == 1 and not source.pseudonym else set()
    return columns, used


def _settle_names(
    columns: dict[str, tuple[int, ...]], names: Sequence[str], sources: Mapping[str, Source]
) -> None:
    """A lone 姓名 is the head's name, unless a relation to the head or a head's name stands beside it."""
    at = columns.get("member_name")
    if at is None or "member_name" in sources or names[at[0]] not in KNOWN["member_name"][1]:
        return
    if "relation" not in columns and "household_name" not in columns:
        columns["household_name"] = columns.pop("member_name")


def recognised(row: Sequence[Any], sources: Mapping[str, Source], fields: Sequence[str]) -> list[int]:
    """Columns of a row whose cell is a header that is known or mapped."""
    words = {fold_header(header) for source in sources.values() for header in source.headers}
    words = words.union(*(tier for field in fields for tier in KNOWN[field]))
    return [i for i, cell in enumerate(row) if fold_header(cell) in words and fold_header(cell)]
