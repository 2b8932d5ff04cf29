"""Any turns written in a format are read back the same, and the examples hold what they should."""

import csv
import io
import json
import string
from pathlib import Path

import pandas as pd
import pytest
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from objection_nlp.transcripts import find_reader, read_segments, read_turns
from objection_nlp.transcripts.sources import Source
from objection_nlp.transcripts.turns import ReadOptions, Segment

EXAMPLES = Path(__file__).parents[2] / "data" / "examples"

# Whole words, so that each format may break lines and join blanks as it does; the signs are those
# that formats use for themselves.
WORDS = st.text(string.ascii_letters + "éëïçß€'&<>;,|.?!-0123456789\"", min_size=1, max_size=9)
TEXTS = st.lists(WORDS, min_size=1, max_size=8).map(" ".join).filter(lambda text: "-->" not in text)
NAMES = st.sampled_from(["Agent", "Klant", "Jan de Boer", "SPEAKER_01", "Mevrouw Öztürk"])
MILLISECONDS = st.integers(0, 3_600_000)


@st.composite
def calls(draw: st.DrawFn, texts: st.SearchStrategy[str] = TEXTS) -> list[Segment]:
    said = draw(st.lists(st.tuples(NAMES, texts), min_size=1, max_size=6))
    times = sorted(draw(st.lists(MILLISECONDS, min_size=len(said) * 2, max_size=len(said) * 2)))
    return [
        Segment("call", name, text, row, times[2 * row] / 1000, times[2 * row + 1] / 1000, {})
        for row, (name, text) in enumerate(said)
    ]


def read_back(path: Path, content: bytes) -> list[tuple[object, ...]]:
    path.write_bytes(content)
    return [heard(segment) for segment in read_segments(Source(path), ReadOptions())]


def heard(segment: object) -> tuple[object, ...]:
    assert isinstance(segment, Segment), segment
    return segment.name, segment.text, segment.start, segment.end


def clock(value: float, sign: str = ".") -> str:
    milliseconds = round(value * 1000)
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{sign}{rest:03}"


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("formats")


@given(call=calls())
def test_webvtt(folder: Path, call: list[Segment]) -> None:
    file = webvtt.WebVTT()
    for number, said in enumerate(call):
        text = f"<v {said.name}>{escaped(said.text)}</v>"
        cue = webvtt.Caption(clock(said.start), clock(said.end), text, identifier=f"cue {number}")
        file.captions.append(cue)
    found = read_back(folder / "call.vtt", file.content.encode())
    assert found == [heard(said) for said in call]


@given(call=calls(TEXTS.filter(lambda text: "<" not in text)), end=st.sampled_from(["\n", "\r\n"]))
def test_subrip(folder: Path, call: list[Segment], end: str) -> None:
    blocks = [
        f"{number}\n{clock(said.start, ',')} --> {clock(said.end, ',')}\n{said.name}: {said.text}\n"
        for number, said in enumerate(call, start=1)
    ]
    found = read_back(folder / "call.srt", "\n".join(blocks).replace("\n", end).encode())
    assert found == [heard(said) for said in call]


@given(call=calls())
def test_plain_text(folder: Path, call: list[Segment]) -> None:
    lines = [f"[{clock(said.start)} - {clock(said.end)}] {said.name}: {said.text}" for said in call]
    found = read_back(folder / "call.txt", "\n".join(lines).encode())
    assert found == [heard(said) for said in call]


ANY_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)


