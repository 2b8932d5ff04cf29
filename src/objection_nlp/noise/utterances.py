"""Speech noise: what a recogniser of Dutch makes of a clear sentence, at a level that is met.

For training that has to bear bad recordings, and for stress tests. Words are dropped and doubled,
taken for words that sound alike, compounds split and joined, figures spoken out, fillers put in,
the beginning and the end cut off; capitals and punctuation get lost. Negations stay as they are
and none is ever put in, so that a label stays true.
"""

import random
import re
from collections.abc import Callable, Sequence
from hashlib import blake2b

from rapidfuzz.distance import Levenshtein

from objection_nlp.checking.word_table import words_of
from objection_nlp.errors import DataError
from objection_nlp.noise.homophones import sounds
from objection_nlp.noise.spoken_numbers import spoken_figure

MOST = 0.5
# Chances per text.
_LOSES_CAPITALS = _LOSES_PUNCTUATION = 0.8
_IS_CUT = 0.15
_LONGEST_CUT = 3
# How often a place is tried before the level is given up, per word: short texts have few places.
_TRIES = 12

_CORE = re.compile(r"[\w'](?:.*\w)?")
_OUTER_PUNCTUATION = re.compile(r"(?<!\S)[^\w\s'’€@#]+|[^\w\s'’€%]+(?!\S)")

Slots = list[list[str]]


def word_error_rate(reference: str, heard: str) -> float:
    """Return the share of wrong words: replaced, dropped and put in, per word of the reference.

    Case and punctuation do not count.

    Examples
    --------
    >>> word_error_rate("Ik heb die factuur niet.", "ik heb vactuur niet hoor")
    0.6
    """
    words = words_of(reference)
    return Levenshtein.distance(words, words_of(heard)) / len(words)


class Noise:
    """Makes clear texts look as a recogniser writes them.

    The same text, level and seed give the same result, whatever was asked before.

    Parameters
    ----------
    word_error_rate : float, default 0.2
        The share of words that come out wrong, from 0 (nothing is changed) to 0.5, on average
        over texts; counted as :func:`word_error_rate` does.
    seed : int, default 0
        Another seed, another noise.

    Raises
    ------
    DataError
        If the level is not between 0 and 0.5.

    Examples
    --------
    >>> noise = Noise(word_error_rate=0.3, seed=1)
    >>> text = "Nee, die factuur van € 125 heb ik op ons postadres nooit ontvangen."
    >>> noise.augment(text) == noise.augment(text)
    True
    >>> "nooit" in noise.augment(text)
    True
    """

    def __init__(self, word_error_rate: float = 0.2, seed: int = 0) -> None:
        if not 0 <= word_error_rate <= MOST:
            raise DataError(
                f"a word error rate of {word_error_rate} came; give one from 0 to {MOST}: "
                "beyond that little of a sentence is left"
            )
        self.word_error_rate = word_error_rate
        self.seed = seed

    def augment(self, text: str, copy: int = 0) -> str:
        """Return the text with noise.

        Parameters
        ----------
        text : str
            What was said.
        copy : int, default 0
            Another number gives another noise for the same text.

        Returns
        -------
        str
            What was heard; never empty where the text holds a word.
        """
        if not self.word_error_rate or not text.strip():
            return text
        chance = random.Random(_number(f"{self.seed} {copy} {text}"))  # noqa: S311
        wrong = self.word_error_rate * len(words_of(text))
        budget = int(wrong) + (chance.random() < wrong % 1)
        return _worn(_with_errors(text, budget, chance), chance)


def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest())


def _with_errors(text: str, budget: int, chance: random.Random) -> str:
    """Change words until so many count as wrong."""
    said, words = words_of(text), text.split()
    slots: Slots = [[word] for word in words]
    wrong = 0
    if chance.random() < _IS_CUT:
        wrong = _cut(slots, words, budget, chance)
    for _ in range(_TRIES * len(words)):
        if wrong == budget:
            break
        place = chance.randrange(len(words))
        before = slots[place : place + 2]
        if before[0] != [words[place]] or not _change(slots, words, place, chance):
            continue
        now = Levenshtein.distance(said, words_of(_joined(slots)))
        if wrong < now <= budget and any(slots):
            wrong = now
        else:
            slots[place : place + 2] = before
    return _joined(slots)


