"""The templates of the report."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from objection_nlp.errors import TranscriptError

if TYPE_CHECKING:
    from jinja2 import Environment


def page_environment(titles: Mapping[str, str]) -> "Environment":
    """Return the templates of the report; whatever is put into them is escaped."""
    jinja = import_jinja()
    environment: Environment = jinja.Environment(
        loader=jinja.PackageLoader("objection_nlp"),
        autoescape=True,
        undefined=jinja.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clock"] = _clock
    environment.filters["title_of"] = lambda name: titles[name]
    return environment


def _clock(value: float | None) -> str:
    if value is None:
        return ""
    minutes, rest = divmod(int(value), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def import_jinja() -> Any:
    """Return Jinja, or say how to install it.

    Raises
    ------
    TranscriptError
    """
    try:
        import jinja2
    except ImportError as error:
        raise TranscriptError(
            "the report needs Jinja: pip install 'objection-nlp[report]'"
        ) from error
    return jinja2
