"""Options that several commands share, and what is made of them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from objection_nlp.bundle import Model

DataArgument = Annotated[
    list[Path], typer.Argument(help="Labelled CSV, JSONL or Parquet; or folders.")
]
ModelOption = Annotated[
    # A string, so that ./semantic stays a directory and semantic a packaged model.
    str | None,
    typer.Option("--model", help="Model directory, or semantic; the default one if not given."),
]
PlaybookOption = Annotated[
    Path | None, typer.Option("--playbook", help="Playbook file; the packaged one if not given.")
]
SplitOption = Annotated[
    str | None, typer.Option("--split", help="Only the rows of this split, such as test.")
]
PrecisionOption = Annotated[
    float | None,
    typer.Option("--precision", help="Abstain so that this share of the other answers is right."),
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


def chosen_model(path: str | None, precision: float | None) -> "Model":
    """Load a model, set to keep a precision where one was asked for."""
    from objection_nlp.bundle import load_model

    model = load_model(path)
    return model if precision is None else model.at_precision(precision)


def usage(message: str) -> NoReturn:
    """Refuse an option: exit code 2."""
    raise typer.BadParameter(message)
