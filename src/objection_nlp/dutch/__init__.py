"""Spoken Dutch in, plain word forms out; begin reading at ``pipeline``.

``pipeline``    cleaning, and the spaCy pipeline behind it
``masking``     amounts, dates, numbers and names, so that no model learns people
``language``    what is not Dutch
``word_lists``  the words that all this rests on, from ``dutch.toml``
"""

from objection_nlp.dutch.pipeline import BLANK, DutchPipeline, Utterance, check_texts

__all__ = ["BLANK", "DutchPipeline", "Utterance", "check_texts"]
