"""What cannot be read is reported with file and row, and nothing is dropped without a word."""

import gzip
import json
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from objection_nlp import TranscriptError
from objection_nlp.transcripts import read_source, read_turns
from objection_nlp.transcripts.sources import Source, find_sources
from objection_nlp.transcripts.text import MAX_LINE
from objection_nlp.transcripts.turns import Fault, ReadOptions, Turn

EXAMPLES = Path(__file__).parents[2] / "data" / "examples"


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(path: Path) -> tuple[list[str], list[Fault]]:
    """Return the texts and faults of a file."""
    items = list(read_source(Source(path), ReadOptions()))
    return (
        [item.text for item in items if isinstance(item, Turn)],
        [item for item in items if isinstance(item, Fault)],
    )


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", "", "is empty"),
        ("a.txt", "  \n", "is empty"),
        ("a.bin", b"\x00\x01\x02\x03" * 9, "holds bytes that no text has"),
        ("a.csv", "tekst\nja\n".encode("utf-16"), "is UTF-16; save it as UTF-8"),
        ("a.xyz", "geen spreker in zicht\nen hier ook niet\n", "is of an unknown format"),
        ("a.json", '{"segments": [{"text": "ja", "start"', "cut short"),
        ("a.json", '{"iets": 1}', "JSON of no known recogniser"),
        ("a.json", "[" * 100_000, "JSON of no known recogniser"),
        ("a.csv", "naam,leeftijd\nJan,3\n", "column 'text' is missing"),
        ("a.csv", "text,text\nja,nee\n", "a column name stands there twice"),
        ("a.parquet", b"PAR1 and then nothing", "damaged or cut short Parquet"),
        ("a.txt.gz", b"\x1f\x8b no gzip", "cannot be read"),
        ("a.gz", gzip.compress(bytes(range(1, 128)))[:40], "cannot be read"),
    ],
)
def test_whole_files(tmp_path: Path, name: str, content: str | bytes, reason: str) -> None:
    texts, faults = read(written(tmp_path / name, content))
    assert texts == []
    (fault,) = faults
    assert reason in fault.reason
    assert fault.source == str(tmp_path / name)


CUES = (
    "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Klant>een</v>\n\n{}\n\n00:05.000 --> 00:06.000\ntwee\n"
)


@pytest.mark.parametrize(
    ("name", "content", "row", "reason"),
    [
        ("a.vtt", CUES.format("00:03.000 --> 00:04.000\n"), 6, "a cue without text"),
        ("a.vtt", CUES.format("verdwaalde tekst"), 6, "a cue with a line like"),
        ("a.vtt", CUES.format("3 --> 4\nja"), 6, "a cue with a line like"),
        ("a.vtt", CUES.format("00:00.500 --> 00:04.000\nja"), 6, "starts at 0.5 s, before"),
        ("a.vtt", CUES.format("00:04.000 --> 00:03.000\nja"), 6, "ends before it starts"),
        ("a.csv", "text,start\neen,1\nte,veel,velden\ntwee,3\n", 3, "has 3 cells where"),
        ("a.csv", "text,start\neen,1\nalleen\ntwee,3\n", 3, "has 1 cells where"),
        ("a.csv", "text,start\neen,1\ndrie,gisteren\ntwee,3\n", 3, "a time in seconds"),
        ("a.csv", 'text,start\neen,1\n"ja"nee,2\ntwee,3\n', 3, "text after a closing quote"),
        ("a.csv", f"text\neen\n{'x' * (MAX_LINE + 9)}\ntwee\n", 3, "a line of more than"),
        ("a.jsonl", '{"text": "een"}\n{"text": "af\n{"text": "twee"}\n', 2, "no JSON object"),
        ("a.jsonl", '{"text": "een"}\n{"text": "x"} {}\n{"text": "twee"}\n', 2, "no JSON object"),
        ("a.jsonl", '{"text": "een"}\n{"tekst": 3}\n{"text": "twee"}\n', 2, "a text (a string)"),
        ("a.jsonl", f'{{"text": "een"}}\n{"[" * 9**5}\n{{"text": "twee"}}\n', 2, "no JSON object"),
        ("a.txt", "[0:01] Klant: een\n[0:02] Klant:\n[0:03] Agent: twee\n", 2, "nothing is said"),
        (
            "a.json",
            json.dumps({"segments": [{"text": "een"}, {"text": " "}, {"text": "twee"}]}),
            2,
            "no text",
        ),
        (
            "a.json",
            json.dumps({"segments": [{"text": "een"}, {"start": 2}, {"text": "twee"}]}),
            2,
            "a segment with a text and times",
        ),
    ],
)
def test_rows_and_the_reading_goes_on(
    tmp_path: Path, name: str, content: str, row: int, reason: str
) -> None:
    texts, faults = read(written(tmp_path / name, content))
    assert texts == ["een", "twee"]
    (fault,) = faults
    assert (fault.row, reason in fault.reason) == (row, True), fault


