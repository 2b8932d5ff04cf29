"""Turns in, annotated rows out: the one function behind every way to annotate."""

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from objection_nlp.annotation.blocks import Block
from objection_nlp.bundle import Model
from objection_nlp.labels import join_labels
from objection_nlp.response import classify
from objection_nlp.transcripts.names import role_of
from objection_nlp.transcripts.turns import AGENT, OUTPUT_COLUMNS, ReadOptions, Turn

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]


def annotate_turns(turns: Sequence[tuple[str, Turn]], model: Model) -> list[Row]:
    """Annotate a batch of turns, each with the name of its file.

    Parameters
    ----------
    turns : sequence of (str, Turn)
        Source and turn.
    model : Model

    Returns
    -------
    list of dict
        One row per turn, in order, with the columns of ``OUTPUT_COLUMNS`` and the turn's own
        extras. An agent's turn carries the label for none, whatever is said in it.
    """
    none = model.playbook.none_label
    title = {label: model.playbook.guidance(label).title for label in model.labels}
    heard = iter(classify([turn.text for _, turn in turns if turn.speaker != AGENT], model))
    rows = []
    for source, turn in turns:
        labels, confidence, abstained = (
            ((none,), 1.0, False) if turn.speaker == AGENT else next(heard)
        )
        rows.append(
            {
                "source": source,
                "call_id": turn.call_id,
                "turn": turn.turn,
                "speaker": turn.speaker,
                "start": turn.start,
                "end": turn.end,
                "text": turn.text,
                "label": labels[0],
                "labels": join_labels(labels),
                "confidence": round(confidence, 4),
                "abstained": abstained,
                "guidance": title[none if abstained else labels[0]],
                **{carried_name(name): value for name, value in turn.extra.items()},
            }
        )
    return rows


def carried_name(name: str) -> str:
    """Rename a carried column that would take the place of one of ours.

    Examples
    --------
    >>> carried_name("label"), carried_name("filiaal")
    ('input_label', 'filiaal')
    """
    return f"input_{name}" if name in OUTPUT_COLUMNS else name


def annotate_frame(frame: "pd.DataFrame", model: Model) -> "pd.DataFrame":
    """Annotate a table of turns: DataFrame in, DataFrame out.

    Parameters
    ----------
    frame : DataFrame
        A row per turn with a ``text`` column; ``source``, ``call_id``, ``turn``, ``speaker`` (a
        name or role), ``start`` and ``end`` are used where they are there, and other columns are
        carried along.
    model : Model

    Returns
    -------
    DataFrame
        One row per row, in order and with the same index. Each row is answered by itself: a
        speaker's role is what the name says, because a partition may hold a part of a call.

    Examples
    --------
    >>> import pandas as pd
    >>> from objection_nlp import load_model
    >>> calls = pd.DataFrame({"text": ["dat betaal ik niet"], "speaker": ["Klant"]})
    >>> annotate_frame(calls, load_model())[["speaker", "label"]].values.tolist()
    [['debtor', 'weigert_te_betalen']]
    """
    import pandas as pd

    turns = [_turn_of(record, row) for row, record in enumerate(frame.to_dict("records"))]
    carried = [carried_name(name) for name in frame.columns if name not in _FRAME]
    rows = annotate_turns(turns, model)
    return pd.DataFrame(rows, index=frame.index, columns=[*OUTPUT_COLUMNS, *carried])


_FRAME = ("source", "call_id", "turn", "speaker", "start", "end", "text")


def _turn_of(record: dict[Any, Any], row: int) -> tuple[str, Turn]:
    import pandas as pd

    known = {key: None if pd.isna(record.get(key)) else record.get(key) for key in _FRAME}
    name = known["speaker"]
    turn = Turn(
        call_id=str(known["call_id"] or ""),
        turn=row if known["turn"] is None else int(known["turn"]),
        speaker=role_of(str(name) if name else None, _ROLES),
        text=str(known["text"] or ""),
        row=row,
        start=known["start"],
        end=known["end"],
        extra={key: value for key, value in record.items() if key not in _FRAME},
    )
    return str(known["source"] or ""), turn


_ROLES = ReadOptions()


@dataclass
class Annotated:
    """What came of a block, ready to be written.

    Attributes
    ----------
    block : Block
        The block without its turns.
    turns : int
    lines : bytes
        A JSON object per row.
    labels : Counter of str
    kinds : dict of str to list of str
        The carried columns in order of appearance, and the types of value in each.
    """

    block: Block
    turns: int
    lines: bytes
    labels: Counter[str] = field(default_factory=Counter)
    kinds: dict[str, list[str]] = field(default_factory=dict)


def annotate_block(block: Block, model: Model) -> Annotated:
    """Annotate the turns of a block and write them as lines."""
    rows = annotate_turns(block.turns, model)
    labels = Counter(label for row in rows for label in row["labels"].split("+"))
    block.turns = []
    return Annotated(block, len(rows), to_lines(rows), labels, _kinds(rows))


def to_lines(rows: Sequence[Row]) -> bytes:
    """Write rows as JSONL in UTF-8; half characters (lone surrogates) become question marks."""
    try:
        text = "".join([f"{_ENCODE(row)}\n" for row in rows])
    except ValueError:  # NaN and infinity, which JSON does not have
        text = "".join([f"{_ENCODE(_finite(row))}\n" for row in rows])
    return text.encode("utf-8", errors="replace")


_ENCODE = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=str).encode


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_finite(inner) for inner in value]
    infinite = isinstance(value, float) and not math.isfinite(value)
    return None if infinite else value


def _kinds(rows: Sequence[Row]) -> dict[str, list[str]]:
    """Say which columns are carried, and what types of value they hold."""
    kinds: dict[str, set[str]] = {}
    own = len(OUTPUT_COLUMNS)
    for row in rows:
        if len(row) > own:
            for name in list(row)[own:]:
                kinds.setdefault(name, set()).add(type(row[name]).__name__)
    return {name: sorted(found) for name, found in kinds.items()}
