"""The sub-commands of the command line, in the order of the line."""

from sampling.commands.table import COMMANDS
from sampling.commands.telling import BUSY, REFUSED, tell_problems

__all__ = ["BUSY", "COMMANDS", "REFUSED", "tell_problems"]
