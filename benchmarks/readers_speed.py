"""How many turns a second are read from each kind of table, without annotating them.

python benchmarks/readers_speed.py --turns 200000
"""

import argparse
import csv
import json
import tempfile
import time
from pathlib import Path

from objection_nlp.transcripts import read_turns

TEXT = "nee dat klopt niet want die factuur heb ik nooit gekregen en ik betaal hem dus ook niet"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=200_000)
    turns = parser.parse_args().turns
    with tempfile.TemporaryDirectory() as folder:
        for write in (write_csv, write_jsonl, write_parquet, write_vtt):
            path = write(Path(folder), turns)
            started, processor = time.perf_counter(), time.process_time()
            count = sum(1 for _ in read_turns(path))
            seconds = time.perf_counter() - started
            processor = time.process_time() - processor
            print(
                f"{path.suffix}: {count:,} turns in {seconds:.2f} s, {count / seconds:,.0f}/s, "
                f"{count / processor:,.0f} per processor second"
            )


def rows(turns: int) -> list[dict[str, object]]:
    speakers = ("Agent", "Klant")
    return [
        {
            "call_id": f"G-{turn // 16:07}",
            "speaker": speakers[turn % 2],
            "start": turn % 16 * 5.0,
            "text": TEXT,
        }
        for turn in range(turns)
    ]


def write_csv(folder: Path, turns: int) -> Path:
    path = folder / "calls.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ["call_id", "speaker", "start", "text"])
        writer.writeheader()
        writer.writerows(rows(turns))
    return path


def write_jsonl(folder: Path, turns: int) -> Path:
    path = folder / "calls.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows(turns)), encoding="utf-8")
    return path


def write_parquet(folder: Path, turns: int) -> Path:
    import pandas as pd

    path = folder / "calls.parquet"
    pd.DataFrame(rows(turns)).to_parquet(path)
    return path


def write_vtt(folder: Path, turns: int) -> Path:
    path = folder / "call.vtt"
    cues = [
        f"{clock(turn)} --> {clock(turn + 1)}\n<v {'Agent' if turn % 2 else 'Klant'}>{TEXT}\n"
        for turn in range(turns)
    ]
    path.write_text("WEBVTT\n\n" + "\n".join(cues), encoding="utf-8")
    return path


def clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.000"


if __name__ == "__main__":
    main()
