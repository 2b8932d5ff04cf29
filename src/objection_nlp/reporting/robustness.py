"""What bad recordings do to the answers: misheard words, lost capitals, agents mixed in."""

import random
import re
from typing import Any

import numpy as np
import pandas as pd

from objection_nlp.evaluation import Answered
from objection_nlp.noise import Noise
from objection_nlp.transcripts.turns import AGENT

WORD_ERROR_RATES = (0.0, 0.1, 0.2, 0.3)
_PUNCTUATION = re.compile(r"[^\w\s'’€%@#]+")


def noise_curve(answered: Answered, seed: int = 0) -> list[dict[str, Any]]:
    """Score the same utterances with more and more words misheard.

    Parameters
    ----------
    answered : Answered
    seed : int, default 0
        Of the noise.

    Returns
    -------
    list of dict
        For each ``word_error_rate``: the figures ``as_heard``, and ``bare``, without any capitals
        and punctuation.
    """
    texts = [utterance.text for utterance in answered.utterances]
    curve = []
    for rate in WORD_ERROR_RATES:
        noise = Noise(rate, seed)
        heard = [noise.augment(text) for text in texts]
        curve.append(
            {
                "word_error_rate": rate,
                "as_heard": _overall(answered, heard),
                "bare": _overall(answered, [without_marks(text) for text in heard]),
            }
        )
    return curve


def crosstalk(answered: Answered, table: pd.DataFrame, seed: int = 0) -> dict[str, Any] | None:
    """Score what debtors say with a line of an agent before it, as where speakers get mixed up.

    Returns
    -------
    dict or None
        Figures of the debtors' utterances ``alone`` and ``mixed``; None where the data has no
        column ``speaker`` with lines of both.
    """
    if "speaker" not in table:
        return None
    is_agent = (table["speaker"] == AGENT).to_numpy(dtype=bool)
    if is_agent.all() or not is_agent.any():
        return None
    lines = table["text"][is_agent].tolist()
    chance = random.Random(seed)  # noqa: S311
    mixed = [f"{chance.choice(lines)} {text}" for text in table["text"][~is_agent]]
    truth = [answered.truth[i] for i in np.flatnonzero(~is_agent)]
    return {
        "alone": _without_labels(answered.figures(~is_agent)),
        "mixed": _without_labels(Answered.by(answered.model, mixed, truth).figures()),
    }


def without_marks(text: str) -> str:
    """Return a text without capitals and punctuation, as most recognisers write.

    Examples
    --------
    >>> without_marks("Nee, dat klopt niet: € 20!")
    'nee dat klopt niet € 20'
    """
    return " ".join(_PUNCTUATION.sub(" ", text.lower()).split()) or text


def _overall(answered: Answered, texts: list[str]) -> dict[str, Any]:
    return _without_labels(Answered.by(answered.model, texts, answered.truth).figures())


def _without_labels(figures: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in figures.items() if name != "per_label"}
