"""The same draw where memory is short: from files through DuckDB, from parts through Dask."""

from sampling.draws.engines.files import draw_files
from sampling.draws.engines.hashing import fingerprint_files, fingerprint_parts
from sampling.draws.engines.sources import FrameFiles, FrameParts
from sampling.draws.engines.spread import draw_parts
from sampling.draws.engines.stored import StoredSample
from sampling.draws.sample import draw

draw.register(FrameFiles, draw_files)  # type: ignore[arg-type]  # a StoredSample answers as a Sample does
draw.register(FrameParts, draw_parts)

__all__ = [
    "FrameFiles",
    "FrameParts",
    "StoredSample",
    "draw_files",
    "draw_parts",
    "fingerprint_files",
    "fingerprint_parts",
]
