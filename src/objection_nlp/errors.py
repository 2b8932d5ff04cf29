"""The one family of errors that a user of the package may meet.

Each message says what came, what was expected and what to do; file and row where there is one.
"""

from collections.abc import Iterable


class ObjectionNlpError(Exception):
    """Base of every error that this package raises on purpose."""


class DataError(ObjectionNlpError, ValueError):
    """Labelled data or an utterance that cannot be used as it is.

    It is a ``ValueError`` too, because scikit-learn's callers expect one for unusable input.
    """


class ModelError(ObjectionNlpError):
    """A model directory that is missing, damaged, of another version, or not trained."""


class PlaybookError(ObjectionNlpError):
    """A playbook file that is incomplete or contradicts itself."""


class TranscriptError(ObjectionNlpError):
    """A transcript file that cannot be read, or an output that may not be written."""


class PipelineError(ObjectionNlpError):
    """A spaCy pipeline that is not installed or not usable for Dutch."""


def listed(faults: Iterable[str], limit: int = 20) -> str:
    """Join faults into one message, a line each, and say how many were left off.

    Parameters
    ----------
    faults : iterable of str
        One line per fault.
    limit : int, default 20
        How many lines are shown.

    Returns
    -------
    str
        The lines, each indented by two spaces.

    Examples
    --------
    >>> print(listed(["row 2: empty text", "row 9: unknown label"], limit=1))
      row 2: empty text
      ... and 1 more
    """
    lines = [f"  {fault}" for fault in faults]
    if len(lines) > limit:
        lines = [*lines[:limit], f"  ... and {len(lines) - limit} more"]
    return "\n".join(lines)
