"""A second reader of the journal, from its description and nothing else.

include/attest/record/journal.h and src/record/row.c show the bytes.  The
campaign counts with this reader, so that a fault of attest's own cannot hide
behind attest's own reader.  Checksums are left to that one.
"""
import struct
from typing import NamedTuple

MARKER = b"\xa7ttest\x1e\n"
HEAD = struct.Struct("<8sQIHHQQ")  # marker, checksum, length, type, format, epoch, number
ROW = struct.Struct("<BBHI16sQQIIIIqddd")
TYPE_ROW = 4
DONE = 0


class Row(NamedTuple):
    offset: int
    key: bytes
    status: int
    rank: int
    lane: int
    start: float
    wall: float


def records(data):
    """(offset, type, epoch, number, payload) of every whole record that counts."""
    at, last = 0, (0, 0)
    while True:
        at = data.find(MARKER, at)
        if at < 0 or len(data) - at < HEAD.size:
            return
        _, _, length, kind, _, epoch, number = HEAD.unpack_from(data, at)
        if length > len(data) - at - HEAD.size:
            at += 1
            continue
        # an older epoch lost its lock; a number seen before is a copy
        if epoch > last[0] or (epoch == last[0] and number > last[1]):
            last = (epoch, number)
            yield at, kind, data[at + HEAD.size:at + HEAD.size + length]
        at += HEAD.size + length


def rows(data):
    """The rows of whole tasks, in the order of the file."""
    found = []
    for offset, kind, payload in records(data):
        if kind != TYPE_ROW:
            continue
        (_, status, _, _, key, _, _, _, n_slices, rank, lane, _, start, wall,
         _) = ROW.unpack_from(payload)
        if n_slices == 1:
            found.append(Row(offset, key, status, rank, lane, start, wall))
    return found


def read(path):
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
