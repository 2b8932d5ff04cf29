"""How fast files are annotated, with how much memory, beside a bare scikit-learn pipeline.

The bare pipeline is a union of word 1-2-gram and char_wb 2-5-gram TfidfVectorizers with a
LogisticRegression, fitted on the same corpus, on one core; it reads nothing and writes nothing.
Turns per second of the clock depend on what else the machine does; turns per second of processor
time hardly do, so both are shown.

    python benchmarks/annotate_speed.py --turns 1000000 --n-jobs 2
"""

import argparse
import csv
import itertools
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

ROOT = Path(__file__).parents[1]
TURNS_PER_CALL = 16
BARE_SAMPLE = 20_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, nargs="+", default=[100_000])
    parser.add_argument("--n-jobs", type=int, default=2)
    options = parser.parse_args()
    texts, labels = corpus()
    bare, bare_cpu = bare_speed(texts, labels)
    print(f"bare pipeline: {bare:,.0f} turns/s, {bare_cpu:,.0f} per processor second", flush=True)
    for turns in options.turns:
        seconds, processor, memory = annotate(texts, turns, options.n_jobs)
        speed = turns / seconds
        print(
            f"annotate, {turns:,} turns, {options.n_jobs} job(s): {seconds:.1f} s, "
            f"{speed:,.0f} turns/s ({speed / bare:.2f} x bare), {turns / processor:,.0f} per "
            f"processor second ({turns / processor / bare_cpu:.2f} x bare), "
            f"peak memory {memory:,.0f} MB",
            flush=True,
        )


def corpus() -> tuple[list[str], list[str]]:
    rows = [
        row
        for file in sorted((ROOT / "data" / "utterances").glob("*.csv"))
        for row in csv.DictReader(file.open(encoding="utf-8"))
    ]
    return [row["text"] for row in rows], [row["labels"].split("+")[0] for row in rows]


def bare_speed(texts: list[str], labels: list[str]) -> tuple[float, float]:
    """Return turns per second, and per second of processor time."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    pipeline = make_pipeline(
        make_union(
            TfidfVectorizer(ngram_range=(1, 2)),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5)),
        ),
        LogisticRegression(max_iter=30, tol=1e-2),
    )
    pipeline.fit(texts, labels)
    sample = list(itertools.islice(itertools.cycle(texts), BARE_SAMPLE))
    started, processor = time.perf_counter(), time.process_time()
    for at in range(0, len(sample), 1024):
        pipeline.predict_proba(sample[at : at + 1024])
    seconds, processor = time.perf_counter() - started, time.process_time() - processor
    return len(sample) / seconds, len(sample) / processor


def annotate(texts: list[str], turns: int, n_jobs: int) -> tuple[float, float, float]:
    """Return seconds, processor seconds and peak memory, in MB, of the whole command."""
    with tempfile.TemporaryDirectory() as folder:
        calls = Path(folder) / "calls.csv"
        write_calls(calls, texts, turns)
        command = [sys.executable, "-m", "objection_nlp", "annotate", str(calls)]
        command += ["--out", f"{folder}/out.csv", "--n-jobs", str(n_jobs), "--json"]
        started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            peaks = [0.0]
            watcher = threading.Thread(target=watch, args=(process, peaks))
            watcher.start()
            if process.wait():
                raise SystemExit("annotating failed")
            seconds = time.perf_counter() - started
            watcher.join()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return seconds, processor, max(peaks)


def write_calls(path: Path, texts: list[str], turns: int) -> None:
    """Write calls in which the debtor says every turn, so that each has to be answered."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["call_id", "speaker", "start", "text"])
        for turn, text in enumerate(itertools.islice(itertools.cycle(texts), turns)):
            call, number = divmod(turn, TURNS_PER_CALL)
            writer.writerow([f"G-{call:07}", "Klant", number * 5, text])


def watch(process: "subprocess.Popen[bytes]", peaks: list[float]) -> None:
    """Note the memory of a process and its workers, shared pages counted once, in MB."""
    while process.poll() is None:
        pages = [proportional_kb(pid) for pid in family(process.pid)]
        peaks.append(sum(pages) / 1024)
        time.sleep(0.25)


def family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        below = [int(child) for child in children.read_text().split()]
    except OSError:
        return []
    return [pid, *(inner for child in below for inner in family(child))]


def proportional_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


if __name__ == "__main__":
    main()
