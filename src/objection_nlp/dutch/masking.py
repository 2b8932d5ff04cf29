"""Amounts, dates, IBANs, telephone numbers, e-mail addresses and reference numbers, hidden.

The model must not learn people, and one amount is as good as another.
"""

import re
from collections.abc import Iterator

AMOUNT = "_bedrag_"
DATE = "_datum_"
IBAN = "_iban_"
PHONE = "_telefoon_"
EMAIL = "_email_"
REFERENCE = "_nummer_"
NUMBER = "_getal_"
NAME = "_naam_"
WEEKDAY = "_weekdag_"
MONTH = "_maand_"

_MONTH_NAMES = (
    "jan(?:uari)?|feb(?:ruari)?|maart|mrt|apr(?:il)?|mei|juni?|juli?|aug(?:ustus)?|"
    "sept?(?:ember)?|okt(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
# First match wins; the order is from the most to the least specific. Every repetition has a bound
# or a fixed beginning, so that the time grows with the text and no faster.
_MASK_PATTERNS: tuple[tuple[str, str], ...] = (
    (EMAIL, r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,4}"),
    (
        EMAIL,
        r"(?<![\w-])[\w-]{1,64}(?: (?:punt|streepje) [\w-]{1,64}){0,3} apenstaart(?:je)? "
        r"[\w-]{1,64}(?: punt \w{1,64}){0,2}",
    ),
    (IBAN, r"\b[A-Z]{2}\d{2}(?: ?[A-Z]{4})?(?: ?\d{2,4}){2,6}\b"),
    (AMOUNT, r"(?:€|\beuro?\b|\beur\b) ?\d[\d.,]{0,20}(?:,-)?"),
    (AMOUNT, r"(?<![\d.,])\d[\d.,]{0,20} ?(?:€|euro\b|euro's\b|eur\b)(?: ?\d{1,2}\b)?"),
    (DATE, r"\b\d{4}-\d{2}-\d{2}\b"),
    (DATE, r"\b\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})\b"),
    (DATE, r"\b\d{1,2}/\d{1,2}\b"),
    (DATE, rf"\b\d{{1,2}}(?:e|de|ste)? (?:{_MONTH_NAMES})\b(?: \d{{4}}\b)?"),
    (PHONE, r"(?:\+|\b00)(?:31|32)(?:[ ./()-]{0,2}\d){8,10}\b"),
    (PHONE, r"\b0[1-9](?:[ ./-]?\d){7,8}\b"),
    (
        REFERENCE,
        r"\b(?=[\w/.-]{0,20}\d)(?=[\w/.-]{0,20}[A-Za-z])[A-Za-z]{1,6}[-/.]?\d[\w/-]{2,20}\b",
    ),
    (REFERENCE, r"\b\d{2,8}[-/.]\d{2,8}(?:[-/.]\d{1,8})?\b"),
    (REFERENCE, r"\b\d{5,20}\b"),
)
_MASK = re.compile(
    "|".join(f"(?P<m{i}>{pattern})" for i, (_, pattern) in enumerate(_MASK_PATTERNS)),
    re.IGNORECASE,
)
MASKS = frozenset({AMOUNT, DATE, IBAN, PHONE, EMAIL, REFERENCE, NUMBER, NAME, WEEKDAY, MONTH})
# Only texts with one of these can hold something to mask; most speech has none.
_MASKABLE = re.compile(r"[\d@€]|apenstaart", re.IGNORECASE)


def find_masks(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and mask of each thing to hide, left to right."""
    if not _MASKABLE.search(text):
        return
    for match in _MASK.finditer(text):
        group = match.lastgroup
        assert group is not None  # every alternative is a named group
        yield match.start(), match.end(), _MASK_PATTERNS[int(group[1:])][0]


def chunk_texts(text: str) -> list[str]:
    """Return the pieces between blanks, masks put in; the texts of ``chunks`` without offsets."""
    if _MASKABLE.search(text):
        return [chunk for chunk, _, _ in chunks(text)]
    return text.split()


def chunks(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield each piece between blanks, or its mask, with start and end in ``text``."""
    position = 0
    for start, end, mask in find_masks(text):
        yield from _split(text, position, start)
        yield mask, start, end
        position = end
    yield from _split(text, position, len(text))


def _split(text: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    position = start
    for chunk in text[start:end].split():
        position = text.index(chunk, position)
        yield chunk, position, position + len(chunk)
        position += len(chunk)
