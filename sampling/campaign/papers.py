"""What a draw leaves in its folder: sample and receipt, and all that people check them with."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from sampling.campaign import folder as place
from sampling.campaign.campaign import Campaign
from sampling.campaign.sealing import sealed_packs
from sampling.draws import verify
from sampling.draws.pages import page
from sampling.draws.record import record_page
from sampling.files import csv_bytes
from sampling.frames import Frame


def papers(
    campaign: Campaign,
    commit: Mapping[str, Any],
    sample: pd.DataFrame,
    receipt: bytes,
    *,
    frame: Frame,
    lists: Mapping[str, Frame],
) -> dict[str, bytes]:
    """The files of a draw by their place in the folder, in the language of the campaign.

    Parameters
    ----------
    commit, frame, lists
        What was committed.
    sample
        The rows of `sample.csv`.
    receipt
        The bytes of `receipt.json`.
    """
    digest = hashlib.sha256(receipt).hexdigest()
    record = record_page(
        commit, json.loads(receipt), digest, campaign.settings.lang, names=_names(campaign.villages())
    )
    sealed = {place.DRAW_PAGE: page("draw").encode()} if commit["design"]["sealed"] else {}
    return {
        place.SAMPLE: csv_bytes(sample),
        place.VERIFIER: Path(verify.__file__).read_bytes(),
        place.VERIFY_PAGE: page("verify").encode(),
        place.RECORD: record.encode(),
        **sealed,
        **sealed_packs(commit, frame, lists, sample),
        place.RECEIPT: receipt,
    }


def _names(villages: pd.DataFrame) -> dict[str, str]:
    """Names of towns and villages by id, where they are known."""
    pairs = [("township", "township_name"), ("village", "village_name")]
    known = [dict(zip(villages[id], villages[name], strict=True)) for id, name in pairs]
    return {id: name for part in known for id, name in part.items() if name}
