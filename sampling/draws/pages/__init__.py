"""The pages of the draw, each one offline file: verify.html checks a draw, draw.html draws a village."""

from sampling.draws.pages.assemble import page

__all__ = ["page"]
