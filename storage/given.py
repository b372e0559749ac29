"""Many numbers given to a statement as one value, which the database unrolls into rows.

As rows or as values of IN (…) each of them costs more on its way there than its look-up does.
"""

import json
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Dialect, String, TableValuedAlias, TypeDecorator, bindparam, column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine


class _Numbers(TypeDecorator[list[int]]):
    """Whole numbers of 64 bits: a JSON list in SQLite, an array in PostgreSQL."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type that the database knows."""
        return dialect.type_descriptor(ARRAY(BigInteger()) if dialect.name == "postgresql" else String())

    def process_bind_param(self, value: list[int] | None, dialect: Dialect) -> list[int] | str | None:
        """Return what the driver takes."""
        return value if value is None or dialect.name == "postgresql" else json.dumps(value)


class _Unrolled(FunctionElement[Any]):
    """The function that makes rows of numbers."""

    name = "unrolled"
    inherit_cache = True


@compiles(_Unrolled)
def _json_each(element: _Unrolled, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401  # the hook's form
    return f"json_each{compiler.process(element.clause_expr, **options)}"


@compiles(_Unrolled, "postgresql")
def _unnest(element: _Unrolled, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401  # as above
    return f"unnest{compiler.process(element.clause_expr, **options)}"


def given(name: str) -> TableValuedAlias:
    """Return the list of numbers that a statement is given under a name, as a table; `c.value` are the numbers."""
    # PostgreSQL calls the column of such a table as the table is called, SQLite always "value": so the table is, too.
    numbers = _Unrolled(bindparam(name, type_=_Numbers))
    return numbers.table_valued(column("value", BigInteger), name="value")
