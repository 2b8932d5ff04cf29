"""Times as files write them, in seconds."""

import math
import re
from typing import Any

_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2}(?:[.,]\d+)?)")
_PLAIN = re.compile(r"\d+(?:\.\d+)?").fullmatch
_ISO = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")


def seconds(value: Any) -> float | None:
    """Return a time in seconds.

    Parameters
    ----------
    value : object
        A number, ``"12.5"``, ``"12,5"``, ``"12.5s"``, ``"00:12"``, ``"1:02:03.250"``,
        ``"PT1M2.5S"``; None or an empty text for no time.

    Raises
    ------
    ValueError
        If it is none of these.

    Examples
    --------
    >>> seconds("1:02:03,250"), seconds("12,5"), seconds("PT1M2.5S"), seconds("")
    (3723.25, 12.5, 62.5, None)
    """
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return _checked(float(value)) if _PLAIN(value) else _of_text(value.strip())
    number = float(value)
    if math.isnan(number):
        return None
    return _checked(number)


def _of_text(text: str) -> float:
    if match := _CLOCK.fullmatch(text):
        return clock(*match.groups())
    if (match := _ISO.fullmatch(text)) and text != "PT":
        return clock(*match.groups())
    return _checked(float(text.removesuffix("s").replace(",", ".")))


def clock(hours: str | None, minutes: str | None, rest: str | None) -> float:
    """Return the seconds that hours, minutes and seconds add up to.

    Examples
    --------
    >>> clock(None, "2", "3,5")
    123.5
    """
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60
    return round(whole + float((rest or "0").replace(",", ".")), 6)


def _checked(number: float) -> float:
    if not math.isfinite(number) or number < 0:
        raise ValueError("a time is a finite number of seconds, 0 or more")
    return number
