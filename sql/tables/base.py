"""How tables are written down here: a grain, columns with a meaning, which of them are volatile."""

from typing import Any

from sqlalchemy import Column, MetaData, Table
from sqlalchemy.types import TypeEngine

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def column(
    name: str,
    type_: TypeEngine[Any] | type[TypeEngine[Any]],
    meaning: str,
    *,
    key: bool = False,
    required: bool = False,
    volatile: bool = False,
) -> Column[Any]:
    """One column.

    Args:
        name: its name.
        type_: its type.
        meaning: unit and meaning; becomes the database comment and the documentation.
        key: part of the primary key.
        required: never null.
        volatile: differs between two runs on the same data (clocks, process ids); left out when
            whole databases are compared.
    """
    return Column(
        name, type_, primary_key=key, nullable=not (key or required), comment=meaning, info={"volatile": volatile}
    )


def table(name: str, grain: str, *columns: Any) -> Table:
    """One table; the grain becomes its comment."""
    return Table(name, METADATA, *columns, comment=grain)
