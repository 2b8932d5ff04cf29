"""The command ``objection-nlp``: a thin shell over the public functions.

Heavy imports stand inside the commands, so that ``--help`` answers at once.
"""

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from objection_nlp import cli_quality
from objection_nlp.cli_options import (
    AgentOption,
    ColumnOption,
    DataArgument,
    DebtorOption,
    ForceOption,
    JsonOption,
    ModelOption,
    PlaybookOption,
    PrecisionOption,
    chosen_model,
    pairs,
    usage,
)
from objection_nlp.errors import DataError, ObjectionNlpError

app = typer.Typer(
    help="Hears the objection in what a debtor says, in Dutch, and says what to answer.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
data_app = typer.Typer(help="Look after labelled data.", no_args_is_help=True)
playbook_app = typer.Typer(help="Look at or check a playbook.", no_args_is_help=True)
model_app = typer.Typer(help="Look at a model.", no_args_is_help=True)
app.add_typer(data_app, name="data")
app.add_typer(playbook_app, name="playbook")
app.add_typer(model_app, name="model")


def main() -> None:
    """Run the command; an error of ours becomes one message on stderr and exit code 1."""
    try:
        app()
    except ObjectionNlpError as error:
        print(f"objection-nlp: {error}", file=sys.stderr)
        raise SystemExit(1) from None
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(1) from None


@app.command()
def predict(
    text: Annotated[
        list[str] | None,
        typer.Argument(help="What the debtor said; lines of standard input if not given."),
    ] = None,
    model: ModelOption = None,
    precision: PrecisionOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say which objection an utterance holds, why, and what to answer.

    Example: objection-nlp predict "Die rekening is hier nooit binnengekomen hoor."
    """
    from objection_nlp import display
    from objection_nlp.response import predict_responses

    texts = text or [line.rstrip("\n") for line in _standard_input()]
    responses = predict_responses(texts, model=chosen_model(model, precision))
    if as_json:
        for response in responses:
            print(json.dumps(response.to_dict(), ensure_ascii=False))
        return
    for response in responses:
        display.show_response(response)


@app.command()
def train(
    data: DataArgument,
    out: Annotated[Path, typer.Option("--out", help="The model directory to write.")],
    playbook: PlaybookOption = None,
    spacy_model: Annotated[
        str, typer.Option("--spacy-model", help="blank:nl, or an installed Dutch spaCy pipeline.")
    ] = "blank:nl",
    weight: Annotated[
        list[str] | None,
        typer.Option("--weight", help="FILE=NUMBER: how much each row of a data file counts."),
    ] = None,
    semantic: Annotated[
        bool, typer.Option("--semantic", help="Fine-tune an encoder too: better, slower.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Same data and seed give the same model.")] = 0,
    n_jobs: Annotated[int, typer.Option("--n-jobs", help="Processes that fit in parallel.")] = 1,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Train a model on labelled utterances and write it to a directory.

    Example: objection-nlp train data/utterances own.csv --weight own.csv=3 --out my-model
    """
    from objection_nlp import display
    from objection_nlp.card import figures_table, headlines_table
    from objection_nlp.training import train as run

    with display.steps() as step:
        report = run(
            data,
            out,
            playbook=playbook,
            spacy_pipeline=spacy_model,
            weights=_weights(weight or []),
            semantic=semantic,
            seed=seed,
            n_jobs=n_jobs,
            force=force,
            progress=step,
        )
    for warning in report.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if as_json:
        print(json.dumps(report.figures, ensure_ascii=False))
        return
    shown = report.figures["test"] or report.figures["held_out"]
    print(figures_table(shown))
    if len(report.by_data) > 1:
        print("Held-out groups of each part of the data:\n")
        for name, figures in report.by_data.items():
            print(f"{name}\n\n{headlines_table(figures)}")
    print(f"wrote {out}")


app.command()(cli_quality.evaluate)
app.command()(cli_quality.compare)
app.command()(cli_quality.suggest)


@app.command()
def annotate(
    inputs: Annotated[
        list[Path], typer.Argument(help="Transcripts: files, folders, globs, .gz and .zip.")
    ],
    out: Annotated[Path, typer.Option("--out", help="What to write: .csv, .jsonl or .parquet.")],
    model: ModelOption = None,
    precision: PrecisionOption = None,
    errors: Annotated[
        Path | None, typer.Option("--errors", help="A .csv or .jsonl for what cannot be read.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop, without an output, at the first fault.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run that was broken off.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option("--html", help="A folder for a report: a page per call.")
    ] = None,
    column: ColumnOption = None,
    agent: AgentOption = None,
    debtor: DebtorOption = None,
    merge_gap: Annotated[
        float | None,
        typer.Option("--merge-gap", help="Join a speaker's segments this many seconds apart."),
    ] = None,
    n_jobs: Annotated[int, typer.Option("--n-jobs", help="Processes; -1 for one per core.")] = 1,
    engine: Annotated[str, typer.Option("--engine", help="local or dask.")] = "local",
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", help="Address of a Dask scheduler.")
    ] = None,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Annotate every turn of transcript files: one row per turn, in order.

    Exit code 1 if any file or row could not be read, also where an output was written.

    Example: objection-nlp annotate data/examples/gesprek.txt --out annotated.csv
    """
    from objection_nlp import display
    from objection_nlp.annotation.run import annotate as run

    with display.turn_counter() as progress:
        summary = run(
            inputs,
            out,
            model=chosen_model(model, precision),
            force=force,
            resume=resume,
            errors=errors,
            strict=strict,
            html=html,
            columns=pairs("--column", column or []),
            agents=agent or [],
            debtors=debtor or [],
            merge_gap=merge_gap,
            n_jobs=n_jobs,
            engine=engine,
            scheduler=scheduler,
            progress=progress,
        )
    if as_json:
        print(json.dumps(summary.to_dict(), ensure_ascii=False))
    else:
        display.show_summary(summary.to_dict(), out)
    if summary.errors:
        display.show_faults(summary.to_dict(), errors)
        raise typer.Exit(1)


@app.command()
def call(
    transcript: Annotated[Path, typer.Argument(help="A transcript of one call or more.")],
    model: ModelOption = None,
) -> None:
    """Show a call as a conversation, with the objections and what to answer beside them.

    Example: objection-nlp call data/examples/gesprek.txt
    """
    from objection_nlp import display
    from objection_nlp.bundle import load_model
    from objection_nlp.transcripts import read_turns

    loaded = load_model(model)
    for turn in read_turns(transcript):
        display.show_turn(turn, loaded)


@data_app.command("check")
def data_check(
    data: DataArgument,
    playbook: PlaybookOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find what is wrong with labelled data, with file and row.

    Unknown labels, contradictions, duplicates, groups in two splits, templates, broken encodings
    and more. Exit code 1 if there is an error; warnings want a look.

    Example: objection-nlp data check data/utterances
    """
    from objection_nlp import display
    from objection_nlp.checking.checks import check_labelled
    from objection_nlp.playbook import Playbook

    report = check_labelled(data, Playbook.load(playbook))
    if as_json:
        print(json.dumps(report.to_dict(), ensure_ascii=False))
    else:
        report.show(display.console())
    if report.errors:
        raise typer.Exit(1)


@playbook_app.command("show")
def playbook_show(
    label: Annotated[str | None, typer.Argument(help="Only this entry.")] = None,
    playbook: PlaybookOption = None,
    toml: Annotated[
        bool, typer.Option("--toml", help="Print the file itself, to start your own from.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show the guidance for one label or for all.

    Example: objection-nlp playbook show factuur_niet_ontvangen
    """
    from objection_nlp import display
    from objection_nlp.playbook import Playbook

    book = Playbook.load(playbook)
    entries = [book.guidance(name) for name in ([label] if label else book.labels)]
    if toml:
        print(book.source_text, end="")
    elif as_json:
        print(json.dumps([entry.to_dict() for entry in entries], ensure_ascii=False))
    else:
        for entry in entries:
            display.show_guidance(entry)


@playbook_app.command("check")
def playbook_check(
    path: Annotated[Path, typer.Argument(help="A playbook in TOML.")],
) -> None:
    """Check a playbook of your own; exit code 1 if anything is wrong with it.

    Example: objection-nlp playbook check my-playbook.toml
    """
    from objection_nlp.playbook import Playbook

    book = Playbook.load(path)
    print(f"{path}: good; {len(book.objections)} objections and {book.none_label!r} for none")


@model_app.command("info")
def model_info(model: ModelOption = None, as_json: JsonOption = False) -> None:
    """Show what a model was made of and how good it is.

    Example: objection-nlp model info --model my-model
    """
    from objection_nlp.bundle import load_model
    from objection_nlp.card import model_card

    loaded = load_model(model)
    if as_json:
        print(json.dumps(loaded.describe(), ensure_ascii=False))
    else:
        print(model_card(loaded))


# --- arguments ---------------------------------------------------------------------------------


def _standard_input() -> Iterator[str]:
    if sys.stdin.isatty():
        raise typer.BadParameter("give a TEXT, or lines on standard input")
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="strict")
    try:
        yield from sys.stdin
    except UnicodeDecodeError as error:
        raise DataError("standard input is not UTF-8; convert it first") from error


def _weights(options: list[str]) -> dict[str, float]:
    weights = {}
    for option in options:
        name, _, number = option.rpartition("=")
        try:
            weights[name] = float(number)
        except ValueError:
            usage(f"--weight {option}: expected FILE=NUMBER, such as own.csv=3")
        if not name:
            usage(f"--weight {option}: expected FILE=NUMBER, such as own.csv=3")
    return weights
