"""Transcripts cut into blocks of turns: the unit of work, of progress and of resuming.

The same inputs always give the same blocks, whoever annotates them and wherever a run begins
again, so the output is the same to the byte.
"""

from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from objection_nlp.transcripts import read_source
from objection_nlp.transcripts.conversation import Census
from objection_nlp.transcripts.sources import Source
from objection_nlp.transcripts.turns import Fault, ReadOptions, Turn

# Large enough to spread the cost of handing it over, small enough for even work and memory.
BLOCK = 1024


class Position(NamedTuple):
    """Where in the inputs a block ends.

    Attributes
    ----------
    file : int
        Number of the source that reading goes on with.
    items : int
        How many turns and faults of it have been taken.
    """

    file: int = 0
    items: int = 0


_START = Position()


@dataclass
class Block:
    """Turns that are annotated together, and what was met while they were read.

    Attributes
    ----------
    turns : list of (str, Turn)
        Each with its source's name.
    faults : list of Fault
    files, calls : int
        How many files with turns ended, and calls began, in this block.
    speakers : Counter of str
        Speakers of calls by how their role was known.
    end : Position
    share : float
        How much of the inputs has been read, 0 to 1.
    """

    turns: list[tuple[str, Turn]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    files: int = 0
    calls: int = 0
    speakers: Counter[str] = field(default_factory=Counter)
    end: Position = _START
    share: float = 0.0


def cut_blocks(
    sources: Sequence[Source | Fault], options: ReadOptions, begin: Position = _START
) -> Iterator[Block]:
    """Read transcripts and cut them into blocks.

    Parameters
    ----------
    sources : sequence of Source or Fault
    options : ReadOptions
    begin : Position, optional
        Where an earlier run came to; what lies before it is not yielded again.

    Yields
    ------
    Block
        In order; a file that cannot be read becomes a fault.
    """
    return _Cutter(sources, options).cut(begin)


class _Cutter:
    """Reads the sources one after the other and fills blocks."""

    def __init__(self, sources: Sequence[Source | Fault], options: ReadOptions) -> None:
        self._sources, self._options = sources, options
        self._sizes = [source.size if isinstance(source, Source) else 0 for source in sources]

    def cut(self, begin: Position) -> Iterator[Block]:
        """Yield blocks from a position on, the last one perhaps empty."""
        block = Block()
        for number in range(begin.file, len(self._sources)):
            skip = begin.items if number == begin.file else 0
            block = yield from self._file(number, skip, block)
        block.end, block.share = Position(len(self._sources)), 1.0
        yield block

    def _file(self, number: int, skip: int, block: Block) -> Generator[Block, None, Block]:
        """Yield the blocks that a file fills up, and return the one it has begun."""
        source, census, heard = self._sources[number], Census(), False
        for count, item in enumerate(_items(source, self._options, census), start=1):
            heard = heard or isinstance(item, Turn)
            if count <= skip:
                census.reset()
                continue
            _add(block, source, item)
            if len(block.turns) + len(block.faults) >= BLOCK:
                block.end, block.share = Position(number, count), self._share(number)
                yield _counted(block, census)
                block = Block()
        block.files += heard
        return _counted(block, census)

    def _share(self, number: int) -> float:
        source = self._sources[number]
        read = sum(self._sizes[:number]) + (source.position if isinstance(source, Source) else 0)
        return min(1.0, read / max(sum(self._sizes), 1))


def _items(source: Source | Fault, options: ReadOptions, census: Census) -> Iterator[Turn | Fault]:
    if isinstance(source, Fault):
        yield source
    else:
        yield from read_source(source, options, census)


def _add(block: Block, source: Source | Fault, item: Turn | Fault) -> None:
    if isinstance(item, Fault):
        block.faults.append(item)
    elif isinstance(source, Source):
        block.turns.append((source.name, item))


def _counted(block: Block, census: Census) -> Block:
    """Move what was counted since the last block into this one."""
    block.calls += census.calls
    block.speakers += census.speakers
    census.reset()
    return block
