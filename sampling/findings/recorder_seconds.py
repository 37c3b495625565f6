"""Second entries: which are still to be made, and in what the two of one form differ."""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

import pandas as pd

from sampling.findings.expected import Key
from sampling.findings.quarantine import NOTHING
from sampling.findings.recorder_cells import Entry, cells_of
from sampling.findings.recorder_search import Papers
from sampling.findings.recording import in_double_entry
from sampling.findings.state import FINDING, State
from sampling.forms.layout import ANSWER_FIELDS, MEMBER_FIELDS

DIFFERENCES = ("serial", "list", "village", "household", "member", "field", "first", "second")


def seconds_to_enter(state: State, papers: Papers, share: Fraction) -> tuple[str, ...]:
    """The serials of forms that were typed once and are to be typed once more, in order.

    What teams typed themselves, into workbooks and phones, is not typed from paper and not asked for again.
    """
    typed = {
        held["finding"]["serial"]
        for key, held in state.findings.items()
        if held["kind"] == FINDING and held.get("by") and key not in state.second_entries
    }
    return tuple(sorted(one for one in typed if in_double_entry(papers.tickets.get(one, ""), share)))


def differences(state: State, vault: Mapping[str, Mapping] = NOTHING) -> pd.DataFrame:
    """The answers in which first and second entry differ, one row each.

    Parameters
    ----------
    state
        Of the register.
    vault
        What the vault holds of both entries, by hash; see `differing_hashes`.

    Returns
    -------
    DataFrame
        serial, list, village, household; `member` (the number of a member, empty for the household's own
        answers); `field`, `first`, `second`: codes, ISO dates, yuan, all text. Personal.
    """
    rows = [row for key in state.differing for row in _rows(key, state, vault)]
    table = pd.DataFrame(rows, columns=list(DIFFERENCES), dtype="str")
    return table.sort_values("serial", kind="stable", ignore_index=True)


def differing_hashes(state: State) -> list[str]:
    """What the vault must be asked for, to show differences whole."""
    entries = (held for key in state.differing for held in both_entries(state, key))
    return [held["personal"] for held in entries if "personal" in held]


def both_entries(state: State, key: Key) -> tuple[Mapping, Mapping]:
    """First and second entry of one form, as the register holds them."""
    return state.findings[key], state.second_entries[key]


def entry_in(held: Mapping, vault: Mapping[str, Mapping]) -> Entry:
    """The answers of what the register holds; without the personal ones where the vault was not asked."""
    return cells_of(held["finding"], vault.get(held.get("personal", ""), {}))


def _rows(key: Key, state: State, vault: Mapping[str, Mapping]) -> Iterator[dict[str, str]]:
    first, second = both_entries(state, key)
    place = {name: first["finding"][name] for name in ("serial", "list", "village", "household")}
    for member, field, one, other in unlike(entry_in(first, vault), entry_in(second, vault)):
        yield {**place, "member": member, "field": field, "first": one, "second": other}


def unlike(first: Entry, second: Entry) -> Iterable[tuple[str, str, str, str]]:
    """The cells in which two entries differ: member, field, what the one says, what the other says."""
    for field in ANSWER_FIELDS:
        if first[0][field] != second[0][field]:
            yield "", field, first[0][field], second[0][field]
    for number in range(max(len(first[1]), len(second[1]))):
        one, other = (entry[1][number] if number < len(entry[1]) else {} for entry in (first, second))
        for field in MEMBER_FIELDS:
            if one.get(field, "") != other.get(field, ""):
                yield str(number + 1), field, one.get(field, ""), other.get(field, "")