@pytest.mark.parametrize("name", ["a.csv", "a.txt", "a.jsonl"])
def test_cp1252_is_told_with_its_row(tmp_path: Path, name: str) -> None:
    lines = {
        "a.csv": ["text", "een", "café"],
        "a.txt": ["Klant: een", "Agent: ja", "Klant: café"],
        "a.jsonl": ['{"text": "een"}', '{"text": "ja"}', '{"text": "café"}'],
    }[name]
    texts, faults = read(written(tmp_path / name, "\n".join(lines).encode("cp1252")))
    assert "café" not in texts
    assert (faults[-1].row, "iconv -f CP1252" in faults[-1].reason) == (3, True)


def test_a_quote_that_never_closes_ends_the_reading(tmp_path: Path) -> None:
    content = 'text\neen\n"nooit dicht\n' + "nog een rij\n" * 10
    texts, faults = read(written(tmp_path / "a.csv", content))
    assert texts == ["een"]
    assert faults[0].row == 3
    assert "never closed" in faults[0].reason


def test_a_line_of_200_mb_is_passed_over_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with path.open("w") as stream:
        stream.write('{"text": "een"}\n')
        for _ in range(200):
            stream.write("x" * (1 << 20))
        stream.write('\n{"text": "twee"}\n')
    tracemalloc.start()
    texts, faults = read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert texts == ["een", "twee"]
    assert faults[0].row == 2
    assert peak < 32 << 20


def test_an_error_holds_no_text_of_the_call(tmp_path: Path) -> None:
    for name, content in [
        ("a.csv", "text,start\ngeheim,geheim\n"),
        ("a.jsonl", '{"text": "geheim\n'),
        ("a.vtt", "WEBVTT\n\n00:01 --> geheim\ngeheim\n"),
        ("a.csv", "Klant,dit is geheim\nAgent,dit ook\n"),
        ("a.txt", "\x01geheim"),
    ]:
        for fault in read(written(tmp_path / name, content))[1]:
            assert "geheim" not in str(fault)


@given(content=st.binary(max_size=300), name=st.sampled_from(["a.csv", "a.jsonl", "a.vtt", "a.x"]))
@example(content=b'"', name="a.csv")
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str
) -> None:
    read(written(tmp_path_factory.getbasetemp() / name, content))


@given(cut=st.integers(1, 2000), name=st.sampled_from(sorted(p.name for p in EXAMPLES.glob("*.*"))))
def test_any_cut_example_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, cut: int, name: str
) -> None:
    if not name.endswith(".zip"):
        path = tmp_path_factory.getbasetemp() / f"cut-{name}"
        read(written(path, (EXAMPLES / name).read_bytes()[:cut]))


def test_an_annotated_file_is_not_read_back(tmp_path: Path) -> None:
    header = "source,call_id,turn,speaker,start,end,text,label,labels,confidence,abstained,guidance"
    path = written(tmp_path / "a.csv", f"{header}\n" + "x," * 11 + "x\n")
    with pytest.raises(TranscriptError, match="was written by annotating and is not read back"):
        list(read_turns(path))


# --- archives ------------------------------------------------------------------------------------


def test_members_that_point_outside_or_are_archives_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("goed.txt", "../weg.txt", "a/../../weg.txt", "C:weg.txt", "in.zip"):
            archive.writestr(name, "Klant: ja\n")
    found = list(find_sources([path]))
    assert [source.name for source in found if isinstance(source, Source)] == [f"{path}/goed.txt"]
    reasons = [fault.reason for fault in found if isinstance(fault, Fault)]
    assert [("outside" in reason, "archive" in reason) for reason in reasons] == [
        *[(True, True)] * 3,
        (False, True),
    ]


@pytest.mark.parametrize("kind", ["zip", "gz"])
def test_a_bomb_is_stopped(tmp_path: Path, kind: str) -> None:
    line = b"Klant: " + b"ja " * 1000 + b"\n"
    if kind == "gz":
        path = tmp_path / "a.txt.gz"
        with gzip.open(path, "wb") as stream:
            for _ in range(30_000):
                stream.write(line)
    else:
        path = tmp_path / "a.zip"
        with (
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
            archive.open("a.txt", "w") as stream,
        ):
            for _ in range(30_000):
                stream.write(line)
    (source,) = find_sources([path])
    assert isinstance(source, Source)
    (fault,) = [item for item in read_source(source, ReadOptions()) if isinstance(item, Fault)]
    assert "zip bomb" in fault.reason


def test_a_broken_zip_is_a_fault(tmp_path: Path) -> None:
    (fault,) = find_sources([written(tmp_path / "a.zip", b"PK no zip")])
    assert isinstance(fault, Fault)
    assert "no readable zip" in fault.reason


def test_folders_and_globs(tmp_path: Path) -> None:
    (tmp_path / "week").mkdir()
    for name in ("b.txt", "a.txt", "week/c.txt", ".hidden.txt", "out.csv"):
        written(tmp_path / name, "Klant: ja\n")
    everything = find_sources([tmp_path, tmp_path / "a.txt"], leave_out=[tmp_path / "out.csv"])
    assert [source.path.name for source in everything] == ["a.txt", "b.txt", "c.txt"]
    globbed = find_sources([tmp_path / "**" / "c*.txt"])
    assert [source.path.name for source in globbed] == ["c.txt"]
    with pytest.raises(TranscriptError, match="there is no such file"):
        list(find_sources([tmp_path / "*.vtt"]))
