"""Whether an utterance is Dutch at all, told by the small words in it."""

import re
from functools import lru_cache
from importlib import import_module

from objection_nlp.dutch.word_lists import read_lists

_LETTERS = re.compile(r"[^\W\d_]{2,30}")


def is_foreign(text: str) -> bool:
    """Say whether a text is in another language than Dutch, by the small words in it.

    At least two of one other language (``dutch.toml`` lists them), and more of those than of
    spaCy's Dutch stop words. Dutch with foreign words in it stays Dutch.

    Examples
    --------
    >>> is_foreign("Sorry, I don't speak Dutch, who is this?")
    True
    >>> is_foreign("sorry who dis, bel me later maar terug")
    False
    """
    dutch, others, any_other = _small_words()
    lowered = text.lower()
    # Most Dutch texts end here: they hold none of those words.
    if any_other.isdisjoint(lowered.split()):
        return False
    words = _LETTERS.findall(lowered)
    n_dutch = sum(word in dutch for word in words)
    return any(max(n_dutch + 1, 2) <= sum(word in other for word in words) for other in others)


@lru_cache(maxsize=1)
def _small_words() -> tuple[frozenset[str], tuple[frozenset[str], ...], frozenset[str]]:
    """Return the small words of Dutch, those of each other language alone, and all the latter."""
    dutch = frozenset(import_module("spacy.lang.nl.stop_words").STOP_WORDS)
    others = tuple(frozenset(words) - dutch for words in read_lists()["foreign"].values())
    return dutch, others, frozenset().union(*others)
