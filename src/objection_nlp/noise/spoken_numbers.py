"""Figures as they are spoken in Dutch, for texts that have to look like speech."""

import re

_UNITS = [
    "nul",
    "een",
    "twee",
    "drie",
    "vier",
    "vijf",
    "zes",
    "zeven",
    "acht",
    "negen",
    "tien",
    "elf",
    "twaalf",
    "dertien",
    "veertien",
    "vijftien",
    "zestien",
    "zeventien",
    "achttien",
    "negentien",
]
_TENS = ["twintig", "dertig", "veertig", "vijftig", "zestig", "zeventig", "tachtig", "negentig"]
_FIGURE = re.compile(r"(€?)(0|[1-9]\.[0-9]{3}|[1-9][0-9]{0,3})(?:,([0-9]{2}|-))?")


def spoken_number(number: int) -> str:
    """Return a number from 0 to 9999 in Dutch words.

    Examples
    --------
    >>> spoken_number(22), spoken_number(45), spoken_number(1_301)
    ('tweeëntwintig', 'vijfenveertig', 'duizend driehonderdeen')
    """
    if number >= 1000:
        head = "" if number < 2000 else _UNITS[number // 1000]
        rest = f" {spoken_number(number % 1000)}" if number % 1000 else ""
        return f"{head}duizend{rest}"
    if number >= 100:
        head = "" if number < 200 else _UNITS[number // 100]
        return f"{head}honderd{spoken_number(number % 100) if number % 100 else ''}"
    if number < 20:
        return _UNITS[number]
    ten, unit = _TENS[number // 10 - 2], number % 10
    joint = "ën" if unit in (2, 3) else "en"
    return f"{_UNITS[unit]}{joint}{ten}" if unit else ten


def spoken_figure(word: str) -> str | None:
    """Return how a figure is said, or None where the word is no plain figure or amount.

    Examples
    --------
    >>> spoken_figure("€120,50"), spoken_figure("1.250"), spoken_figure("12-3")
    ('honderdtwintig euro vijftig', 'duizend tweehonderdvijftig', None)
    """
    match = _FIGURE.fullmatch(word.rstrip(".,;:!?"))
    if match is None:
        return None
    euro, whole, cents = match.groups()
    said = [spoken_number(int(whole.replace(".", "")))]
    has_cents = cents is not None and cents.isdigit() and int(cents) > 0
    if euro or has_cents:
        said.append("euro" if euro else "komma")
    if has_cents:
        said.append(spoken_number(int(cents)))
    return " ".join(said)
