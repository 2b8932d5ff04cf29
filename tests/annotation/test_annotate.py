"""Files in, one file out: every turn once, in order, with what could not be read beside it."""

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from objection_nlp import Model, TranscriptError, annotate, annotate_frame, train
from objection_nlp.annotation.blocks import BLOCK, cut_blocks
from objection_nlp.annotation.run import COLUMNS
from objection_nlp.cli import app
from objection_nlp.transcripts import read_turns
from objection_nlp.transcripts.sources import Source, find_sources
from objection_nlp.transcripts.turns import ReadOptions

EXAMPLES = Path(__file__).parents[2] / "data" / "examples"
SENTENCES = ("dat betaal ik niet", "mijn baas is op vakantie", "ja prima dat is goed", "")


def written(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


@pytest.fixture
def long_csv(tmp_path: Path) -> Path:
    """Return a file of several blocks, with a fault now and then."""
    rows = ["call_id,speaker,text"]
    for turn in range(3 * BLOCK + 100):
        speaker = ("Agent", "Klant")[turn % 2]
        rows.append(f"G{turn // 7},{speaker},{SENTENCES[turn % 4]}" + ",x" * (turn % 997 == 5))
    return written(tmp_path / "lang.csv", "\n".join(rows))


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_example_in_one_table(tmp_path: Path, tiny_model: Model) -> None:
    out = tmp_path / "out.csv"
    summary = annotate([EXAMPLES], out, model=tiny_model)
    rows = read_csv(out)
    expected = [
        (source.name, turn.call_id, str(turn.turn), turn.speaker, turn.text)
        for source in find_sources([EXAMPLES])
        if isinstance(source, Source) and source.member is None
        for turn in read_turns(source.path)
    ]
    found = [tuple(row[name] for name in ("source", *COLUMNS[1:4], "text")) for row in rows]
    assert [row for row in found if ".zip" not in row[0]] == expected
    assert sum(".zip" in row[0] for row in found) == 12
    assert (summary.turns, summary.files, summary.errors) == (len(rows), 20, 0)
    assert sum(summary.labels.values()) >= len(rows)
    assert summary.calls == len({(row["source"], row["call_id"]) for row in rows})


def test_no_module_hides_a_function() -> None:
    code = """
import importlib, pkgutil, objection_nlp
for module in pkgutil.iter_modules(objection_nlp.__path__):
    if module.name != "__main__":
        importlib.import_module(f"objection_nlp.{module.name}")
from types import ModuleType
from objection_nlp import __all__ as names
print([name for name in names if isinstance(getattr(objection_nlp, name), ModuleType)])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_columns_order_and_carried_ones(tmp_path: Path, tiny_model: Model) -> None:
    source = written(
        tmp_path / "a.jsonl",
        '{"text": "dat betaal ik niet", "speaker": "Klant", "label": "x"}\n'
        '{"text": "ja", "filiaal": ["Gent"], "speaker": "Agent"}\n',
    )
    out = tmp_path / "out.csv"
    annotate([source], out, model=tiny_model)
    rows = read_csv(out)
    assert list(rows[0]) == [*COLUMNS, "input_label", "filiaal"]
    assert [row["filiaal"] for row in rows] == ["", '["Gent"]']
    assert [row["input_label"] for row in rows] == ["x", ""]
    assert rows[0]["label"] == "weigert_te_betalen"
    assert (rows[1]["label"], rows[1]["confidence"]) == ("geen_tegenwerping", "1.0")


def test_the_three_formats_hold_the_same(tmp_path: Path, tiny_model: Model) -> None:
    for kind in ("csv", "jsonl", "parquet"):
        annotate([EXAMPLES / "calls.jsonl"], tmp_path / f"o.{kind}", model=tiny_model)
    from_csv = pd.read_csv(tmp_path / "o.csv")
    with (tmp_path / "o.jsonl").open(encoding="utf-8") as stream:
        from_jsonl = pd.DataFrame([json.loads(line) for line in stream])
    from_parquet = pd.read_parquet(tmp_path / "o.parquet")
    assert list(from_csv.columns) == list(from_jsonl.columns) == list(from_parquet.columns)
    pd.testing.assert_frame_equal(from_csv, from_jsonl, check_dtype=False)
    pd.testing.assert_frame_equal(from_csv, from_parquet, check_dtype=False)


def test_parquet_types(tmp_path: Path, tiny_model: Model) -> None:
    source = written(
        tmp_path / "a.jsonl",
        '{"text": "ja", "n": 1, "f": 1, "m": 1, "b": true}\n'
        '{"text": "ja", "n": null, "f": 0.5, "m": "x", "b": false}\n',
    )
    annotate([source], tmp_path / "o.parquet", model=tiny_model)
    table = pd.read_parquet(tmp_path / "o.parquet", dtype_backend="pyarrow")
    carried = ("turn", "abstained", "start", "n", "f", "m", "b")
    kinds = {name: str(table[name].dtype) for name in carried}
    assert kinds == {
        "turn": "int64[pyarrow]",
        "abstained": "bool[pyarrow]",
        "start": "double[pyarrow]",
        "n": "int64[pyarrow]",
        "f": "double[pyarrow]",
        "m": "string[pyarrow]",
        "b": "bool[pyarrow]",
    }
    assert table["m"].tolist() == ["1", "x"]


def test_formulas_are_made_harmless_in_csv_only(tmp_path: Path, tiny_model: Model) -> None:
    cells = ["=1+1", "+A1", "-cmd", "@x", "-12,50", "+31", "gewoon"]
    source = written(tmp_path / "a.jsonl", "\n".join(json.dumps({"text": c}) for c in cells))
    annotate([source], tmp_path / "o.csv", model=tiny_model)
    annotate([source], tmp_path / "o.jsonl", model=tiny_model)
    shown = [row["text"] for row in read_csv(tmp_path / "o.csv")]
    assert shown == ["'=1+1", "'+A1", "'-cmd", "'@x", "-12,50", "+31", "gewoon"]
    assert pd.read_json(tmp_path / "o.jsonl", lines=True, dtype=False)["text"].tolist() == cells


def test_unknown_speakers_are_annotated(tmp_path: Path, tiny_model: Model) -> None:
    source = written(tmp_path / "a.csv", "spreker,tekst\nX,dat betaal ik niet\n")
    summary = annotate([source], tmp_path / "o.csv", model=tiny_model)
    (row,) = read_csv(tmp_path / "o.csv")
    assert (row["speaker"], row["label"]) == ("unknown", "weigert_te_betalen")
    assert summary.speakers == {"unknown": 1}
    annotate([source], tmp_path / "o.csv", model=tiny_model, agents=["x"], force=True)
    (row,) = read_csv(tmp_path / "o.csv")
    assert (row["speaker"], row["label"]) == ("agent", "geen_tegenwerping")
    annotate([source], tmp_path / "o.csv", model=tiny_model, debtors=["x"], force=True)
    assert read_csv(tmp_path / "o.csv")[0]["speaker"] == "debtor"


def test_joined_turns_are_traced(tmp_path: Path, tiny_model: Model) -> None:
    source = written(tmp_path / "a.csv", "who,start,end,text\nA,0,1,dat\nA,1.2,2,niet\nA,9,9,ja\n")
    annotate([source], tmp_path / "o.csv", model=tiny_model, merge_gap=0.5)
    rows = read_csv(tmp_path / "o.csv")
    assert [(row["text"], row["segments"]) for row in rows] == [("dat niet", "2+3"), ("ja", "4")]


# --- faults --------------------------------------------------------------------------------------


@pytest.fixture
def mixed(tmp_path: Path) -> list[Path]:
    """Return a good file, a file with a bad row, and two that cannot be read at all."""
    return [
        written(tmp_path / "goed.txt", "Klant: dat betaal ik niet\n"),
        written(tmp_path / "half.csv", "text\nja\nte,veel\nnee\n"),
        written(tmp_path / "af.json", '{"segments": [{"text": "ja'),
        written(tmp_path / "vreemd.xyz", "iets\nanders\n"),
    ]


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_faults_go_to_their_file_and_the_run_goes_on(
    tmp_path: Path, tiny_model: Model, mixed: list[Path], kind: str
) -> None:
    errors = tmp_path / f"errors.{kind}"
    summary = annotate(mixed, tmp_path / "o.csv", model=tiny_model, errors=errors)
    assert [row["text"] for row in read_csv(tmp_path / "o.csv")] == [
        "dat betaal ik niet",
        "ja",
        "nee",
    ]
    rows = pd.read_csv(errors) if kind == "csv" else pd.read_json(errors, lines=True)
    assert list(rows.columns) == ["source", "row", "reason"]
    assert rows["source"].tolist() == [str(path) for path in mixed[1:]]
    assert rows["row"].fillna(0).tolist() == [3, 0, 0]
    assert (summary.errors, len(summary.faults), summary.files) == (3, 3, 2)


def test_strict_stops_and_leaves_nothing(
    tmp_path: Path, tiny_model: Model, mixed: list[Path]
) -> None:
    before = sorted(tmp_path.iterdir())
    with pytest.raises(TranscriptError, match=r"half\.csv row 3: has 2 cells where"):
        annotate(mixed, tmp_path / "o.csv", model=tiny_model, strict=True)
    assert sorted(tmp_path.iterdir()) == before


def test_nothing_readable_is_an_error(tmp_path: Path, tiny_model: Model, mixed: list[Path]) -> None:
    with pytest.raises(TranscriptError, match=r"(?s)no turn could be read:.*af\.json"):
        annotate(mixed[2:], tmp_path / "o.csv", model=tiny_model, errors=tmp_path / "e.csv")
    assert not (tmp_path / "o.csv").exists()
    assert len(read_csv(tmp_path / "e.csv")) == 2


REFUSED: list[tuple[dict[str, object], str]] = [
    ({"output": "o.xlsx"}, "cannot write this kind of file; use one of .csv, .jsonl, .parquet"),
    ({"output": "a.csv", "force": True}, "is an input too"),
    ({"output": "er-is-al.csv"}, "exists; choose another output"),
    ({"output": "weg/o.csv"}, "there is no such folder"),
    ({"errors": "er-is-al.csv"}, "exists; choose another output"),
    ({"errors": "e.xlsx"}, "faults are written as .csv or .jsonl"),
    ({"errors": "o.csv"}, "is named twice"),
    ({"columns": {"tekst": "x"}}, "column 'tekst' is none of ours; use one of text, speaker"),
    ({"agents": ["A"], "debtors": ["a"]}, "named as agent and as debtor"),
    ({"merge_gap": -1}, "the merge gap is -1"),
    ({"merge_gap": float("nan")}, "the merge gap is nan"),
    ({"n_jobs": 0}, "n_jobs is 0"),
    ({"engine": "spark"}, "engine 'spark' is unknown; use local or dask"),
    ({"scheduler": "tcp://x"}, "is for the engine 'dask'"),
    ({"inputs": []}, "no transcript was named"),
    ({"inputs": ["weg.csv"]}, "there is no such file"),
]


@pytest.mark.parametrize(("options", "message"), REFUSED)
def test_refused_before_any_work(
    tmp_path: Path,
    tiny_model: Model,
    monkeypatch: pytest.MonkeyPatch,
    options: dict[str, object],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.csv", "er-is-al.csv"):
        written(tmp_path / name, "text\nja\n")
    given = {"inputs": ["a.csv"], "output": "o.csv", "model": tiny_model} | options
    with pytest.raises(TranscriptError) as caught:
        annotate(**given)  # type: ignore[arg-type]
    assert message in str(caught.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "er-is-al.csv"]


def test_an_output_in_an_input_folder_is_not_read(tmp_path: Path, tiny_model: Model) -> None:
    written(tmp_path / "a.txt", "Klant: ja\n")
    out, errors = tmp_path / "o.csv", tmp_path / "e.csv"
    for _ in range(2):
        summary = annotate([tmp_path], out, model=tiny_model, errors=errors, force=True)
        assert (summary.files, summary.errors) == (1, 0)


# --- engines and blocks --------------------------------------------------------------------------


def test_blocks_begin_again_anywhere(long_csv: Path) -> None:
    sources = [Source(EXAMPLES / "calls.csv"), Source(long_csv), Source(EXAMPLES / "gesprek.txt")]
    blocks = list(cut_blocks(sources, ReadOptions()))
    assert len(blocks) > 3
    for number, block in enumerate(blocks[:-1], start=1):
        rest = list(cut_blocks(sources, ReadOptions(), block.end))
        assert rest == blocks[number:]
    assert [block.share for block in blocks] == sorted(block.share for block in blocks)


def test_workers_and_dask_write_the_same_bytes(
    tmp_path: Path, tiny_model: Model, long_csv: Path
) -> None:
    inputs = [long_csv, EXAMPLES]
    ways: dict[str, dict[str, object]] = {
        "one": {},
        "workers": {"n_jobs": 2},
        "dask": {"engine": "dask", "n_jobs": 2},
    }
    for name, way in ways.items():
        out = tmp_path / f"{name}.jsonl"
        errors = tmp_path / f"{name}-errors.csv"
        annotate(inputs, out, model=tiny_model, errors=errors, **way)  # type: ignore[arg-type]
    for name in ("workers", "dask"):
        for suffix in (".jsonl", "-errors.csv"):
            mine = (tmp_path / f"{name}{suffix}").read_bytes()
            assert mine == (tmp_path / f"one{suffix}").read_bytes()


def test_a_scheduler_of_its_own(tmp_path: Path, tiny_model: Model) -> None:
    from distributed import LocalCluster

    calls = EXAMPLES / "calls.csv"
    annotate([calls], tmp_path / "here.csv", model=tiny_model)
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
        address = cluster.scheduler_address
        out = tmp_path / "there.csv"
        annotate([calls], out, model=tiny_model, engine="dask", scheduler=address)
    assert out.read_bytes() == (tmp_path / "here.csv").read_bytes()


@pytest.mark.parametrize("way", [{"n_jobs": 2}, {"engine": "dask", "n_jobs": 2}])
def test_strict_stops_workers_too(
    tmp_path: Path, tiny_model: Model, long_csv: Path, way: dict[str, object]
) -> None:
    with pytest.raises(TranscriptError, match=r"lang\.csv row 7"):
        annotate([long_csv], tmp_path / "o.csv", model=tiny_model, strict=True, **way)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == [long_csv]


def test_training_on_dask_gives_the_same_model(
    tmp_path: Path, tiny_csv: Path, tiny_model_dir: Path
) -> None:
    from distributed import Client
    from joblib import parallel_config

    # joblib sends nothing to a single worker.
    with (
        Client(n_workers=2, threads_per_worker=1, dashboard_address=None) as client,
        parallel_config("dask"),
    ):
        train([tiny_csv], tmp_path / "model", n_jobs=-1)
        assert client.run_on_scheduler(lambda dask_scheduler: dask_scheduler.transition_counter)
    for file in tiny_model_dir.iterdir():
        assert (tmp_path / "model" / file.name).read_bytes() == file.read_bytes()


def test_a_scheduler_that_does_not_answer(tmp_path: Path, tiny_model: Model) -> None:
    with pytest.raises(TranscriptError, match="no Dask scheduler answers at"):
        annotate(
            [EXAMPLES / "calls.csv"],
            tmp_path / "o.csv",
            model=tiny_model,
            engine="dask",
            scheduler="not an address",
        )


def test_progress_counts_turns_and_share(tmp_path: Path, tiny_model: Model, long_csv: Path) -> None:
    seen: list[tuple[int, float]] = []
    progress: Callable[[int, float], None] = lambda turns, share: seen.append((turns, share))  # noqa: E731
    summary = annotate([long_csv], tmp_path / "o.csv", model=tiny_model, progress=progress)
    assert seen == sorted(seen)
    assert len(seen) > 3
    assert seen[-1] == (summary.turns, 1.0)


def test_frame_in_frame_out(tiny_model: Model) -> None:
    frame = pd.DataFrame(
        {
            "text": ["dat betaal ik niet", None, "ja"],
            "speaker": ["Klant", "Klant", "Agent"],
            "start": [1.5, None, 2.0],
            "filiaal": ["Gent", "Aalst", "Mol"],
        },
        index=[7, 8, 9],
    )
    found = annotate_frame(frame, tiny_model)
    assert list(found.columns) == [*COLUMNS, "filiaal"]
    assert found.index.tolist() == [7, 8, 9]
    assert found["speaker"].tolist() == ["debtor", "debtor", "agent"]
    assert found["label"].iloc[0] == "weigert_te_betalen"
    assert found["abstained"].tolist()[1:] == [True, False]
    halves = [annotate_frame(part, tiny_model) for part in (frame[:1], frame[1:])]
    assert pd.concat(halves)["labels"].tolist() == found["labels"].tolist()


def test_frame_without_rows_has_its_columns(tiny_model: Model) -> None:
    assert list(annotate_frame(pd.DataFrame({"text": []}), tiny_model).columns) == list(COLUMNS)


def test_spark(tiny_model_dir: Path) -> None:
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
    spark = sql.SparkSession.builder.master("local[1]").getOrCreate()
    frame = spark.createDataFrame(pd.DataFrame({"text": ["dat betaal ik niet"] * 5}))

    def answered(frames):  # type: ignore[no-untyped-def]
        from objection_nlp import load_model

        model = load_model(tiny_model_dir)
        yield from (annotate_frame(part, model)[["text", "label"]] for part in frames)

    found = frame.mapInPandas(answered, "text string, label string").toPandas()
    assert found["label"].tolist() == ["weigert_te_betalen"] * 5


# --- the command ---------------------------------------------------------------------------------


def test_command_tells_by_its_exit_code(
    tmp_path: Path, tiny_model_dir: Path, mixed: list[Path]
) -> None:
    out, errors = tmp_path / "o.csv", tmp_path / "e.csv"
    base = ["annotate", "--out", str(out), "--model", str(tiny_model_dir), "--json"]
    good = CliRunner().invoke(app, [*base, str(mixed[0])])
    assert (good.exit_code, json.loads(good.stdout)["turns"]) == (0, 1)
    command = [*base, *map(str, mixed), "--errors", str(errors), "--force"]
    partly = CliRunner().invoke(app, command)
    assert partly.exit_code == 1
    assert "3 file(s) or row(s) could not be read; see" in partly.stderr
    assert json.loads(partly.stdout)["turns"] == 3
    assert len(read_csv(errors)) == 3


def test_command_refuses_half_a_column(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        app, ["annotate", "x.csv", "--out", str(tmp_path / "o.csv"), "--column", "text"]
    )
    assert result.exit_code == 2
    assert "OURS=THEIRS" in result.stderr
