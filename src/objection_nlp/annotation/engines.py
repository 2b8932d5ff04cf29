"""Who annotates the blocks: this process, joblib's workers, or a Dask cluster.

Each engine takes blocks in order and yields what came of them in the same order, with only a few
on the way at a time.
"""

import tempfile
import warnings
from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from objection_nlp.annotation.blocks import Block
from objection_nlp.annotation.rows import Annotated, annotate_block
from objection_nlp.bundle import Model, load_model, save_model
from objection_nlp.errors import TranscriptError

ENGINES = ("local", "dask")
_AHEAD = 3


def run_blocks(
    blocks: Iterator[Block],
    model: Model,
    *,
    n_jobs: int = 1,
    engine: str = "local",
    scheduler: str | None = None,
) -> Generator[Annotated]:
    """Annotate blocks.

    Parameters
    ----------
    blocks : iterator of Block
    model : Model
    n_jobs : int, default 1
        Processes of this machine; -1 for one per core.
    engine : {"local", "dask"}
    scheduler : str, optional
        Address of a Dask scheduler; with Dask and without it, a cluster of ``n_jobs`` local
        processes is made.

    Yields
    ------
    Annotated
        In the order of the blocks.
    """
    if engine == "dask":
        return _with_dask(blocks, model, n_jobs, scheduler)
    return _here(blocks, model) if n_jobs == 1 else _with_joblib(blocks, model, n_jobs)


def check_engine(engine: str, n_jobs: int, scheduler: str | None) -> None:
    """Refuse settings that would do nothing or cannot be met, before any work is done.

    Raises
    ------
    TranscriptError
    """
    if engine not in ENGINES:
        raise TranscriptError(f"engine {engine!r} is unknown; use {' or '.join(ENGINES)}")
    if n_jobs < -1 or n_jobs == 0:
        raise TranscriptError(f"n_jobs is {n_jobs}; use 1 or more, or -1 for one per core")
    if scheduler is not None and engine != "dask":
        raise TranscriptError("a scheduler's address is for the engine 'dask'; add --engine dask")
    if engine == "dask":
        _import_client()


def _here(blocks: Iterator[Block], model: Model) -> Generator[Annotated]:
    from threadpoolctl import threadpool_limits

    for block in blocks:
        with threadpool_limits(1):
            annotated = annotate_block(block, model)
        yield annotated


def _with_joblib(blocks: Iterator[Block], model: Model, n_jobs: int) -> Generator[Annotated]:
    from joblib import Parallel, delayed, parallel_config

    # Workers read the model from disk once each; sending it with every block would cost more
    # than annotating.
    with tempfile.TemporaryDirectory(prefix="objection-nlp-") as folder:
        saved = str(Path(folder) / "model")
        save_model(model, saved, card="A copy for the workers of one run.\n")
        with parallel_config("loky", n_jobs=n_jobs, inner_max_num_threads=1):
            work = Parallel(return_as="generator", pre_dispatch="2*n_jobs", batch_size=1)
        results = work(delayed(_in_worker)(block, saved) for block in blocks)
        try:
            for annotated in results:  # noqa: UP028 (a run that stops early closes it below)
                yield annotated
        finally:
            with warnings.catch_warnings():
                # That blocks on the way are dropped is what stopping early means.
                warnings.simplefilter("ignore", UserWarning)
                results.close()


@lru_cache(maxsize=1)
def _model_of_worker(saved: str) -> Model:
    return load_model(saved)


def _in_worker(block: Block, saved: str) -> Annotated:
    return annotate_block(block, _model_of_worker(saved))


def _with_dask(
    blocks: Iterator[Block], model: Model, n_jobs: int, scheduler: str | None
) -> Generator[Annotated]:
    with _client(n_jobs, scheduler) as client:
        # The model goes to each worker once, without its pipeline, which is loaded there.
        bare = replace(model, scorer=replace(model.scorer))
        sent = client.scatter(bare, broadcast=True, hash=False)
        width = _AHEAD * max(1, len(client.scheduler_info(n_workers=-1)["workers"]))
        waiting: deque[Any] = deque()
        for block in islice(blocks, width):
            waiting.append(client.submit(_with_one_thread, block, sent, pure=False))
        while waiting:
            annotated: Annotated = waiting.popleft().result()
            yield annotated
            for block in islice(blocks, 1):
                waiting.append(client.submit(_with_one_thread, block, sent, pure=False))


def _with_one_thread(block: Block, model: Model) -> Annotated:
    return next(_here(iter([block]), model))


def _client(n_jobs: int, scheduler: str | None) -> Any:
    client = _import_client()
    if scheduler is None:
        workers = None if n_jobs == -1 else n_jobs
        return client(n_workers=workers, threads_per_worker=1, dashboard_address=None)
    try:
        return client(scheduler, timeout="10s")
    except (OSError, ValueError) as error:
        raise TranscriptError(
            f"no Dask scheduler answers at {scheduler}; start one with `dask scheduler`"
        ) from error


def _import_client() -> Any:
    try:
        from distributed import Client
    except ImportError as error:
        raise TranscriptError(
            "the engine 'dask' needs Dask: pip install 'objection-nlp[dask]'"
        ) from error
    return Client
