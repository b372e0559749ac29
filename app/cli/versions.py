"""The versions of a story as commands tell of them: what each is to another, and what it has less and more."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from core.model import CopyAddress
from core.stories import Relation, Version
from notify.phrases import in_a_row, number_of
from pipelines.cuts import Cut, cut
from storage.store import Corpus

WORDS = {
    Relation.SAME: "the same",
    Relation.COPY: "copy",
    Relation.EXCERPT: "excerpt",
    Relation.EXTENDED: "longer",
    Relation.REWRITE: "told anew",
    Relation.QUOTATION: "quotation",
    Relation.UNRELATED: "unrelated",
}
"""What people are told for a relation of one text to another."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A version, and what it is to the article that it was held against.

    relation is None where nothing was found of the two directly: another version ties them, or a person.
    """

    version: Version
    relation: Relation | None
    cut: Cut

    @property
    def told(self) -> str:
        """What it is, and has less and more, on one line."""
        words = [WORDS[self.relation]] if self.relation else []
        found = self.cut
        less = _number(found.paragraphs_less, found.words_less, "less")
        more = _number(found.paragraphs_more, found.words_more, "more")
        return ", ".join([*words, *filter(None, (less, more))]) or "word for word"

    def as_json(self) -> dict[str, object]:
        """Return it for scripts."""
        relation = self.relation.value if self.relation else None
        found = asdict(self.cut) | {"share": round(self.cut.share, 3)}
        return version_json(self.version) | {"relation": relation} | found


def version_json(version: Version) -> dict[str, object]:
    """Return a version for scripts."""
    return {
        "id": version.article_id,
        "source": version.source,
        "url": version.url,
        "title": version.title,
        "published_at": version.published_at.isoformat() if version.published_at else None,
        "representative": version.is_representative,
    }


def copy_json(copy: CopyAddress) -> dict[str, object]:
    """Return an address that carries an article word for word, for scripts."""
    published = copy.published_at.isoformat() if copy.published_at else None
    return {"source": copy.source, "url": copy.url, "title": copy.title, "published_at": published}


def carried(corpus: Corpus, article_id: int, versions: Sequence[Version]) -> tuple[Carried, ...]:
    """Return versions of a story, other than an article itself, held against this article."""
    relations = corpus.stories.relations([version.article_id for version in versions])
    texts = corpus.articles.texts([article_id, *(version.article_id for version in versions)])
    others = (version for version in versions if version.article_id != article_id)
    return tuple(_held(version, article_id, relations, texts) for version in others)


def outlets(sources: Sequence[str], titles: Mapping[str, str]) -> str:
    """Return where versions stand, each outlet once, with a number where it has several."""
    names = dict.fromkeys(sources)
    return in_a_row(_counted(titles.get(name, name), sources.count(name)) for name in names)


def _held(
    version: Version,
    article_id: int,
    relations: Mapping[tuple[int, int], Relation],
    texts: Mapping[int, tuple[str, str]],
) -> Carried:
    found = cut(texts[version.article_id][1], texts[article_id][1])
    return Carried(version, relations.get((version.article_id, article_id)), found)


def _counted(title: str, number: int) -> str:
    return title if number == 1 else f"{title} ({number})"


def _number(paragraphs: int, words: int, than: str) -> str:
    parts = [number_of(count, noun) for count, noun in ((paragraphs, "paragraph"), (words, "word")) if count]
    return f"{in_a_row(parts)} {than}" if parts else ""
