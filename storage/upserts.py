"""INSERT … ON CONFLICT, in the one place that says of which dialect it is.

SQLite's. PostgreSQL's compiles for both, but to import it is one part in twenty-five of a crawl that finds nothing new;
a corpus that is kept there would take its own here.
"""

from sqlalchemy.dialects.sqlite import insert

__all__ = ["insert"]
