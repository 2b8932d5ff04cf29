"""The ten objection ids, the id for none of them, and how several are written in one cell.

These ids are the default playbook's. Code that predicts or trains takes its labels from the
playbook in use, never from here.
"""

from collections.abc import Iterable, Sequence

OBJECTIONS: tuple[str, ...] = (
    "factuur_niet_ontvangen",
    "ontevreden_product_dienst",
    "verantwoordelijke_afwezig",
    "dacht_nog_tijd",
    "betaling_onderweg",
    "fout_in_factuur",
    "zelf_niet_betaald",
    "systeemproblemen",
    "cashflowprobleem",
    "weigert_te_betalen",
)
NO_OBJECTION = "geen_tegenwerping"
SEPARATOR = "+"


def join_labels(labels: Iterable[str]) -> str:
    """Write labels as one cell, the main one first.

    Examples
    --------
    >>> join_labels(["cashflowprobleem", "fout_in_factuur"])
    'cashflowprobleem+fout_in_factuur'
    """
    return SEPARATOR.join(labels)


def split_labels(cell: str | Sequence[str]) -> tuple[str, ...]:
    """Read one cell of labels: ids joined by ``+``, or already a list.

    Examples
    --------
    >>> split_labels("cashflowprobleem+fout_in_factuur")
    ('cashflowprobleem', 'fout_in_factuur')
    >>> split_labels(["geen_tegenwerping"])
    ('geen_tegenwerping',)
    """
    parts = cell.split(SEPARATOR) if isinstance(cell, str) else cell
    return tuple(str(part).strip() for part in parts)
