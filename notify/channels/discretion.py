"""Keeping libraries from telling in logs of their own what is nobody's business: addresses that hold tokens."""

import logging

# These say each address that they ask at DEBUG, and some what they sign; at ERROR none of them has anything to say.
_TALKATIVE = ("urllib3", "requests", "oauthlib", "requests_oauthlib")


def silence(*more: str) -> None:
    """Let the libraries that speak HTTP say errors alone, and `more`, by the names of their loggers, nothing at all."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.ERROR)
    for name in more:
        logging.getLogger(name).disabled = True
