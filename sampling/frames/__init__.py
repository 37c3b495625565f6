"""What can be drawn: a roll or a list of villages, read and checked, and the frame that they make."""

from sampling.frames.frame import Frame, make_frame, read_frame
from sampling.frames.hashes import fingerprint
from sampling.frames.roll import Roll, Villages, read_roll, read_villages

__all__ = [
    "Frame",
    "Roll",
    "Villages",
    "fingerprint",
    "make_frame",
    "read_frame",
    "read_roll",
    "read_villages",
]
