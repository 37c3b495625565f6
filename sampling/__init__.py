"""Inspection sampling: the public names, in the order of the line.

roll → frame → design → draw → visits → forms → findings → estimates → report

The names stand in `__init__.pyi`; each room is loaded when one of its names is asked for.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
