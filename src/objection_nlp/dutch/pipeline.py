"""Spoken Dutch in, plain word forms out: cleaning, masking, and the spaCy pipeline behind them.

An utterance in another language has nothing to read: it comes out without word forms. Any other
goes through four steps, each a function that can be read alone:

1. ``masking`` finds amounts, dates, IBANs, telephone numbers, e-mail addresses and reference
   numbers in the raw text;
2. the spaCy pipeline tokenises what is left (a trained one adds lemmas, parts of speech and
   entities, so that names can be masked);
3. ``_plain`` brings each token to one plain spelling (case, punctuation, Flemish and chat forms);
4. ``_tidy`` takes out what a speaker says twice and joins spoken numbers into masks.

Nothing that turns a meaning round (*niet*, *geen*, *nooit*) is ever left out.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module, metadata
from typing import TYPE_CHECKING

from objection_nlp.dutch.language import is_foreign
from objection_nlp.dutch.masking import (
    AMOUNT,
    DATE,
    MASKS,
    MONTH,
    NAME,
    NUMBER,
    REFERENCE,
    WEEKDAY,
    chunk_texts,
    chunks,
    find_masks,
)
from objection_nlp.dutch.word_lists import Words, words
from objection_nlp.errors import DataError, PipelineError

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Token

BLANK = "blank:nl"

# A longer run of characters without a blank is no Dutch word; its head tells enough.
_MAX_WORD = 64
# Trained pipelines need memory in proportion to the text: they get long turns in pieces.
_MAX_PIECE = 5_000
_MAX_CACHED = 200_000


@dataclass(slots=True)
class Utterance:
    """One utterance as the features see it.

    Attributes
    ----------
    text : str
        What came in, untouched.
    forms : list of str
        The plain word forms.
    lemmas : list of str or None
        ``lemma/POS`` per form, where the pipeline gives them.
    """

    text: str
    forms: list[str] = field(default_factory=list)
    lemmas: list[str] | None = None
    _units: list[int] = field(default_factory=list)
    _offsets: list[tuple[int, int]] | None = None

    def span(self, index: int) -> tuple[int, int]:
        """Return where form number ``index`` stands in ``text``: start and end in characters."""
        if self._offsets is None:
            self._offsets = [(start, end) for _, start, end in chunks(self.text)]
        return self._offsets[self._units[index]]


class DutchPipeline:
    """Turns texts into :class:`Utterance` objects with a spaCy pipeline.

    Parameters
    ----------
    name : str, default "blank:nl"
        ``blank:nl`` is spaCy's Dutch tokeniser, which comes with spaCy itself. The name of an
        installed pipeline, such as ``nl_core_news_sm``, adds lemmas, parts of speech and,
        where it has entities, masking of names.

    Raises
    ------
    PipelineError
        If the pipeline is not installed or is not Dutch. The message gives the command that
        installs it.

    Examples
    --------
    >>> pipeline = DutchPipeline()
    >>> pipeline.clean("Euh, da factuurke van € 120,50 hebben we nie gekregen, nie gekregen!")
    'dat factuur van _bedrag_ hebben we niet gekregen'
    """

    def __init__(self, name: str = BLANK) -> None:
        self.name = name
        self._nlp = _load(name)
        self._cache: dict[str, tuple[str, ...]] = {}

    @property
    def version(self) -> str:
        """Name and version of the pipeline, as a model directory records it."""
        if self.name == BLANK:
            return f"{BLANK} (spaCy {metadata.version('spacy')})"
        return f"{self.name} {self._nlp.meta.get('version', '?')}"

    def clean(self, text: str) -> str:
        """Return the plain word forms of one text, joined by blanks."""
        return " ".join(self.analyse([text])[0].forms)

    def analyse(self, texts: Sequence[str]) -> list[Utterance]:
        """Clean, mask and tokenise texts.

        Parameters
        ----------
        texts : sequence of str

        Returns
        -------
        list of Utterance
            One per text, in order; without forms where a text holds no word or is not Dutch.
        """
        if self.name == BLANK:
            return [Utterance(text) if is_foreign(text) else self._by_chunk(text) for text in texts]
        return self._in_context(texts)

    def _by_chunk(self, text: str) -> Utterance:
        """Take the fast path: the blank tokeniser never looks past a blank, so words are cached."""
        utterance = Utterance(text)
        cache, forms, units = self._cache, utterance.forms, utterance._units
        for unit, chunk in enumerate(chunk_texts(text)):
            plain = cache.get(chunk)
            if plain is None:
                plain = self._remember(chunk)
            for form in plain:
                _tidy(form, unit, forms, units)
        return utterance

    def _remember(self, chunk: str) -> tuple[str, ...]:
        if len(self._cache) >= _MAX_CACHED:
            self._cache.clear()
        if chunk in MASKS:
            plain: tuple[str, ...] = (chunk,)
        else:
            tokens = self._nlp.make_doc(_readable(chunk))
            plain = tuple(form for token in tokens for form in _plain(token.text))
        self._cache[chunk] = plain
        return plain

    def _in_context(self, texts: Sequence[str]) -> list[Utterance]:
        """Take the rich path: whole texts go through the trained pipeline."""
        utterances = [Utterance(text, lemmas=[], _offsets=[]) for text in texts]
        pieces = (
            (piece, (utterance, offset))
            for utterance in utterances
            if not is_foreign(utterance.text)
            for piece, offset in _pieces(utterance.text)
        )
        for doc, (utterance, offset) in self._nlp.pipe(pieces, as_tuples=True):
            _add_doc(utterance, doc, offset)
        return utterances


def _add_doc(utterance: Utterance, doc: "Doc", offset: int) -> None:
    """Append the tokens of one parsed piece, which starts at ``offset``, to its utterance."""
    lemmas, offsets = utterance.lemmas, utterance._offsets
    assert lemmas is not None and offsets is not None
    masks = {start: (end, mask) for start, end, mask in find_masks(doc.text)}
    masked_until = 0
    for token in doc:
        if token.idx < masked_until:
            continue
        end, mask = masks.get(token.idx, (token.idx + len(token), None))
        masked_until = end
        unit = len(offsets)
        offsets.append((offset + token.idx, offset + end))
        for form in (mask,) if mask else _plain_in_context(token):
            if _tidy(form, unit, utterance.forms, utterance._units):
                lemmas.append(f"{token.lemma_.lower()}/{token.pos_}" if mask is None else form)
            del lemmas[len(utterance.forms) :]


def check_texts(texts: Iterable[str]) -> list[str]:
    """Return the texts as a list, or say which one is no text.

    Raises
    ------
    DataError
        If ``texts`` is a single string or holds anything but strings.
    """
    if isinstance(texts, str | bytes):
        raise DataError(
            "a single text came where a list of texts was expected; use predict_response(text)"
        )
    checked = list(texts)
    for row, text in enumerate(checked):
        if not isinstance(text, str):
            raise DataError(
                f"row {row}: {type(text).__name__} came where a text (str) was expected; "
                "decode bytes and fill in missing values first"
            )
    return checked


def _load(name: str) -> "Language":
    import spacy

    if name == BLANK:
        return spacy.blank("nl")
    # A model directory names its pipeline: nothing but an installed Dutch one is imported for it.
    if not name.startswith("nl_") or not spacy.util.is_package(name):
        raise PipelineError(
            f"the spaCy pipeline {name!r} is not installed; install it with "
            f"`python -m spacy download {name}`, or use {BLANK!r}, which needs no download"
        )
    nlp: Language = import_module(name).load()
    if nlp.lang != "nl":
        raise PipelineError(
            f"the spaCy pipeline {name!r} is for language {nlp.lang!r}; a Dutch one ('nl') "
            "is needed, such as nl_core_news_sm"
        )
    return nlp


def _pieces(text: str) -> Iterator[tuple[str, int]]:
    """Cut a text at blanks into pieces that a trained pipeline can take, with their offsets."""
    start = 0
    while start < len(text):
        end = start + _MAX_PIECE
        if end < len(text):
            blank = text.rfind(" ", start, end)
            end = blank + 1 if blank > start else end
        yield text[start:end], start
        start = end


# --- step 3: one plain spelling per word -------------------------------------------------------

_UNIT = "(?:een|één|eén|twee|drie|vier|vijf|zes|zeven|acht|negen)"
_TEEN = "(?:tien|elf|twaalf|dertien|veertien|vijftien|zestien|zeventien|achttien|negentien)"
_TENS = "(?:twintig|dertig|veertig|vijftig|zestig|zeventig|tachtig|negentig)"
_SMALL = f"(?:{_UNIT}(?:en|ën){_TENS}|{_TENS}|{_TEEN}|{_UNIT})"
# A spoken number as one word, also as an ordinal of a date (vijftiende, twintigste).
_SPOKEN_NUMBER = re.compile(
    rf"(?:{_SMALL}?(?:duizend|honderd)(?:en)?){{0,3}}{_SMALL}?(?:(?<=[a-z])(?:de|ste))?"
)
_DIGITS = re.compile(r"\d+(?:[.,:]\d+)*(?:e|de|ste|%|x)?")
_NOT_NUMBERS = frozenset({"een", "één", "eén", "de", "ste"})
_WORD = re.compile(r"'?\w(?:[\w'.&/+-]*\w)?")


def _readable(chunk: str) -> str:
    """Bring a chunk to NFKC lower case, without control, format and private characters."""
    text = unicodedata.normalize("NFKC", chunk[:_MAX_WORD]).lower().replace("’", "'")
    return "".join(char for char in text if unicodedata.category(char)[0] != "C")


def _plain(token: str) -> tuple[str, ...]:
    """Return the plain forms of one lower-case token: none for punctuation and fillers."""
    lists = words()
    if token in lists.currency:
        return (AMOUNT,)
    if token in lists.spelling:
        return lists.spelling[token]
    match = _WORD.search(token)
    if match is None or token.endswith("-"):  # punctuation, or a word broken off
        return ()
    word = match.group()
    if word in lists.fillers:
        return ()
    return lists.spelling.get(word) or (_mask_of(word, lists) or word,)


def _mask_of(word: str, lists: Words) -> str | None:
    """Return the mask for one word that names a number, a day or a month."""
    if word in lists.weekdays:
        return WEEKDAY
    if word in lists.months:
        return MONTH
    if word in _NOT_NUMBERS:
        return None
    if _DIGITS.fullmatch(word) or _SPOKEN_NUMBER.fullmatch(word):
        return NUMBER
    return REFERENCE if sum(char.isdigit() for char in word) >= 3 else None


def _plain_in_context(token: "Token") -> tuple[str, ...]:
    """As ``_plain``, with names masked where the pipeline has found them."""
    if token.ent_type_ in {"PERSON", "PER"}:
        return (NAME,)
    return tuple(form for part in _readable(token.text).split() for form in _plain(part))


# --- step 4: what is said twice, and numbers of several words ----------------------------------

_JOINS = {
    (NUMBER, NUMBER): NUMBER,
    (NUMBER, AMOUNT): AMOUNT,
    (AMOUNT, NUMBER): AMOUNT,
    (AMOUNT, AMOUNT): AMOUNT,
    (NUMBER, MONTH): DATE,
    (DATE, NUMBER): DATE,
    (REFERENCE, NUMBER): REFERENCE,
    (NUMBER, REFERENCE): REFERENCE,
}


def _tidy(form: str, unit: int, forms: list[str], units: list[int]) -> bool:
    """Append a form unless it repeats or completes what came before; say whether it was added."""
    if forms:
        last = forms[-1]
        if form == last:
            return False
        joined = _JOINS.get((last, form))
        if joined is not None:
            forms[-1] = joined
            return False
        # "ik heb ik heb": the second start is dropped.
        if len(forms) > 2 and form == forms[-2] and last == forms[-3]:
            forms.pop()
            units.pop()
            return False
    forms.append(form)
    units.append(unit)
    return True


def installed_pipelines() -> list[str]:
    """Return ``blank:nl`` and the names of the Dutch spaCy pipelines that are installed.

    Examples
    --------
    >>> installed_pipelines()[0]
    'blank:nl'
    """
    names = {dist.metadata["Name"] or "" for dist in metadata.distributions()}
    return [BLANK, *sorted(_module_names(names))]


def _module_names(distributions: Iterable[str]) -> Iterator[str]:
    for name in distributions:
        module = name.lower().replace("-", "_")
        if module.startswith("nl_"):
            yield module
