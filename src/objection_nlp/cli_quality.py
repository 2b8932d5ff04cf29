"""Commands about how good a model is: ``evaluate``, ``compare``, ``suggest``."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from objection_nlp.cli_options import (
    DataArgument,
    JsonOption,
    ModelOption,
    SplitOption,
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
        raise typer.BadParameter("--learning-curve is part of the report: add --report DIR")
    if report is None:
        from objection_nlp.evaluation import evaluate_files

        found = evaluate_files(data, model=model, split=split)
    else:
        found = _report(data, report, model, split, learning_curve)
    print(json.dumps(found, ensure_ascii=False) if as_json else figures_table(found))


def _report(
    data: list[Path], folder: Path, model: Path | None, split: str | None, learning_curve: bool
) -> dict[str, object]:
    """Write the report and return the figures that are shown without one too."""
    from objection_nlp import display
    from objection_nlp.report import PAGE, write_report

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
    old: Annotated[Path, typer.Argument(help="Directory of the model in use.")],
    new: Annotated[Path, typer.Argument(help="Directory of the model that may replace it.")],
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
