"""`tonle db`: the corpus itself."""

import typer

from app.cli import database_backup, database_check, database_prune
from app.cli.options import console, desk_of, progress
from notify.phrases import number_of
from pipelines.anew import Anew
from pipelines.relate import Kinship

group = typer.Typer(help="The corpus.", no_args_is_help=True)

rebuild = typer.Typer(help="Make a part of the corpus anew from the articles.", no_args_is_help=True)
group.add_typer(rebuild, name="rebuild")
for part in (database_backup, database_check, database_prune):
    part.register(group)


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


@rebuild.command()
def fingerprints(context: typer.Context) -> None:
    """Make anew by what texts are found to be versions of a story, then find all stories anew.

    What persons said of two articles stays. Killed in between, it is to be run again.
    """
    desk = desk_of(context)
    with desk.corpus() as store:
        anew = Anew(store, Kinship(desk.config.duplicates), desk.clock)
        with progress("the index"):
            number = anew.index()
        with progress("finding stories", number) as done:
            for _ in anew.stories():
                done("")
        with store.reading() as corpus:
            stories = corpus.stories.count()
    console().print(f"The fingerprints of {number_of(number, 'article')} were made anew.")
    console().print(f"Stories of several versions: {stories:,}.")
