"""INSERT … ON CONFLICT, in the one place that says of which dialect it is.

Statements are made as SQLite's. For PostgreSQL the clause is said anew where a statement is compiled: its dialect is
loaded by then, and only by who has a connection to it. To import it is one part in twenty-five of a crawl that finds
nothing new.
"""

from typing import Any

from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.dialects.sqlite.dml import OnConflictDoNothing, OnConflictDoUpdate
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

__all__ = ["insert"]


@compiles(OnConflictDoNothing, "postgresql")
def _nothing(clause: OnConflictDoNothing, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401  # the hook's form
    from sqlalchemy.dialects.postgresql import dml  # noqa: PLC0415  # see above: a crawl into SQLite does without

    said = dml.OnConflictDoNothing(
        index_elements=clause.inferred_target_elements, index_where=clause.inferred_target_whereclause
    )
    return compiler.process(said, **options)


@compiles(OnConflictDoUpdate, "postgresql")
def _update(clause: OnConflictDoUpdate, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401  # as above
    from sqlalchemy.dialects.postgresql import dml  # noqa: PLC0415  # as above

    said = dml.OnConflictDoUpdate(
        index_elements=clause.inferred_target_elements,
        index_where=clause.inferred_target_whereclause,
        set_=clause.update_values_to_set,
        where=clause.update_whereclause,
    )
    return compiler.process(said, **options)
