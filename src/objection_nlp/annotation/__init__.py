"""Transcript files in, annotated rows out; begin reading at ``run``.

``run``         ``annotate()``: the whole run, from inputs to finished outputs
``blocks``      what the readers yield, cut into pieces of work
``rows``        a block of turns into rows; also for data frames
``engines``     pieces of work done here, in worker processes, or on a Dask cluster
``journal``     what is done so far, on disk, so that a run that was cut off can go on
``outputs``     rows into CSV, JSONL or Parquet
``call_pages``  rows into pages to look at
``summary``     what a run came to
"""
