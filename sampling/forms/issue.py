"""The forms of a whole campaign: one workbook for each drawn village, in one folder."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from sampling.codes import BUILT_IN, CATEGORIES, ROLL, Codebook, code_of, label, list_label
from sampling.draws.roles import drawn_rows
from sampling.files import write_whole
from sampling.forms.drawn import drawn_villages, issued_households
from sampling.forms.layout import GIVEN_FIELDS
from sampling.forms.standard import NO_STANDARD, Standard
from sampling.forms.workbook import Face, heading_of, workbook_bytes, write_in_tables, write_upright

FACES: Mapping[str, Face] = {"": write_in_tables, "phone": write_upright}
"""The faces of the workbook, by the folder that each goes into."""
UNFIT = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Names that Windows keeps for devices."""


def write_forms(
    sample: pd.DataFrame,
    roll: pd.DataFrame,
    lists: Mapping[str, pd.DataFrame],
    folder: Path,
    *,
    campaign: str,
    lang: str,
    codebook: Codebook = BUILT_IN,
    standard: Standard = NO_STANDARD,
    marks: Sequence[str] = (),
    progress: Callable[[int, int], object] | None = None,
) -> tuple[Path, ...]:
    """Write two workbooks for each drawn village, also for those without a household: in tables, and upright.

    Parameters
    ----------
    sample
        The rows of `sample.csv`.
    roll, lists
        The restricted roll and the other drawn lists by name: what teams need to find people.
    folder
        Where the files go, the upright ones into `phone/`; each is there whole or not at all.
    campaign, lang, codebook, standard, marks
        As in `write_workbook`.
    progress
        Called after each village with the number done and the number of all.

    Returns
    -------
    tuple of Path
        The workbooks in tables, in the order of the sample.
    """
    villages = drawn_villages(sample)
    issued = drawn_rows(issued_households(sample, roll, lists))
    names = village_names(roll, lists)
    shown = form_rows(issued, lang, standard)
    rows = {village: table for village, table in shown.groupby(issued["village"], sort=False)}
    files = form_files(villages["village"])
    written = []
    for place in villages.to_dict("records"):
        village = place["village"]
        known = {"township": place["township"], "village": village, **names.get(village, {})}
        heading = heading_of(known, campaign=campaign, form_id=place["form_id"], lang=lang, marks=marks)
        households = rows.get(village, pd.DataFrame(columns=list(GIVEN_FIELDS)))
        for part, face in FACES.items():
            path = folder / part / files[village]
            write_whole(
                path, workbook_bytes(heading, households, {}, codebook=codebook, standard=standard, face=face)
            )
        written.append(folder / files[village])
        if progress:
            progress(len(written), len(villages))
    return tuple(written)


def form_rows(issued: pd.DataFrame, lang: str, standard: Standard = NO_STANDARD) -> pd.DataFrame:
    """The households as a form shows them: the main list first, labels for codes, yuan, last four digits.

    Parameters
    ----------
    issued
        The rows of `issued_households`.
    lang
        The language of the labels.
    standard
        What a household is due.

    Returns
    -------
    DataFrame
        The given fields of the layout as text, and `each`: the standard a person in yuan, for households of
        the roll; what is not known is empty. The index is that of `issued`.
    """
    ordered = issued.sort_values(["list", "serial"], kind="stable")
    shown = {field: _as_text(ordered[field]) for field in GIVEN_FIELDS if field in ordered}
    table = pd.DataFrame(shown, index=ordered.index).reindex(columns=list(GIVEN_FIELDS), fill_value="")
    if "amount_fen" in ordered:
        table["amount"] = [yuan(fen) for fen in ordered["amount_fen"]]
    table["list"] = [list_label(name, lang) for name in ordered["list"]]
    table["category"] = [_category(kind, lang) for kind in table["category"]]
    table["each"] = [yuan(each) for each in _standards(ordered, standard)]
    table["account"] = [account[-4:] if len(account) >= 8 else "" for account in table["account"]]
    return table.astype("str")


def _standards(issued: pd.DataFrame, standard: Standard) -> list[int | None]:
    """The standard of each household of the roll, in fen a person; other lists have none."""
    known = issued.reindex(columns=["list", "programme", "category"]).astype(object).fillna("")
    return [
        standard.each(area=code_of("programme", programme) or "", category=code_of("category", kind) or kind)
        if name == ROLL
        else None
        for name, programme, kind in known.itertuples(index=False, name=None)
    ]


def _category(kind: str, lang: str) -> str:
    """A kind of household in the form's language; one of the county's own as it is written."""
    code = code_of("category", kind)
    return label("category", code, lang) if code in CATEGORIES else kind


def form_files(villages: Sequence[str] | pd.Series) -> dict[str, str]:
    """A file name for each village: its id, made fit for every system, unique also where case is ignored."""
    files: dict[str, str] = {}
    taken: set[str] = set()
    for village in villages:
        stem = _safe(village)
        if stem != village or _same_name(stem) in taken:
            stem += "-" + hashlib.sha256(village.encode()).hexdigest()[:8]
        taken.add(_same_name(stem))
        files[village] = f"{stem}.xlsx"
    return files


def village_names(roll: pd.DataFrame, lists: Mapping[str, pd.DataFrame]) -> dict[str, dict]:
    """The names of township and village by village id, as far as the roll or a list has them."""
    names: dict[str, dict] = {}
    for table in (*lists.values(), roll):  # the roll has the last word
        known = [name for name in ("township_name", "village_name") if name in table]
        first = table.drop_duplicates("village").set_index("village")[known]
        names |= {str(village): values for village, values in first.to_dict("index").items()}
    return names


def yuan(fen: object) -> str:
    """An amount in fen as yuan with two digits; nothing where there is none.

    >>> yuan(21050)
    '210.50'
    """
    return "" if pd.isna(fen) else f"{int(fen) // 100}.{int(fen) % 100:02d}"  # type: ignore[call-overload]


def _as_text(values: pd.Series) -> list[str]:
    return ["" if pd.isna(value) else str(value) for value in values]


def _safe(village: str) -> str:
    stem = UNFIT.sub("_", village).rstrip(". ")[:60]
    stem = re.sub(r"^[~.\s-]", "_", stem) or "_"
    return f"_{stem}" if RESERVED.fullmatch(stem) else stem


def _same_name(stem: str) -> str:
    return unicodedata.normalize("NFC", stem).casefold()