@given(
    call=calls(ANY_TEXT),
    delimiter=st.sampled_from(",;\t|^"),
    bom=st.booleans(),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_csv(folder: Path, call: list[Segment], delimiter: str, bom: bool, end: str) -> None:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerow(["Spreker", "Begin", "Eind", "Tekst"])
    writer.writerows([said.name, said.start, said.end, said.text] for said in call)
    content = ("\ufeff" if bom else "") + stream.getvalue()
    found = read_back(folder / "call.csv", content.encode())
    assert found == [heard(said) for said in call]


@given(call=calls(ANY_TEXT))
def test_jsonl(folder: Path, call: list[Segment]) -> None:
    lines = [
        json.dumps(dict(zip(("speaker", "text", "start", "end"), heard(said), strict=True)))
        for said in call
    ]
    found = read_back(folder / "call.jsonl", "\n".join(lines).encode())
    assert found == [heard(said) for said in call]


@given(call=calls(ANY_TEXT))
def test_parquet(folder: Path, call: list[Segment]) -> None:
    stream = io.BytesIO()
    columns = ["speaker", "text", "start", "end"]
    pd.DataFrame([heard(said) for said in call], columns=columns).to_parquet(stream)
    found = read_back(folder / "call.parquet", stream.getvalue())
    assert found == [heard(said) for said in call]


def document(call: list[Segment], key: str, **names: str) -> list[dict[str, object]]:
    values = ("name", "text", "start", "end")
    return [
        {names[value]: getattr(said, value) for value in values if value in names} for said in call
    ]


def as_whisperx(call: list[Segment]) -> dict[str, object]:
    named = {"name": "speaker", "text": "text", "start": "start", "end": "end"}
    return {"segments": document(call, "segments", **named), "language": "nl"}


def as_call_analytics(call: list[Segment]) -> dict[str, object]:
    entries = [
        {
            "ParticipantRole": said.name,
            "Content": said.text,
            "BeginOffsetMillis": round(said.start * 1000),
            "EndOffsetMillis": round(said.end * 1000),
        }
        for said in call
    ]
    return {"Participants": [], "Transcript": entries}


def as_amazon(call: list[Segment]) -> dict[str, object]:
    segments = [
        {
            "speaker_label": said.name,
            "transcript": said.text,
            "start_time": str(said.start),
            "end_time": str(said.end),
        }
        for said in call
    ]
    return {"results": {"transcripts": [], "items": [], "audio_segments": segments}}


def as_azure(call: list[Segment]) -> dict[str, object]:
    phrases = [
        {
            "speaker": said.name,
            "offsetInTicks": round(said.start * 10_000_000),
            "durationInTicks": round((said.end - said.start) * 10_000_000),
            "nBest": [{"display": said.text}],
        }
        for said in call
    ]
    return {"recognizedPhrases": phrases}


def as_google(call: list[Segment]) -> dict[str, object]:
    results = [
        {
            "channelTag": said.name,
            "alternatives": [
                {"transcript": said.text, "words": [{"startTime": f"{said.start}s", "word": "x"}]}
            ],
            "resultEndTime": f"{said.end}s",
        }
        for said in call
    ]
    return {"results": results}


def as_deepgram(call: list[Segment]) -> dict[str, object]:
    named = {"name": "speaker", "text": "transcript", "start": "start", "end": "end"}
    utterances = document(call, "utterances", **named)
    return {"results": {"channels": [{"alternatives": []}], "utterances": utterances}}


def as_assemblyai(call: list[Segment]) -> dict[str, object]:
    utterances = [
        {
            "speaker": said.name,
            "text": said.text,
            "start": round(said.start * 1000),
            "end": round(said.end * 1000),
        }
        for said in call
    ]
    return {"audio_url": "https://opslag.example/a.wav", "text": "", "utterances": utterances}


RECOGNISERS = {
    "Whisper JSON": (as_whisperx, ""),
    "Amazon Transcribe Call Analytics": (as_call_analytics, ""),
    "Amazon Transcribe": (as_amazon, ""),
    "Azure Speech batch": (as_azure, "speaker "),
    "Google Speech-to-Text": (as_google, "channel "),
    "Deepgram": (as_deepgram, "speaker "),
    "AssemblyAI": (as_assemblyai, "speaker "),
}


@pytest.mark.parametrize("name", RECOGNISERS)
@given(call=calls(), indent=st.sampled_from([None, 1]))
def test_recognisers(folder: Path, name: str, call: list[Segment], indent: int | None) -> None:
    write, before = RECOGNISERS[name]
    path = folder / "call.json"
    found = read_back(path, json.dumps(write(call), indent=indent).encode())
    assert found == [(f"{before}{said.name}", *heard(said)[1:]) for said in call]
    assert find_reader(Source(path), ReadOptions()).name == name


TURNS_OF = {
    "aantekeningen.txt": 4,
    "amazon-call-analytics.json": 6,
    "amazon-transcribe.json": 6,
    "assemblyai.json": 6,
    "azure-batch.json": 6,
    "calls-2.jsonl.gz": 18,
    "calls.csv": 18,
    "calls.jsonl": 18,
    "calls.parquet": 18,
    "calls.tsv": 18,
    "deepgram.json": 6,
    "excel-nl.csv": 18,
    "gesprek.txt": 16,
    "google-speech.json": 6,
    "waterleiding.vtt": 6,
    "whisper.json": 6,
    "whisperx.json": 6,
    "zuiderpoort.srt": 6,
}
NOBODY_NAMED = {"whisper.json"}


@pytest.mark.parametrize("name", TURNS_OF)
def test_example(name: str) -> None:
    turns = list(read_turns(EXAMPLES / name))
    assert len(turns) == TURNS_OF[name]
    expected = ["unknown"] * 2 if name in NOBODY_NAMED else ["agent", "debtor"]
    assert [turn.speaker for turn in turns] == expected * (len(turns) // 2)


def test_every_example_has_its_test() -> None:
    files = {path.name for path in EXAMPLES.iterdir()} - {"README.md"}
    assert files == {*TURNS_OF, "week11.zip"}


def test_one_call_is_read_the_same_from_every_table() -> None:
    tables = ["calls.csv", "calls.tsv", "calls.jsonl", "calls.parquet", "excel-nl.csv"]
    said = [[(t.call_id, t.text) for t in read_turns(EXAMPLES / name)] for name in tables]
    assert all(other == said[0] for other in said)


def test_google_takes_the_words_of_the_last_result_when_they_have_speakers(tmp_path: Path) -> None:
    turns = list(read_turns(EXAMPLES / "google-speech.json"))
    assert turns[1].text == "Ja, daar spreekt u mee."
    assert (turns[0].start, turns[0].end) == (0.5, 5.504)


def test_amazon_puts_signs_behind_their_words() -> None:
    turn = next(iter(read_turns(EXAMPLES / "amazon-transcribe.json")))
    assert turn.text.startswith("Goedemorgen, u spreekt met Lotte")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            "WEBVTT\n\nSTYLE\n::cue { color: red }\n\nNOTE let op\n\n00:01.000 --> 00:02.000"
            " align:start\n<v.luid Piet>ja <i>hoor</i>\n<v Jan>nee</v>\n",
            [("Piet", "ja hoor", 1.0, 2.0), ("Jan", "nee", 1.0, 2.0)],
        ),
        (
            "WEBVTT\n\nmijn id\n100:00:01.000 --> 100:00:02.000\nKlant: ja &amp; nee\n",
            [("Klant", "ja & nee", 360001.0, 360002.0)],
        ),
    ],
)
def test_webvtt_voices_notes_styles_and_settings(
    tmp_path: Path, content: str, expected: list[tuple[object, ...]]
) -> None:
    assert read_back(tmp_path / "call.vtt", content.encode()) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("Klant: ja\nLet op: dat zei hij\n  en meer", ["ja Let op: dat zei hij en meer"]),
        ("[00:01] Klant: ja\nMaria: zei ze", ["ja Maria: zei ze"]),
        ("eerste zin\ntweede zin", ["eerste zin", "tweede zin"]),
        ("00:01 hallo\n00:02 dag", ["hallo", "dag"]),
    ],
)
def test_plain_text_continues_a_turn(tmp_path: Path, content: str, expected: list[str]) -> None:
    assert [row[1] for row in read_back(tmp_path / "a.txt", content.encode())] == expected


def test_content_tells_the_format_whatever_the_suffix(tmp_path: Path) -> None:
    for name in ("waterleiding.vtt", "zuiderpoort.srt", "calls.parquet", "whisperx.json"):
        original = find_reader(Source(EXAMPLES / name), ReadOptions()).name
        moved = tmp_path / f"{name}.dat"
        moved.write_bytes((EXAMPLES / name).read_bytes())
        assert find_reader(Source(moved), ReadOptions()).name == original


def test_excel_names_its_delimiter_on_the_first_line(tmp_path: Path) -> None:
    found = read_back(tmp_path / "a.csv", b"sep=;\r\nSpreker;Tekst\r\nKlant;ja, hoor\r\n")
    assert found == [("Klant", "ja, hoor", None, None)]


def test_a_column_may_be_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("vak,opmerkingen\nx,dat betaal ik niet\n")
    turn = next(iter(read_turns(path, ReadOptions(columns={"text": "opmerkingen"}))))
    assert (turn.text, turn.extra) == ("dat betaal ik niet", {"vak": "x"})
