"""A chart as pixels, for files that cannot hold lines."""

import io
import json
from functools import cache

import typst

from sampling.forms.printing import ONE_AT_A_TIME

PAGE = b"""#set page(width: auto, height: auto, margin: 0pt)
#image(bytes(json(bytes(sys.inputs.data))), format: "svg")
"""
PPI = 200


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(font_paths=typst.Fonts(include_system_fonts=False))


def png_of(svg: str) -> io.BytesIO:
    """The picture as PNG; the same picture gives the same bytes."""
    data = json.dumps(svg, ensure_ascii=False)
    with ONE_AT_A_TIME:
        pixels = _compiler().compile(input=PAGE, format="png", ppi=PPI, sys_inputs={"data": data})
    assert isinstance(pixels, bytes)
    return io.BytesIO(pixels)
