"""Options that several commands share, and what is made of them."""

from pathlib import Path
from typing import Annotated, NoReturn

import typer

DataArgument = Annotated[
    list[Path], typer.Argument(help="Labelled CSV, JSONL or Parquet; or folders.")
]
ModelOption = Annotated[
    Path | None, typer.Option("--model", help="Model directory; the packaged model if not given.")
]
PlaybookOption = Annotated[
    Path | None, typer.Option("--playbook", help="Playbook file; the packaged one if not given.")
]
SplitOption = Annotated[
    str | None, typer.Option("--split", help="Only the rows of this split, such as test.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace an output that exists.")]
ColumnOption = Annotated[
    list[str] | None,
    typer.Option("--column", help="OURS=THEIRS, such as text=tekst: a table's columns."),
]
AgentOption = Annotated[
    list[str] | None, typer.Option("--agent", help="Name of a speaker who is an agent.")
]
DebtorOption = Annotated[
    list[str] | None, typer.Option("--debtor", help="Name of a speaker who is a debtor.")
]


def pairs(option: str, values: list[str]) -> dict[str, str]:
    """Read OURS=THEIRS as often as it was given."""
    found = dict(value.partition("=")[::2] for value in values)
    if not all(found) or not all(found.values()):
        usage(f"{option}: expected OURS=THEIRS, such as text=tekst")
    return found


def usage(message: str) -> NoReturn:
    """Refuse an option: exit code 2."""
    raise typer.BadParameter(message)
