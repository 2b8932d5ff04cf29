"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

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
