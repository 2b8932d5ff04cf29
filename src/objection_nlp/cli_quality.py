"""Commands about how good a model is: ``evaluate``, ``compare``, ``suggest``."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from objection_nlp.cli_options import (
    AgentOption,
    ColumnOption,
    DataArgument,
    DebtorOption,
    ForceOption,
    JsonOption,
    ModelOption,
    SplitOption,
    pairs,
    usage,
)


def evaluate(
    data: DataArgument,
    model: ModelOption = None,
    split: SplitOption = None,
    report: Annotated[
        Path | None, typer.Option("--report", help="A folder for a page with plots and its JSON.")
    ] = None,
    learning_curve: Annotated[
        bool,
        typer.Option(
            "--learning-curve",
            help="In the report: train on shares of split train, score on dev. Takes minutes.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Score a model on labelled utterances.

    Example: objection-nlp evaluate data/utterances --split test --report report
    """
    from objection_nlp.card import figures_table

    if learning_curve and report is None:
        usage("--learning-curve is part of the report: add --report DIR")
    if report is None:
        from objection_nlp.evaluation import evaluate_files

        found = evaluate_files(data, model=model, split=split)
    else:
        found = _report(data, report, model, split, learning_curve)
    print(json.dumps(found, ensure_ascii=False) if as_json else figures_table(found))


def _report(
    data: list[Path], folder: Path, model: str | None, split: str | None, learning_curve: bool
) -> dict[str, object]:
    """Write the report and return the figures that are shown without one too."""
    from objection_nlp import display
    from objection_nlp.reporting.report import PAGE, write_report

    with display.steps() as step:
        found = write_report(
            data, folder, model=model, split=split, learning_curve=learning_curve, progress=step
        )
    for warning in found["warnings"]:
        print(f"warning: {warning}", file=sys.stderr)
    print(f"wrote {folder / PAGE}", file=sys.stderr)
    overall: dict[str, object] = found["overall"]
    return overall


def compare(
    old: Annotated[str, typer.Argument(help="Directory of the model in use.")],
    new: Annotated[str, typer.Argument(help="Directory of the model that may replace it.")],
    data: Annotated[
        list[Path],
        typer.Option("--data", help="Labelled file or folder that neither model was trained on."),
    ],
    split: SplitOption = None,
    golden: Annotated[
        Path | None, typer.Option("--golden", help="Labelled border cases, each looked at alone.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Compare two models; exit code 1 if the new one is worse.

    Worse beyond chance on the data, or wrong on a golden case that the old one had right.

    Example: objection-nlp compare models/default my-model --data own.csv --golden data/golden
    """
    from objection_nlp import display
    from objection_nlp.compare import compare as run

    found = run(old, new, data, split=split, golden=golden)
    if as_json:
        print(json.dumps(found.to_dict(), ensure_ascii=False))
    else:
        found.show(display.console())
    if found.reasons:
        raise typer.Exit(1)


def suggest(
    inputs: Annotated[
        list[Path], typer.Argument(help="Transcripts: files, folders, globs, .gz and .zip.")
    ],
    out: Annotated[Path, typer.Option("--out", help="The .csv to fill in.")],
    n: Annotated[int, typer.Option("--n", min=1, help="How many utterances at most.")] = 50,
    model: ModelOption = None,
    column: ColumnOption = None,
    agent: AgentOption = None,
    debtor: DebtorOption = None,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Choose which utterances to label next, and write them as a file to fill in.

    Uncertain ones, unlike each other, with rare labels covered. Once the column labels is filled,
    train reads the file. Exit code 1 if any file or row could not be read.

    Example: objection-nlp suggest data/examples/calls.jsonl --n 50 --out to-label.csv
    """
    from objection_nlp import display
    from objection_nlp.errors import listed
    from objection_nlp.suggest import suggest as run

    with display.turn_counter() as progress:
        summary = run(
            inputs,
            out,
            n=n,
            model=model,
            force=force,
            columns=pairs("--column", column or []),
            agents=agent or [],
            debtors=debtor or [],
            progress=progress,
        )
    if as_json:
        print(json.dumps(summary.to_dict(), ensure_ascii=False))
    else:
        display.show_table(("guess", "utterances"), summary.guesses)
        print(f"{summary.suggested} of {summary.candidates} utterances; wrote {out}")
    if summary.faults:
        print(f"objection-nlp: could not be read:\n{listed(summary.faults)}", file=sys.stderr)
        raise typer.Exit(1)
