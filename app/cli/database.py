"""`tonle db`: the corpus itself."""

import typer

from app.cli.options import console, desk_of
from core.errors import StorageError

group = typer.Typer(help="The corpus.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="db")


@group.command()
def upgrade(context: typer.Context) -> None:
    """Bring the corpus to this program's schema; every command does so when it opens it."""
    with desk_of(context).corpus() as store:
        console().print(f"The corpus is at schema {store.version()}.")


@group.command()
def reindex(context: typer.Context) -> None:
    """Make anew what follows from articles and addresses: the search index, what is known of each source's lines."""
    with desk_of(context).corpus() as store, store.transaction() as corpus:
        corpus.search.rebuild()
        corpus.passages.rebuild()
    console().print("The search index and what is known of lines were made anew.")


@group.command()
def check(context: typer.Context) -> None:
    """Check the corpus: file, references, search index. Exit code 4 with what is wrong."""
    desk = desk_of(context)
    with desk.corpus() as store:
        problems = store.check()
    if problems:
        raise StorageError(f"{desk.config.corpus}: {' '.join(problems)}")
    console().print(f"{desk.config.corpus} is sound.", markup=False, soft_wrap=True)
