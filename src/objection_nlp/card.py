"""``MODEL_CARD.md``: what a model is for and how good it is, from the figures in its directory."""

from collections.abc import Sequence
from typing import Any

from objection_nlp.bundle import Model

_INTRODUCTION = """\
# Model card

Maps a Dutch utterance from a call about an unpaid invoice to objection labels, or to none, with a
calibrated probability. Meant to help the person who calls; not meant to decide anything about the
person called, and not to be used on speech other than such calls.

The packaged corpus is authored, not recorded: scores on recorded calls will be lower until the
model is trained on calls of your own.
"""
_ENCODER = """\
- beside the n-grams an encoder: lower layers of multilingual-e5-small (MIT licence), fine-tuned on
  three quarters of the groups; calibrated, and held-out figures taken, on the other quarter"""
_NAMES = {
    "held_out": "Training groups, each scored by models that had not seen it",
    "test": "Test groups, set apart before training",
}
HEADLINES = (
    ("n", "utterances"),
    ("macro_f1", "macro-F1 over the labels"),
    ("main_accuracy", "main label among the right ones"),
    ("exact_set", "exactly the right set of labels"),
    ("exact_set_two", "the same, on utterances with two labels"),
    ("false_alarms", "false alarms where there is no objection"),
    ("calibration_error", "expected calibration error"),
    ("coverage", "share of answers not abstained"),
    ("precision", "of those, main label right"),
)


def model_card(model: Model, warnings: Sequence[str] = ()) -> str:
    """Write the card of a model.

    Parameters
    ----------
    model : Model
        With ``info`` as training fills it.
    warnings : sequence of str
        What makes the figures less than they seem.

    Returns
    -------
    str
        Markdown.
    """
    info = model.info
    data = info["training_data"]
    parts = [
        _INTRODUCTION,
        "## How it was made\n",
        f"- {data['utterances']} utterances of {data['groups']} groups (SHA-256 "
        f"`{data['sha256'][:16]}...`), seed {info['seed']}",
        f"- pipeline {info['spacy_pipeline_version']}; "
        + ", ".join(f"{name} {version}" for name, version in sorted(info["versions"].items())),
        f"- a second label from {model.thresholds.second:.2f}; abstains under "
        f"{model.thresholds.act:.2f}; unreadable under {model.thresholds.known:.0%} known words",
        *([_ENCODER] if model.scorer.encoder is not None else []),
        "",
    ]
    for key, figures in info["figures"].items():
        if figures is not None:
            parts += [f"## {_NAMES[key]}\n", figures_table(figures)]
    if warnings:
        parts += ["## Warnings\n", *(f"- {warning}" for warning in warnings)]
    return "\n".join(parts).rstrip() + "\n"


def figures_table(figures: dict[str, Any]) -> str:
    """Return the figures of an evaluation as two Markdown tables."""
    lines = [
        headlines_table(figures),
        "| label | precision | recall | F1 | utterances |",
        "| --- | --- | --- | --- | --- |",
    ]
    for label, scores in figures["per_label"].items():
        cells = " | ".join(shown(scores[key]) for key in ("precision", "recall", "f1", "support"))
        lines.append(f"| {label} | {cells} |")
    return "\n".join(lines) + "\n"


def headlines_table(figures: dict[str, Any]) -> str:
    """Return the figures over all labels as a Markdown table."""
    lines = ["| figure | value |", "| --- | --- |"]
    lines += [f"| {name} | {shown(figures[key])} |" for key, name in HEADLINES]
    return "\n".join(lines) + "\n"


def shown(value: float | int | None) -> str:
    """Write a figure: three digits, counts as they are, a dash where there is none.

    Examples
    --------
    >>> shown(0.5), shown(12), shown(None)
    ('0.500', '12', '-')
    """
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.3f}"
