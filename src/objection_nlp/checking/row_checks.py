"""What can be wrong with one labelled row, seen by itself."""

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any

from objection_nlp.labelled_rows import Row, Unreadable
from objection_nlp.labels import split_labels
from objection_nlp.playbook import Playbook

_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


class RowCheck:
    """Checks rows against the labels of a playbook.

    Parameters
    ----------
    playbook : Playbook
        Whose labels are allowed.

    Examples
    --------
    >>> check = RowCheck(Playbook.load())
    >>> check.faults({"text": "ja", "labels": "geen_tegenwerping+cashflowprobleem"})
    [('labels', "'geen_tegenwerping' stands beside another label; it goes alone")]
    """

    def __init__(self, playbook: Playbook) -> None:
        self._allowed, self._none = playbook.labels, playbook.none_label
        self._known: dict[str | tuple[str, ...], tuple[tuple[str, ...], list[str]]] = {}

    def faults(self, row: Row | Unreadable) -> list[tuple[str, str]]:
        """Return kind and message of each fault in a row."""
        if isinstance(row, Unreadable):
            return [(row.kind, row.message)]
        faults = list(_text_faults(row.get("text")))
        return faults + [("labels", message) for message in self.label_faults(row.get("labels"))]

    def label_faults(self, cell: object) -> list[str]:
        """Return what is wrong with a cell of labels."""
        if not isinstance(cell, str | list | tuple) or not cell:
            return ["labels are missing; give one id, or two joined by '+'"]
        return self._parsed(cell)[1]

    def labels(self, cell: str | Sequence[Any]) -> tuple[str, ...]:
        """Return the labels that a cell holds; equal cells give one object."""
        return self._parsed(cell)[0]

    def _parsed(self, cell: str | Sequence[Any]) -> tuple[tuple[str, ...], list[str]]:
        key = cell if isinstance(cell, str) else tuple(map(str, cell))
        if key not in self._known:
            labels = split_labels(key)
            self._known[key] = labels, list(self._label_faults(labels))
        return self._known[key]

    def _label_faults(self, labels: Sequence[str]) -> Iterator[str]:
        unknown = [label for label in labels if label not in self._allowed]
        if unknown:
            names = ", ".join(map(repr, unknown))
            yield f"unknown label {names}; {self._hint(unknown[0])}"
        if len(set(labels)) < len(labels):
            yield "the same label stands there twice"
        if self._none in labels and len(labels) > 1:
            yield f"{self._none!r} stands beside another label; it goes alone"

    def _hint(self, label: str) -> str:
        close = get_close_matches(label, self._allowed, n=1)
        if close:
            return f"did you mean {close[0]!r}?"
        return f"the playbook has {', '.join(self._allowed)}"


def _text_faults(text: object) -> Iterator[tuple[str, str]]:
    if text is None or (isinstance(text, str) and not text.strip()):
        yield "text", "the text is empty; fill it in or delete the row"
    elif not isinstance(text, str):
        yield "text", f"the text is {type(text).__name__}; a text was expected"
    elif _HALF_CHARACTER.search(text):
        yield "encoding", "the text holds half of a character; export the data again as UTF-8"
