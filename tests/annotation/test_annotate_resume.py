"""A run that is killed and gone on with writes what an uninterrupted one writes, to the byte."""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from objection_nlp import Model, TranscriptError, annotate
from objection_nlp.annotation import journal
from objection_nlp.annotation.journal import work_folder

TURNS = 12_000
WORDS = ("niet", "betaal", "want", "mijn", "baas", "vakantie", "en", "het", "systeem", "plat")

# The notes follow each other fast here, so that kills fall between them too.
RUN = """
import sys
from objection_nlp import annotate, load_model
from objection_nlp.annotation import journal
journal._EVERY = 0.0
calls, out, errors, folder, jobs = sys.argv[1:]
model = load_model(folder)
print("ready", flush=True)
annotate([calls], out, model=model, errors=errors, resume=True, n_jobs=int(jobs))
"""


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("calls")
    choose = random.Random(5)
    for file in range(3):
        rows = ["call_id,who,text,shop"]
        for turn in range(TURNS // 3):
            text = " ".join(choose.choices(WORDS, k=12))
            rows.append(f"G{turn // 9},{'AB'[turn % 2]},{text},x" + ",te veel" * (turn % 500 == 3))
        (folder / f"{file}.csv").write_text("\n".join(rows))
    return folder


def run_and_kill(calls: Path, out: Path, model: Path, jobs: int, choose: random.Random) -> bool:
    """Kill a run: at once, or a moment after it has gone on; say whether it had noted anything."""
    errors = out.with_name(f"{out.stem}-errors.csv")
    arguments = [str(calls), str(out), str(errors), str(model), str(jobs)]
    note = work_folder(out) / "journal.json"
    before = note.stat().st_mtime_ns if note.exists() else 0
    with subprocess.Popen(
        [sys.executable, "-c", RUN, *arguments], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        patient = choose.random() < 0.8
        while patient and process.poll() is None:
            if note.exists() and note.stat().st_mtime_ns != before:
                break
            time.sleep(0.005)
        time.sleep(choose.uniform(0.0, 0.1))
        process.send_signal(signal.SIGKILL)
    return note.exists()


@pytest.mark.parametrize(
    ("kind", "jobs", "kills"), [("csv", 1, 10), ("parquet", 1, 2), ("jsonl", 2, 2)]
)
def test_killed_at_random_and_gone_on_with(
    tmp_path: Path, calls: Path, tiny_model_dir: Path, kind: str, jobs: int, kills: int
) -> None:
    whole, out = tmp_path / f"whole.{kind}", tmp_path / f"killed.{kind}"
    errors, mine = tmp_path / "whole-errors.csv", tmp_path / "killed-errors.csv"
    expected = annotate([calls], whole, model=tiny_model_dir, errors=errors)
    choose = random.Random(kind)
    noted = [run_and_kill(calls, out, tiny_model_dir, jobs, choose) for _ in range(kills)]
    assert any(noted), "no kill fell within the work: the test shows nothing"
    summary = annotate([calls], out, model=tiny_model_dir, errors=mine, resume=True)
    assert out.read_bytes() == whole.read_bytes()
    assert mine.read_bytes() == errors.read_bytes()
    assert summary == expected
    assert not work_folder(out).exists()


class _BreakError(Exception):
    """Stands for whatever breaks a run off."""


def break_off(calls: Path, out: Path, model: Model, after: int) -> None:
    """Begin a run and break it off after some blocks."""
    seen = 0

    def stop(turns: int, share: float) -> None:
        nonlocal seen
        seen += 1
        if seen == after:
            raise _BreakError

    with pytest.raises(_BreakError):
        annotate([calls], out, model=model, progress=stop)


def test_work_is_not_done_twice(
    tmp_path: Path, calls: Path, tiny_model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "_EVERY", 0.0)
    out = tmp_path / "o.jsonl"
    break_off(calls, out, tiny_model, after=6)
    done: list[int] = []
    annotate([calls], out, model=tiny_model, resume=True, progress=lambda n, _: done.append(n))
    assert done[0] > 6 * 1000
    assert len(out.read_bytes().splitlines()) == done[-1]


def test_what_stands_behind_the_last_note_is_cut_off(
    tmp_path: Path, calls: Path, tiny_model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "_EVERY", 0.0)
    whole, out = tmp_path / "whole.csv", tmp_path / "o.csv"
    annotate([calls], whole, model=tiny_model)
    break_off(calls, out, tiny_model, after=4)
    with (work_folder(out) / "rows.jsonl").open("ab") as stream:
        stream.write(b'{"half a row": ' * 500_000)
    annotate([calls], out, model=tiny_model, resume=True)
    assert out.read_bytes() == whole.read_bytes()


def test_an_unfinished_run_is_neither_lost_nor_mixed(
    tmp_path: Path, calls: Path, tiny_model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "_EVERY", 0.0)
    out = tmp_path / "o.csv"
    break_off(calls, out, tiny_model, after=2)
    assert not out.exists()
    with pytest.raises(TranscriptError, match="an unfinished run of it lies here"):
        annotate([calls], out, model=tiny_model)
    with pytest.raises(TranscriptError, match="other transcripts, options or another model"):
        annotate([calls], out, model=tiny_model, resume=True, merge_gap=1.0)
    assert work_folder(out).exists()
    (work_folder(out) / "journal.json").write_text("{")
    with pytest.raises(TranscriptError, match="cannot be gone on with; start again with --force"):
        annotate([calls], out, model=tiny_model, resume=True)
    annotate([calls], out, model=tiny_model, force=True)
    assert out.exists()


def test_changed_transcripts_are_not_gone_on_with(
    tmp_path: Path, tiny_model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "_EVERY", 0.0)
    source = tmp_path / "a.jsonl"
    source.write_text("".join(json.dumps({"text": str(row)}) + "\n" for row in range(3000)))
    out = tmp_path / "o.csv"
    break_off(source, out, tiny_model, after=2)
    source.write_text(source.read_text().replace("2999", "9992"))
    with pytest.raises(TranscriptError, match="other transcripts"):
        annotate([source], out, model=tiny_model, resume=True)


def test_resume_without_an_unfinished_run_does_all_anew(
    tmp_path: Path, calls: Path, tiny_model: Model
) -> None:
    out = tmp_path / "o.csv"
    first = annotate([calls], out, model=tiny_model, resume=True)
    before = out.read_bytes()
    assert annotate([calls], out, model=tiny_model, resume=True) == first
    assert out.read_bytes() == before
