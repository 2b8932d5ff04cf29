"""What can be wrong with labelled data, as records that name file and row."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, or doubtful, in labelled data.

    Attributes
    ----------
    file : str
        The file it stands in.
    row : int or None
        The row, as a text editor counts lines where there are lines; None for the whole file.
    severity : {"error", "warning"}
        An error has to be mended before the data is used; a warning wants a look.
    kind : str
        A short name, the same for all faults of a sort.
    message : str
        What came, what was expected, what to do. Never the text of the row.

    Examples
    --------
    >>> print(Fault("own.csv", 7, "error", "text", "the text is empty"))
    own.csv row 7: the text is empty
    """

    file: str
    row: int | None
    severity: Severity
    kind: str
    message: str

    def __str__(self) -> str:
        where = self.file if self.row is None else f"{self.file} row {self.row}"
        return f"{where}: {self.message}"

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain values, for JSON."""
        return asdict(self)
