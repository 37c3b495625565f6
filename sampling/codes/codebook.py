"""The code lists of one campaign: the built-in ones, and reasons of the county's own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from sampling.codes.labels import code_of, label, same
from sampling.codes.tables import REASONS


@dataclass(frozen=True, kw_only=True)
class Codebook:
    """Reasons as a campaign has them.

    `own` are the county's: by verdict, then by code, what people read in each language.
    """

    own: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def reasons(self) -> tuple[str, ...]:
        """All reasons, each once, `other` last."""
        listed = (reason for verdict in REASONS for reason in self.reasons_of(verdict))
        return (*dict.fromkeys(reason for reason in listed if reason != "other"), "other")

    def reasons_of(self, verdict: str) -> tuple[str, ...]:
        """The reasons that a verdict can have, the county's own before `other`."""
        built_in = REASONS.get(verdict, ())
        return (*built_in[:-1], *self.own.get(verdict, {}), *built_in[-1:])

    def label(self, reason: str, lang: str) -> str:
        """What people read for a reason."""
        return self._labels.get(reason, {}).get(lang) or label("reason", reason, lang)

    def code_of(self, written: str) -> str | None:
        """The code of a reason as somebody wrote it, in any language; None if there is no such."""
        words = {same(word): code for code, names in self._labels.items() for word in (code, *names.values())}
        return words.get(same(written)) or code_of("reason", written)

    @property
    def _labels(self) -> dict[str, Mapping[str, str]]:
        return {code: names for codes in self.own.values() for code, names in codes.items()}


BUILT_IN = Codebook()
"""The code lists of a county without reasons of its own."""
