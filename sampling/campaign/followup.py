"""What is to be put right after the visits, and what towns said to it: one row for each problem."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from sampling.campaign.campaign import Campaign
from sampling.campaign.facts import POSTED_DAYS
from sampling.campaign.hotlines import read_hotline
from sampling.codes import ROLL
from sampling.frames.values import yes

HOUSEHOLD, PROCEDURE, HOTLINE = KINDS = ("household", "procedure", "hotline")
"""A finding at a household; a fault in a village; a report from the hotline without an answer."""
TO_HANDLE = ("ineligible", "overpaid", "underpaid", "to_be_checked", "entitled")
"""Recommendations that somebody has to act on."""
OPEN = ""
ABOUT = {
    **dict.fromkeys(("problem", "kind", "township", "village", "list", "household", "what", "reason"), "str"),
}
ANSWER = {
    **dict.fromkeys(("attitude", "responsible", "measure", "done_on", "note"), "str"),
    **dict.fromkeys(("to_recover_fen", "recovered_fen"), "Int64"),
    "settled": "bool",
}
FAULTS: Mapping[str, Any] = {
    "posted": lambda forms: forms["posting_days"] < POSTED_DAYS,
    "meetings": lambda forms: ~forms["meeting_held"],
    "files": lambda forms: ~forms["files_complete"],
    "blank": lambda forms: forms["blank_village"],
}
"""What a village form can show to be wrong: a yes or no for each form."""
BLANK = "blank"


def problems_of(campaign: Campaign) -> pd.DataFrame:
    """Everything that is to be put right, with the last answer to it.

    Returns
    -------
    problems
        problem (an id that stays: H- and the form's serial, P- and the village with its fault, R- and the
        report's number), kind, township, village, list, household, what (a recommendation or a fault) and
        reason; then what the town answered: attitude (of `codes.REPLIES`, empty where it did not yet),
        responsible, measure, done_on, note, to_recover_fen, recovered_fen, settled. Restricted: answers name
        people.

    Raises
    ------
    InputError
        If the list of the hotline is missing, or has not the columns.
    """
    rows = pd.concat([_households(campaign), _procedures(campaign), _hotline(campaign)], ignore_index=True)
    rows = rows.astype(ABOUT).sort_values(["township", "village", "problem"], ignore_index=True)
    return rows.join(_answers(campaign, rows["problem"]))


def _households(campaign: Campaign) -> pd.DataFrame:
    found = campaign.findings()
    acts = found[(found["outcome"] == "completed") & found["verdict"].isin(TO_HANDLE)]
    acts = acts[acts["decision"] != "dropped"]
    return pd.DataFrame(
        {
            "problem": "H-" + acts["serial"],
            "kind": HOUSEHOLD,
            **{name: acts[name] for name in ("township", "village", "list", "household", "reason")},
            "what": acts["verdict"],
        }
    )


def village_faults(campaign: Campaign) -> pd.DataFrame:
    """What is wrong in villages: township, village, fault; those that the roll says did no self-check too."""
    forms, frame = campaign.village_answers(), campaign.frame().villages
    rows = [forms.loc[look(forms).astype(bool), ["township", "village"]].assign(fault=name)
            for name, look in FAULTS.items()]  # fmt: skip
    if BLANK in frame:
        rows.append(frame.loc[frame[BLANK].map(yes), ["township", "village"]].assign(fault=BLANK))
    found = pd.concat(rows, ignore_index=True).drop_duplicates()
    return found.sort_values(["township", "village", "fault"], ignore_index=True)


def _procedures(campaign: Campaign) -> pd.DataFrame:
    faults = village_faults(campaign)
    return pd.DataFrame(
        {
            "problem": "P-" + faults["village"] + "-" + faults["fault"],
            "kind": PROCEDURE,
            "township": faults["township"],
            "village": faults["village"],
            **dict.fromkeys(("list", "household", "reason"), ""),
            "what": faults["fault"],
        }
    )


def _hotline(campaign: Campaign) -> pd.DataFrame:
    """Reports about households that nobody has visited: a visit is an answer."""
    name = campaign.settings.followup.hotline
    if not name:
        return pd.DataFrame(columns=list(ABOUT))
    reports = read_hotline(campaign.folder / name)
    found = campaign.findings()
    seen = found.loc[(found["list"] == ROLL) & (found["outcome"] == "completed"), ["village", "household"]]
    known = pd.MultiIndex.from_frame(seen)
    unseen = reports[~pd.MultiIndex.from_frame(reports[["village", "household"]]).isin(known)]
    return pd.DataFrame(
        {
            "problem": "R-" + unseen["report"],
            "kind": HOTLINE,
            **{name: unseen[name] for name in ("township", "village", "household")},
            **dict.fromkeys(("list", "reason"), ""),
            "what": HOTLINE,
        }
    )


def _answers(campaign: Campaign, problems: pd.Series) -> pd.DataFrame:
    register = campaign.register()
    replies = register.state().replies
    told = register.personal(reply["personal"] for reply in replies.values() if "personal" in reply)
    rows = [_answer(replies.get(problem), told) for problem in problems]
    return pd.DataFrame(rows, columns=list(ANSWER)).astype(ANSWER)


def _answer(reply: Mapping[str, Any] | None, told: Mapping[str, Mapping]) -> dict[str, object]:
    if reply is None:
        return {**dict.fromkeys(ANSWER, ""), "to_recover_fen": None, "recovered_fen": None, "settled": False}
    return {**reply, **told.get(reply.get("personal", ""), {})}


def followup_counts(problems: pd.DataFrame) -> pd.DataFrame:
    """By township: problems, answered (each way of it), settled, blank_open, hotline_open."""
    still = ~problems["settled"]
    marks = pd.DataFrame(
        {
            "township": problems["township"],
            "problems": True,
            "answered": problems["attitude"] != OPEN,
            **{name: problems["attitude"] == name for name in ("accepted", "contested", "visit_again")},
            "settled": problems["settled"],
            "blank_open": still & (problems["what"] == BLANK),
            "hotline_open": still & (problems["kind"] == HOTLINE),
        }
    )
    return marks.groupby("township", as_index=False).sum()


def visits_again(problems: pd.DataFrame) -> pd.DataFrame:
    """The households that a town contests or wants to be visited again, and that are not settled."""
    asked = problems["attitude"].isin(["contested", "visit_again"]) & ~problems["settled"]
    return problems[asked & (problems["kind"] == HOUSEHOLD)].reset_index(drop=True)


def totals(problems: pd.DataFrame) -> Iterator[tuple[str, int]]:
    """What the follow-up comes to, over all towns."""
    counted = followup_counts(problems)
    for name in counted.columns.drop("township"):
        yield str(name), int(counted[name].sum())
