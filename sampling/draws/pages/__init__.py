"""The two pages of the draw: verify.html checks one, draw.html makes one in a village. Each is one file, offline."""

from sampling.draws.pages.assemble import page

__all__ = ["page"]
