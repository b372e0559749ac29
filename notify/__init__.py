"""Tells people: the digest, the alerts, and how messages reach them through the outbox."""
