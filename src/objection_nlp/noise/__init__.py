"""Speech as a recogniser writes it down; begin reading at ``utterances``.

``utterances``      an utterance misheard at a given word error rate
``homophones``      words that are taken for one another, from ``homophones.toml``
``spoken_numbers``  numbers as words
"""

from objection_nlp.noise.utterances import Noise, word_error_rate

__all__ = ["Noise", "word_error_rate"]
