"""The whole line on an invented county: what a newcomer runs first."""

from sampling.demo.demo import run_demo

__all__ = ["run_demo"]
