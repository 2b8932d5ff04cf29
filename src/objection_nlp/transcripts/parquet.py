"""Parquet: a table of turns, read a row group's batch at a time."""

from collections.abc import Iterator
from typing import Any

from objection_nlp.transcripts.reader import Reader, Segments
from objection_nlp.transcripts.sources import Source
from objection_nlp.transcripts.table import Records, check_header
from objection_nlp.transcripts.text import Head
from objection_nlp.transcripts.turns import ReadOptions, UnreadableError

_MAGIC = b"PAR1"
_BATCH = 4096


def _read(source: Source, options: ReadOptions) -> Segments:
    records = Records(source, options)
    for row, record in enumerate(_records(source, options), start=1):
        yield records.segment(record, row)


def _records(source: Source, options: ReadOptions) -> Iterator[dict[str, Any]]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise UnreadableError(
            source.name, "Parquet needs pyarrow: pip install 'objection-nlp[parquet]'"
        ) from error
    if source.member is not None or source.path.suffix.lower() == ".gz":
        raise UnreadableError(source.name, "is Parquet inside an archive; unpack it first")
    try:
        with pq.ParquetFile(source.path) as file:
            check_header(source, file.schema_arrow.names, options)
            for batch in file.iter_batches(batch_size=_BATCH):
                yield from batch.to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise UnreadableError(
            source.name, "is damaged or cut short Parquet; write it again"
        ) from error


def _recognises(head: Head, options: ReadOptions) -> bool:
    return head.raw.startswith(_MAGIC)


READER = Reader("Parquet", _recognises, _read)
