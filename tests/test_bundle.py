"""A model directory is used whole and unchanged, or not at all."""

import hashlib
import io
import json
import pickle
import shutil
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from objection_nlp import (
    DataError,
    Model,
    ModelError,
    PipelineError,
    load_model,
    predict_response,
)
from objection_nlp.bundle import CARD, MANIFEST, PLAYBOOK, WEIGHTS, save_model


@pytest.fixture
def copy(tiny_model_dir: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_model_dir, tmp_path / "model"))


def rewrite(folder: Path, **changes: object) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps(manifest | changes))


def forge(folder: Path, name: str, content: bytes) -> None:
    """Change a file and its hash too, as somebody with a will would."""
    (folder / name).write_bytes(content)
    hashes = json.loads((folder / MANIFEST).read_text())["files"]
    rewrite(folder, files=hashes | {name: hashlib.sha256(content).hexdigest()})


def forge_array(folder: Path, **arrays: np.ndarray) -> None:
    with np.load(folder / WEIGHTS) as stored:
        changed = {name: stored[name] for name in stored.files} | arrays
    buffer = io.BytesIO()
    np.savez(buffer, **changed)
    forge(folder, WEIGHTS, buffer.getvalue())


def test_saved_and_loaded_answers_alike(tiny_model: Model, tmp_path: Path) -> None:
    save_model(tiny_model, tmp_path / "again", "card")
    text = "ons systeem ligt plat"
    first, second = (predict_response(text, model=m) for m in (tiny_model, tmp_path / "again"))
    assert first.probabilities == second.probabilities and first.labels == second.labels


def test_a_higher_precision_is_kept_by_abstaining_more(tiny_model: Model) -> None:
    strict = tiny_model.at_precision(tiny_model.acting[-1].precision)
    assert strict.thresholds.act == tiny_model.acting[-1].threshold
    assert strict.scorer is tiny_model.scorer
    none_measured = replace(tiny_model, acting=())
    with pytest.raises(DataError, match="no threshold keeps"):
        none_measured.threshold_for(0.9)


def test_saving_twice_gives_the_same_bytes(tiny_model: Model, tmp_path: Path) -> None:
    for name in ("a", "b"):
        save_model(tiny_model, tmp_path / name, "card")
    for file in (MANIFEST, WEIGHTS, PLAYBOOK, CARD):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_a_missing_directory_says_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no model here .*objection-nlp train"):
        load_model(tmp_path / "nowhere")


@pytest.mark.parametrize("name", [WEIGHTS, PLAYBOOK, CARD])
def test_missing_cut_and_changed_files_are_refused(copy: Path, name: str) -> None:
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content[:-3])
    with pytest.raises(ModelError, match=f"{name} was changed or cut short"):
        load_model(copy)
    (copy / name).unlink()
    with pytest.raises(ModelError, match=f"{name} is missing"):
        load_model(copy)


def test_another_format_version_names_both(copy: Path) -> None:
    rewrite(copy, format_version=99)
    with pytest.raises(ModelError, match=r"format version 99, this objection-nlp .* version 1"):
        load_model(copy)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xff"])
def test_a_broken_manifest_is_refused(copy: Path, content: bytes) -> None:
    (copy / MANIFEST).write_bytes(content)
    with pytest.raises(ModelError, match="damaged"):
        load_model(copy)


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": ["a"]},
        {"labels": 5},
        {"thresholds": {"second": "x"}},
        {"thresholds": {"unknown": 1}},
        {"acting": [[0.9, 0.5]]},
        {"acting": [{"precision": None, "threshold": 0.5, "coverage": 1}]},
        {"labels": [["a"]]},
        {"files": {}},
        {"files": {"../../etc/passwd": "0"}},
        {"spacy_pipeline": None, "labels": None},
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(copy: Path, changes: dict) -> None:
    rewrite(copy, **changes)
    with pytest.raises(ModelError, match="damaged"):
        load_model(copy)


class _Bomb:
    """Leaves a mark where a pickle of it is ever loaded."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple:
        return (Path.touch, (self.mark,))


def test_a_forged_pickle_is_never_run(copy: Path, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    bomb = np.empty(1, dtype=object)
    bomb[0] = _Bomb(mark)
    forge_array(copy, bias=bomb)
    with pytest.raises(ModelError, match="does not hold the arrays"):
        load_model(copy)
    forge(copy, WEIGHTS, pickle.dumps(_Bomb(mark)))
    with pytest.raises(ModelError, match="does not hold the arrays"):
        load_model(copy)
    assert not mark.exists()


@pytest.mark.parametrize(
    "arrays",
    [
        {"bias": np.zeros(3, dtype=np.float32)},
        {"bias": np.full(11, np.nan, dtype=np.float32)},
        {"prior": np.zeros(11, dtype=np.float32)},
        {"buckets": np.array([2**30], dtype=np.int32)},
    ],
)
def test_arrays_of_another_shape_type_or_range_are_refused(copy: Path, arrays: dict) -> None:
    forge_array(copy, **arrays)
    with pytest.raises(ModelError, match="damaged: array"):
        load_model(copy)


@pytest.mark.parametrize("entry", ["buckets", "buckets.npy"])
def test_an_archive_of_other_things_than_arrays_is_refused(copy: Path, entry: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(entry, b"no array at all")
    forge(copy, WEIGHTS, buffer.getvalue())
    with pytest.raises(ModelError, match="does not hold the arrays of a model"):
        load_model(copy)


def test_nothing_but_an_installed_dutch_pipeline_is_imported(copy: Path) -> None:
    rewrite(copy, spacy_pipeline="this")
    with pytest.raises(PipelineError, match="not installed"):
        load_model(copy)
    assert "this" not in sys.modules


def test_a_pipeline_that_is_not_installed_is_refused(copy: Path) -> None:
    rewrite(copy, spacy_pipeline="nl_core_news_zz")
    with pytest.raises(PipelineError, match="spacy download nl_core_news_zz"):
        load_model(copy)
