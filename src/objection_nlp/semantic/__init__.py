"""A small transformer that reads an utterance as a whole, beside the n-grams.

``pieces``      words into pieces of a fixed vocabulary
``encoder``     pieces into scores per label, with numpy alone: all that answering needs
``base``        the pretrained weights that fine-tuning starts from (extra ``semantic``)
``finetuning``  labelled utterances into an encoder, with PyTorch (extra ``semantic``)
"""
