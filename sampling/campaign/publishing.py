"""What the public may see of a draw, and when: `public/`, made anew as a whole."""

import hashlib
import shutil
from collections.abc import Iterator, Mapping

import pandas as pd

from sampling.campaign import folder as place
from sampling.campaign.campaign import Campaign
from sampling.campaign.settings import AT_ONCE, VILLAGES_FIRST
from sampling.campaign.step import Done
from sampling.draws.log import log_problems
from sampling.draws.roles import drawn_rows
from sampling.files import csv_bytes, write_whole
from sampling.words import Problem, refuse_if_any

COMMIT, VILLAGES, ALL = "commit", "villages", "all"
WHAT = (COMMIT, VILLAGES, ALL)
"""What can be published, each with all that stands before it."""
HASHES = "sha256.txt"
DRAWN_VILLAGES = "villages-drawn.csv"
HOUSEHOLD_FIELDS = frozenset({"persons", "entitled", "amount", "amount_fen"})
"""What a public list may say of a household beside its number: size and amount, no illness, no reason."""
UNIT = ["list", "village", "household"]


def publish_campaign(campaign: Campaign, *, what: str) -> Done:
    """Put into `public/` what may be shown, and nothing else; what was there before goes.

    Parameters
    ----------
    what
        "commit": the commit and the hashes, never too early. "villages": the receipt too, and the villages
        drawn. "all": the numbers of all households, and those drawn, too.

    Raises
    ------
    InputError
        If the step is not done, `[draw] publish` says that it is too early, or what was drawn, the log and
        the commit do not belong together.
    ValueError
        If `what` is none of these.

    Notes
    -----
    A public frame and a public seed let every village compute who will be visited, so nothing of the draw is
    public before the last visit unless the campaign says so. The receipt's hash is: with it nobody can change
    the receipt in the meantime.
    """
    if what not in WHAT:
        raise ValueError(f"what must be one of {', '.join(WHAT)}, got {what!r}")
    refuse_if_any([*_refused(campaign, what), *log_problems(campaign.folder)])
    files = dict(_files(campaign, what))
    partial = campaign.folder / f".{place.PUBLIC}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    for name, data in files.items():
        write_whole(partial / name, data)
    place.put_folder_in_place(partial, campaign.folder / place.PUBLIC)
    digest = hashlib.sha256(files[place.COMMIT]).hexdigest()
    return Done(
        key="campaign.done.publish",
        fields={"files": len(files), "digest": digest},
        files=tuple(campaign.folder / place.PUBLIC / name for name in sorted(files)),
    )


def _refused(campaign: Campaign, what: str) -> Iterator[Problem]:
    if campaign.rehearsal:
        yield Problem(key="campaign.publish_rehearsal", file=place.COMMIT)
    if what == COMMIT:
        return
    commit = hashlib.sha256(campaign.path(place.COMMIT, "commit").read_bytes()).hexdigest()
    if campaign.receipt()["commit_sha256"] != commit:
        yield Problem(key="campaign.publish_other_commit", file=place.RECEIPT)
    if what == ALL:
        yield from _refused_fields(campaign)
    yield from _too_early(campaign, what)


def _refused_fields(campaign: Campaign) -> Iterator[Problem]:
    """Fields of `frame.csv` that nobody may read beside the number of a household."""
    for name in campaign.design.household_fields:
        if name not in HOUSEHOLD_FIELDS:
            yield Problem(key="campaign.publish_field", file=place.FRAME, value=name)


def _too_early(campaign: Campaign, what: str) -> Iterator[Problem]:
    rule = campaign.settings.publish
    if rule == AT_ONCE or (rule == VILLAGES_FIRST and what == VILLAGES):
        return
    missing = unvisited(campaign)
    if any(missing.values()):
        fields = {**missing, "rule": rule, "other": AT_ONCE if what == ALL else VILLAGES_FIRST}
        yield Problem(key="campaign.publish_early", file=place.SETTINGS, fields=fields)


def unvisited(campaign: Campaign) -> Mapping[str, int]:
    """How many drawn households have no outcome, and how many drawn villages without one no village form."""
    sample = drawn_rows(campaign.sample())
    wanted = pd.MultiIndex.from_frame(sample.loc[sample["stage"] == "2", UNIT])
    villages = set(sample["village"]) - set(wanted.get_level_values("village"))
    if not campaign.has_register():
        return {"households": len(wanted), "villages": len(villages)}
    found = pd.MultiIndex.from_frame(campaign.findings()[UNIT])
    seen = set(campaign.village_answers()["village"])
    return {"households": len(wanted.difference(found)), "villages": len(villages - seen)}


def _files(campaign: Campaign, what: str) -> Iterator[tuple[str, bytes]]:
    """Every public file: named here, one by one, so that a new file in the folder is not public by chance."""
    stated = [name for name in (place.COMMIT, place.RECEIPT) if campaign.has(name)]
    digests = {name: hashlib.sha256((campaign.folder / name).read_bytes()).hexdigest() for name in stated}
    yield HASHES, "".join(f"{digest}  {name}\n" for name, digest in digests.items()).encode()
    names = [place.COMMIT, *([place.HEADS] if campaign.has(place.HEADS) else [])]
    if what != COMMIT:
        names += [place.VILLAGES, place.RECEIPT, place.LOG]
        names += [place.VERIFIER, place.VERIFY_PAGE, place.RECORD]
        sample = campaign.sample()
        yield DRAWN_VILLAGES, csv_bytes(sample[sample["stage"] == "1"])
    if what == ALL:
        names += [place.FRAME, *map(place.list_frame, campaign.commit()["lists"]), place.SAMPLE]
    for name in names:
        yield name, campaign.path(name, "draw" if what != COMMIT else "commit").read_bytes()
