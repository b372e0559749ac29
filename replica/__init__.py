"""A local stand-in for the sites that are crawled: built from what is known of them, with their traps.

It is a stranger to the rest of the house: it imports none of it, and only tests and the demo know that it exists.
"""

from replica.ledger import LogEntry
from replica.server import Replica
from replica.truth import DocumentTruth, Truth

__all__ = ["DocumentTruth", "LogEntry", "Replica", "Truth"]