def _joined(slots: Slots) -> str:
    return " ".join(word for slot in slots for word in slot)


def _cut(slots: Slots, words: Sequence[str], budget: int, chance: random.Random) -> int:
    """Cut off the beginning or the end, unless a negation would go; return how many words."""
    size = min(chance.randint(1, _LONGEST_CUT), budget, len(words) - 1)
    places = range(size) if chance.random() < 0.5 else range(len(words) - size, len(words))
    if any(_is_negation(words[place]) for place in places):
        return 0
    for place in places:
        slots[place] = []
    return sum(len(words_of(words[place])) for place in places)


# --- what can happen to one word -------------------------------------------------------------


def _change(slots: Slots, words: Sequence[str], place: int, chance: random.Random) -> bool:
    """Try one kind of error on the word at ``place``; say whether anything was changed."""
    if _is_negation(words[place]):
        slots[place] = [chance.choice(sounds().fillers), words[place]]
        return True
    (kind,) = chance.choices(list(_KINDS), weights=list(_KINDS.values()))
    return kind(slots, words, place, chance)


def _drop(slots: Slots, words: Sequence[str], place: int, chance: random.Random) -> bool:
    slots[place] = []
    return True


def _double(slots: Slots, words: Sequence[str], place: int, chance: random.Random) -> bool:
    slots[place] = [words[place], words[place]]
    return True


def _fill(slots: Slots, words: Sequence[str], place: int, chance: random.Random) -> bool:
    slots[place] = [chance.choice(sounds().fillers), words[place]]
    return True


def _mishear(slots: Slots, words: Sequence[str], place: int, chance: random.Random) -> bool:
    """Replace a word by one that sounds alike; with two words where a compound was one."""
    alike = sounds().alike.get(_plain(words[place]))
    if not alike:
        return False
    slots[place] = [_in_place_of(words[place], chance.choice(alike))]
    return True


def _join(slots: Slots, words: Sequence[str], place: int, chance: random.Random) -> bool:
    """Make one word of two that sound like it."""
    if place + 1 == len(words) or slots[place + 1] != [words[place + 1]]:
        return False
    alike = sounds().alike.get(f"{_plain(words[place])} {_plain(words[place + 1])}")
    if not alike:
        return False
    slots[place : place + 2] = [[_in_place_of(words[place], chance.choice(alike))], []]
    return True


def _speak_figure(slots: Slots, words: Sequence[str], place: int, chance: random.Random) -> bool:
    said = spoken_figure(words[place])
    if said is None:
        return False
    slots[place] = [said]
    return True


_Kind = Callable[[Slots, Sequence[str], int, random.Random], bool]
# Few words have a homophone or are a figure: these kinds are tried most to come out even.
_KINDS: dict[_Kind, int] = {
    _mishear: 12,
    _join: 6,
    _speak_figure: 6,
    _drop: 3,
    _double: 2,
    _fill: 1,
}


def _plain(word: str) -> str:
    match = _CORE.search(word)
    return match.group().casefold() if match else word


def _is_negation(word: str) -> bool:
    return any(part in sounds().negations for part in words_of(word))


def _in_place_of(word: str, other: str) -> str:
    """Put another word in the place of one, with the capital and the punctuation it had."""
    match = _CORE.search(word)
    assert match is not None  # only words that stand in the list are replaced
    other = other.capitalize() if match.group()[0].isupper() else other
    return word[: match.start()] + other + word[match.end() :]


def _worn(text: str, chance: random.Random) -> str:
    """Lose capitals and punctuation, as most recognisers do."""
    if chance.random() < _LOSES_CAPITALS:
        text = text.lower()
    if chance.random() < _LOSES_PUNCTUATION:
        text = " ".join(_OUTER_PUNCTUATION.sub(" ", text).split()) or text
    return text
