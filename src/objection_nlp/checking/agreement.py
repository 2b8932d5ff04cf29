"""How far two readers of the same utterances agree on the labels."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from objection_nlp.checking.row_checks import RowCheck
from objection_nlp.errors import DataError, listed
from objection_nlp.playbook import Playbook

COLUMNS = ("id", "labels")


@dataclass(frozen=True)
class Agreement:
    """How far two readers agree.

    Attributes
    ----------
    rows : int
        How many utterances both have read.
    exact_set : float
        The share of these with the same set of labels from both.
    main : float
        The share with the same first label from both.
    kappa : dict of str to float or None
        Cohen's kappa of each label, given or not given; None where neither gave it, or both
        gave it to every utterance.
    left_out : int
        How many utterances of the second reader the first has not.
    """

    rows: int
    exact_set: float
    main: float
    kappa: dict[str, float | None]
    left_out: int


def agreement(
    first: Mapping[str, Sequence[str]], second: Mapping[str, Sequence[str]], labels: Sequence[str]
) -> Agreement:
    """Compare two readings.

    Parameters
    ----------
    first, second : mapping of str to sequence of str
        The labels of each utterance, the main one first, by its id.
    labels : sequence of str
        The labels to report on.

    Returns
    -------
    Agreement

    Raises
    ------
    DataError
        If the two have no utterance in common.

    Examples
    --------
    >>> first = {"1": ["a"], "2": ["b"], "3": ["b"], "4": ["a"]}
    >>> second = {"1": ["a"], "2": ["b"], "3": ["a"], "4": ["a"], "5": ["b"]}
    >>> agreement(first, second, ["a"])
    Agreement(rows=4, exact_set=0.75, main=0.75, kappa={'a': 0.5}, left_out=1)
    """
    shared = [name for name in second if name in first]
    if not shared:
        raise DataError("the two readings have no id in common; compare readings of the same data")
    pairs = [(first[name], second[name]) for name in shared]
    return Agreement(
        rows=len(pairs),
        exact_set=sum(set(one) == set(other) for one, other in pairs) / len(pairs),
        main=sum(one[0] == other[0] for one, other in pairs) / len(pairs),
        kappa={label: _kappa([(label in a, label in b) for a, b in pairs]) for label in labels},
        left_out=len(second) - len(shared),
    )


def read_second_reading(path: str | Path, playbook: Playbook) -> dict[str, tuple[str, ...]]:
    """Read the labels that a second reader gave.

    Parameters
    ----------
    path : str or Path
        A CSV file with the columns ``id`` and ``labels``.
    playbook : Playbook
        Whose labels are allowed.

    Returns
    -------
    dict of str to tuple of str
        The labels by id.

    Raises
    ------
    DataError
        If the file is missing, a column is, an id stands there twice, or a label is unknown.
    """
    check, reading, faults = RowCheck(playbook), dict[str, tuple[str, ...]](), list[str]()
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.DictReader(stream, strict=True)
            missing = set(COLUMNS) - set(rows.fieldnames or ())
            if missing:
                raise DataError(f"{path}: column {', '.join(sorted(missing))} is missing")
            for row in rows:
                name, cell = row["id"], row["labels"]
                wrong = check.label_faults(cell) + ["the id stands there twice"] * (name in reading)
                faults += [f"{path} row {rows.line_num}: {fault}" for fault in wrong]
                reading[name] = check.labels(cell or "")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read as CSV in UTF-8 ({error})") from error
    if faults:
        raise DataError(f"{len(faults)} fault(s) in the second reading:\n{listed(faults)}")
    return reading


def agreement_table(found: Agreement) -> str:
    """Return the agreement as Markdown.

    Examples
    --------
    >>> print(agreement_table(Agreement(4, 0.75, 1.0, {"a": 0.5, "b": None}, 0)))
    4 utterances read twice: the same set of labels for 75.0 %, the same main label for 100.0 %.
    <BLANKLINE>
    | label | Cohen's kappa |
    | --- | --- |
    | a | 0.50 |
    | b | - |
    """
    lines = [
        f"{found.rows} utterances read twice: the same set of labels for {found.exact_set:.1%}, "
        f"the same main label for {found.main:.1%}.".replace("%", " %"),
    ]
    if found.left_out:
        lines.append(f"{found.left_out} more were read and are no longer in the data.")
    lines += ["", "| label | Cohen's kappa |", "| --- | --- |"]
    for label, kappa in found.kappa.items():
        lines.append(f"| {label} | {'-' if kappa is None else f'{kappa:.2f}'} |")
    return "\n".join(lines)


def _kappa(given: Sequence[tuple[bool, bool]]) -> float | None:
    count = len(given)
    one, other = sum(a for a, _ in given) / count, sum(b for _, b in given) / count
    by_chance = one * other + (1 - one) * (1 - other)
    if by_chance == 1:
        return None
    same = sum(a == b for a, b in given) / count
    return (same - by_chance) / (1 - by_chance)
