"""Rows of stage 2 put together: what a village says stands once, with a reference from each of its rows."""

import numpy as np
import pyarrow as pa

from sampling.draws.roles import MAIN, RESERVE

OF_PLACE = ("township", "stratum", "village", "N", "n", "M", "m")
CHANCES = {"pi_stage": "own", "pi": "pi", "weight": "weight"}


def assembled(list_name: str, places: pa.Table, units: pa.Table, chances: pa.Table) -> pa.Table:
    """The columns of the sample, and an empty substratum, for the households of some villages.

    Parameters
    ----------
    places
        The villages in order: the texts of `OF_PLACE`, then m and the number of rows as numbers.
    units
        household, ticket and number (a row of `chances`), village by village, by rank.
    chances
        Texts by number; the last are those of a reserve, which has none.
    """
    m, counts = (places[len(OF_PLACE) + i].to_numpy() for i in (0, 1))
    place = np.repeat(np.arange(len(counts)), counts)
    rank = np.arange(len(place)) - np.repeat(np.cumsum(counts) - counts, counts)
    reserve = rank >= m[place]
    number = np.where(reserve, len(chances) - 1, units["number"].to_numpy())
    nothing = np.zeros(len(place), dtype="int64")
    ranks = [str(one + 1) for one in range(counts.max(initial=0))]
    columns = {name: _coded(places[i], place) for i, name in enumerate(OF_PLACE)}
    columns |= {name: units[name] for name in ("household", "ticket")}
    columns |= {name: _coded(chances[short], number) for name, short in CHANCES.items()}
    columns |= {"role": _coded(pa.array([MAIN, RESERVE]), reserve.astype("int64"))}
    columns |= {"rank": _coded(pa.array(ranks, pa.string()), rank)}
    constants = {"stage": "2", "list": list_name, "substratum": ""}
    return pa.table(columns | {name: _coded(pa.array([one]), nothing) for name, one in constants.items()})


def _coded(texts: pa.ChunkedArray | pa.Array, rows: np.ndarray) -> pa.DictionaryArray:
    """For every row the text at that place; each text is kept once."""
    whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    known = whole.dictionary_encode()
    return pa.DictionaryArray.from_arrays(known.indices.take(pa.array(rows)), known.dictionary)
