"""Words that any file format can hold."""

import re
import unicodedata

NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Signs that XML 1.0 does not know: control characters, halves of pairs."""
GONE = "�"


def clean(words: str) -> str:
    """The words with a replacement sign for every sign that no XML may hold.

    >>> clean("a\\x00b")
    'a�b'
    """
    return NOT_IN_XML.sub(GONE, words)


def half_signs(words: str) -> int:
    """The width of words: a Chinese sign, and one that Chinese fonts draw as wide, is two Latin ones."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in words)


def longest_word(words: str) -> int:
    """The width of what must not be broken: the longest run of Latin letters and digits.

    >>> longest_word("每月 amount of money")
    6
    """
    return max(map(len, re.findall(r"[A-Za-z0-9.,%-]+", words)), default=0)
