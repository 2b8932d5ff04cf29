"""What a caller can say and do: guidance per label, read from a TOML file and checked on load.

The playbook also fixes the labels: whatever ids its entries carry are the ids that a model
trained with it predicts.
"""

import tomllib
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.dataclasses import dataclass as validated_dataclass

from objection_nlp.errors import PlaybookError, listed

_Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
_Label = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
_Lines = Annotated[tuple[_Text, ...], Field(min_length=1)]
_FORMAT_VERSION = 1


@validated_dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Guidance:
    """What the playbook advises for one label.

    Attributes
    ----------
    label : str
        The id that this entry is for.
    title : str
        Short Dutch name of the objection, fit for a table.
    description : str
        What the debtor says, in essence.
    goal : str
        What the caller wants to have reached when the call ends.
    say : tuple of str
        Ready sentences in Dutch, u-form.
    ask : tuple of str
        Questions that move the call on.
    do : tuple of str
        Follow-up actions.
    avoid : tuple of str
        What makes it worse.
    escalate : tuple of str
        When to step up, and to what.
    prevent : tuple of str
        How to keep this objection from coming up next time.
    sources : tuple of str
        Keys of the sources that the entry rests on.
    """

    label: _Label
    title: _Text
    description: _Text
    goal: _Text
    say: _Lines
    ask: _Lines
    do: _Lines
    avoid: _Lines
    escalate: _Lines
    prevent: _Lines
    sources: _Lines

    def to_dict(self) -> dict[str, Any]:
        """Return the entry as plain lists and strings, ready for JSON."""
        return {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in asdict(self).items()
        }


class _File(BaseModel):
    """The shape of a playbook file."""

    model_config = ConfigDict(extra="forbid")

    version: int
    sources: dict[str, _Text]
    general: Guidance
    objection: Annotated[list[Guidance], Field(min_length=1)]


@dataclass(frozen=True)
class Playbook:
    """The labels in use and the guidance for each.

    Attributes
    ----------
    general : Guidance
        The general stance, for utterances without an objection and for unsure answers.
    objections : tuple of Guidance
        One entry per objection, in the order of the file.
    sources : dict of str to str
        What each source key stands for.
    source_text : str
        The file as it was read; a model directory keeps this copy.

    Examples
    --------
    >>> book = Playbook.load()
    >>> book.labels[0], book.none_label
    ('factuur_niet_ontvangen', 'geen_tegenwerping')
    >>> book.guidance("systeemproblemen").title
    'Systemen werken niet'
    """

    general: Guidance
    objections: tuple[Guidance, ...]
    sources: dict[str, str]
    source_text: str

    @classmethod
    def load(cls, path: str | Path | None = None) -> "Playbook":
        """Read and check a playbook.

        Parameters
        ----------
        path : str or Path, optional
            A TOML file; the packaged Dutch playbook when None.

        Raises
        ------
        PlaybookError
            If the file is missing, is no TOML, or has unknown, missing, empty or double entries.
            The message names each entry at fault.
        """
        if path is None:
            return _packaged()
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise PlaybookError(
                f"{path}: cannot be read as a UTF-8 text file ({type(error).__name__}); "
                "expected a playbook in TOML, see `objection-nlp playbook show --toml`"
            ) from error
        return cls.parse(text, name=str(path))

    @classmethod
    def parse(cls, text: str, name: str = "playbook") -> "Playbook":
        """Check the text of a playbook; ``name`` stands in the errors for the file.

        Raises
        ------
        PlaybookError
            As in :meth:`load`.
        """
        try:
            raw = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise PlaybookError(f"{name}: is not valid TOML ({error}); mend that line") from error
        try:
            file = _File.model_validate(raw)
        except ValidationError as error:
            faults = [_fault(raw, dict(item)) for item in error.errors()]
            raise PlaybookError(
                f"{name}: the playbook is not complete:\n{listed(faults)}"
            ) from None
        faults = _contradictions(file)
        if faults:
            raise PlaybookError(f"{name}: the playbook contradicts itself:\n{listed(faults)}")
        return cls(file.general, tuple(file.objection), file.sources, text)

    @property
    def none_label(self) -> str:
        """The id for an utterance that holds none of the objections."""
        return self.general.label

    @property
    def labels(self) -> tuple[str, ...]:
        """All ids: the objections in the order of the file, the id for none last."""
        return (*(entry.label for entry in self.objections), self.none_label)

    def guidance(self, label: str) -> Guidance:
        """Return the entry for a label.

        Raises
        ------
        PlaybookError
            If the playbook has no such label.
        """
        for entry in (*self.objections, self.general):
            if entry.label == label:
                return entry
        raise PlaybookError(
            f"label {label!r} is not in the playbook; it has {', '.join(self.labels)}"
        )


@lru_cache(maxsize=1)
def _packaged() -> Playbook:
    file = resources.files("objection_nlp") / "playbook.toml"
    return Playbook.parse(file.read_text(encoding="utf-8"), name="the packaged playbook")


def _fault(raw: dict[str, Any], error: dict[str, Any]) -> str:
    """Name the entry and key of one validation error in the words of the file."""
    place = list(error["loc"])
    entry = str(place.pop(0))
    if entry == "objection" and place:
        position = int(place.pop(0))
        label = raw["objection"][position].get("label", f"number {position + 1}")
        entry = f"objection {label!r}"
    key = "".join(f" {part!r}" for part in place)
    return f"entry {entry}{':' if key else ''}{key}: {error['msg'].lower()}"


def _contradictions(file: _File) -> list[str]:
    """Faults that only the whole file can show: version, double ids, unknown sources."""
    faults = []
    if file.version != _FORMAT_VERSION:
        faults.append(f"version {file.version} came, {_FORMAT_VERSION} was expected")
    seen: set[str] = set()
    for entry in (file.general, *file.objection):
        if entry.label in seen:
            faults.append(f"entry {entry.label!r}: this label stands there twice")
        seen.add(entry.label)
        faults += [
            f"entry {entry.label!r}: source {key!r} is not listed under [sources]"
            for key in entry.sources
            if key not in file.sources
        ]
    return faults
