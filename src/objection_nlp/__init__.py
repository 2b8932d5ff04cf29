"""Hears the objection in what a debtor says on the phone, in Dutch, and hands the caller an answer.

The public surface; everything is loaded when it is first used, so that importing costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from objection_nlp.annotation.run import AnnotationSummary, annotate, annotate_frame
    from objection_nlp.bundle import Model, load_model
    from objection_nlp.classifier import ObjectionClassifier
    from objection_nlp.errors import (
        DataError,
        ModelError,
        ObjectionNlpError,
        PipelineError,
        PlaybookError,
        TranscriptError,
    )
    from objection_nlp.evidence import Evidence
    from objection_nlp.labels import NO_OBJECTION, OBJECTIONS
    from objection_nlp.playbook import Guidance, Playbook
    from objection_nlp.response import ObjectionResponse, predict_response, predict_responses
    from objection_nlp.training import TrainingReport, train

_HOMES = {
    # No module may have the name of a function: importing it would hide the function.
    "annotation.run": ("AnnotationSummary", "annotate", "annotate_frame"),
    "bundle": ("Model", "load_model"),
    "classifier": ("ObjectionClassifier",),
    "errors": (
        "DataError",
        "ModelError",
        "ObjectionNlpError",
        "PipelineError",
        "PlaybookError",
        "TranscriptError",
    ),
    "evidence": ("Evidence",),
    "labels": ("NO_OBJECTION", "OBJECTIONS"),
    "playbook": ("Guidance", "Playbook"),
    "response": ("ObjectionResponse", "predict_response", "predict_responses"),
    "training": ("TrainingReport", "train"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "NO_OBJECTION",
    "OBJECTIONS",
    "AnnotationSummary",
    "DataError",
    "Evidence",
    "Guidance",
    "Model",
    "ModelError",
    "ObjectionClassifier",
    "ObjectionNlpError",
    "ObjectionResponse",
    "PipelineError",
    "Playbook",
    "PlaybookError",
    "TrainingReport",
    "TranscriptError",
    "annotate",
    "annotate_frame",
    "load_model",
    "predict_response",
    "predict_responses",
    "train",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib import metadata

        return metadata.version("objection-nlp")
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
