"""What the command shows to people: answers, guidance, tables, progress.

What a caller said is put into ``Text`` objects, so that nothing in it is taken for markup.
"""

import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from objection_nlp.bundle import Model
from objection_nlp.playbook import Guidance
from objection_nlp.response import ObjectionResponse, predict_response
from objection_nlp.transcripts.turns import AGENT, Turn

_HEADINGS = {
    "say": "Zeg",
    "ask": "Vraag",
    "do": "Doe",
    "avoid": "Vermijd",
    "escalate": "Opschalen",
    "prevent": "Voorkom",
    "sources": "Bronnen",
}
_AT_A_GLANCE = ("say", "ask", "avoid")
_SPEAKERS = {AGENT: "medewerker", "debtor": "debiteur"}


def console() -> Console:
    """Return a console for standard output, as wide as the terminal."""
    return Console(highlight=False)


def show_response(response: ObjectionResponse) -> None:
    """Show an answer: the words with the evidence marked, the labels, what to say."""
    out = console()
    out.print(_marked(response))
    out.print(_verdict(response, indent=2))
    _print_guidance(out, response.guidance, _AT_A_GLANCE, most=3)
    out.print()


def show_turn(turn: Turn, model: Model) -> None:
    """Show one turn of a call; where the debtor objects, with the first things to say."""
    out = console()
    speaker = _SPEAKERS.get(turn.speaker, "onbekend")
    if turn.speaker == AGENT:
        out.print(Text(f"{speaker:>10}  {turn.text}", style="dim"))
        return
    response = predict_response(turn.text, model=model)
    out.print(Text(f"{speaker:>10}  ", style="bold") + _marked(response))
    if response.labels == (model.playbook.none_label,):
        return
    out.print(_verdict(response, indent=12))
    if not response.abstained:
        for line in response.guidance.say[:2]:
            out.print(Padding(Text(f"zeg: {line}", style="italic"), (0, 0, 0, 12)))


def show_guidance(guidance: Guidance) -> None:
    """Show a whole entry of the playbook."""
    out = console()
    _print_guidance(out, guidance, tuple(_HEADINGS))
    out.print()


def show_table(header: tuple[str, str], rows: Mapping[str, Any]) -> None:
    """Show a table of two columns."""
    table = Table(*header)
    for name, value in rows.items():
        table.add_row(str(name), str(value))
    console().print(table)


def show_summary(summary: dict[str, Any], out: Path) -> None:
    """Show what a run over transcripts came to."""
    labels = sorted(summary["labels"].items(), key=lambda item: -item[1])
    show_table(("label", "turns"), dict(labels))
    print(f"{summary['turns']} turns of {summary['calls']} call(s) in {summary['files']} file(s)")
    how = ", ".join(f"{count} {name}" for name, count in sorted(summary["speakers"].items()))
    print(f"speakers: {how or 'none'}")
    print(f"wrote {out}")


def show_faults(summary: dict[str, Any], errors: Path | None) -> None:
    """Say on stderr what a run over transcripts could not read."""
    where = f"see {errors}" if errors else "name a file with --errors to keep them all"
    left_off = summary["errors"] - len(summary["faults"])
    lines = [f"  {fault}" for fault in summary["faults"]]
    lines += [f"  ... and {left_off} more"] * (left_off > 0)
    head = f"objection-nlp: {summary['errors']} file(s) or row(s) could not be read; {where}:"
    print(head, *lines, sep="\n", file=sys.stderr)


@contextmanager
def steps() -> Iterator[Callable[[str], None]]:
    """Show the name of the step at work, on stderr; what long steps log counts as a step."""
    err = Console(stderr=True)
    with err.status("starting") as status:

        def step(name: str) -> None:
            status.update(name)
            if not err.is_terminal:
                err.print(name)

        handler = _StepHandler(step)
        log = logging.getLogger(__package__)
        log.addHandler(handler)
        level = log.level
        log.setLevel(logging.INFO)
        try:
            yield step
        finally:
            log.removeHandler(handler)
            log.setLevel(level)


class _StepHandler(logging.Handler):
    def __init__(self, step: Callable[[str], None]) -> None:
        super().__init__()
        self._step = step

    def emit(self, record: logging.LogRecord) -> None:
        self._step(record.getMessage())


@contextmanager
def turn_counter() -> Iterator[Callable[[int, float], None]]:
    """Show how many turns are done, how fast, and how long it will still take, on stderr."""
    columns = (
        TextColumn("{task.fields[turns]:,} turns, {task.fields[speed]:,.0f}/s"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("annotate", total=1.0, turns=0, speed=0.0)
        before: list[int] = []

        def show(turns: int, share: float) -> None:
            # A run that is gone on with starts from what was done before.
            before.extend([turns] if not before else [])
            elapsed = bar.tasks[0].elapsed
            speed = (turns - before[0]) / elapsed if elapsed else 0.0
            bar.update(task, completed=share, turns=turns, speed=speed)

        yield show


def _marked(response: ObjectionResponse) -> Text:
    text = Text(response.text)
    for piece in response.evidence:
        text.stylize("bold underline", piece.start, piece.end)
    return text


def _verdict(response: ObjectionResponse, indent: int) -> Text:
    labels = " + ".join(response.labels)
    # "100 %" would promise what no model can.
    verdict = f"{labels}  {min(response.confidence, 0.99):.0%}"
    if response.abstained:
        verdict = f"onzeker, misschien: {verdict}"
    heard = ", ".join(f"“{piece.text}”" for piece in response.evidence[:3])
    text = Text(" " * indent)
    text.append(verdict, style="bold yellow" if response.abstained else "bold green")
    if heard:
        text.append(f"  gehoord aan: {heard}", style="dim")
    return text


def _print_guidance(
    out: Console, guidance: Guidance, keys: tuple[str, ...], most: int | None = None
) -> None:
    out.print(Text(f"  {guidance.title}: {guidance.goal}", style="italic"))
    for key in keys:
        lines = getattr(guidance, key)
        out.print(Text(f"  {_HEADINGS[key]}", style="bold"))
        for line in [", ".join(lines)] if key == "sources" else lines[:most]:
            out.print(Padding(Text(f"- {line}"), (0, 0, 0, 4)))
