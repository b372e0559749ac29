"""The Phnom Penh Post: the many ways in which it writes the address of one story."""

import re
from unicodedata import normalize
from urllib.parse import quote
from zlib import crc32

WWW = "https://www.phnompenhpost.com"
MOBILE = "http://m.phnompenhpost.com"
# Before and after the path: on which host, and with which query or fragment a link was once copied.
_WAYS = (
    ("", ""),
    (WWW, ""),
    ("", ""),
    (MOBILE, "?utm_source=m-site&utm_medium=card"),
    ("http://www.phnompenhpost.com", ""),
    ("https://phnompenhpost.com", "?fbclid=IwAR0replica1d2e3a4d"),
    ("http://mail.phnompenhpost.com", ""),
    ("", "?utm_campaign=front&utm_source=site#comments"),
)


def address(path: str, salt: str) -> str:
    """Return a path as the site happens to write it; the same path and salt give the same address."""
    before, after = _WAYS[crc32(salt.encode()) % len(_WAYS)]
    return before + spelled(path, salt) + after


def spelled(path: str, salt: str) -> str:
    """Return a path in one of the spellings that browsers take for one: letters composed or not, escaped or not."""
    if path.isascii():
        return path
    composed, parted = normalize("NFC", path), normalize("NFD", path)
    lower = re.sub(r"%[0-9A-F]{2}", lambda found: found[0].lower(), quote(parted))
    return (quote(composed), lower, composed, quote(parted))[crc32(salt.encode()) // len(_WAYS) % 4]
