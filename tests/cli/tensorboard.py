#!/usr/bin/env python3
"""tensorboard.py EPOCHS_CSV DIR: the event files below DIR have the numbers of epochs.csv, read by the formats' own words:
TFRecord with masked CRC-32C (checked on RFC 3720's vectors first), protocol buffers field by field."""
import csv
import math
import os
import struct
import sys

TABLE = []
for byte in range(256):
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
    TABLE.append(byte)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 255]
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(data):
    at = 0
    while at < len(data):
        head = data[at:at + 8]
        (length,), (crc,) = struct.unpack("<Q", head), struct.unpack("<I", data[at + 8:at + 12])
        body = data[at + 12:at + 12 + length]
        assert crc == masked(head) and len(body) == length, f"record at {at}: its length"
        assert struct.unpack("<I", data[at + 12 + length:at + 16 + length]) == (masked(body),), f"record at {at}: its data"
        yield body
        at += 16 + length


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if data[at - 1] < 128:
            return value, at


def fields(data):
    """{number: value} of a message."""
    at, found = 0, {}
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(data, at)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
            (value,) = struct.unpack("<d" if kind == 1 else "<f", data[at:at + size])
            at += size
        else:
            assert kind == 2, f"wire type {kind}"
            size, at = varint(data, at)
            value = data[at:at + size]
            at += size
        assert key >> 3 not in found, "a field twice"
        found[key >> 3] = value
    return found


def read(path):
    with open(path, "rb") as file:
        events = [fields(record) for record in records(file.read())]
    assert events[0][3] == b"brain.Event:2" and fields(events[1][7]) == {1: 1}, "version, then START of the session"
    scalars = {}
    for event in events[2:]:
        value = fields(fields(event[5])[1])
        key = event[2], value[1].decode()
        assert event[1] == 0 and key not in scalars, key
        scalars[key] = value[2]
    return scalars


assert crc32c(bytes(32)) == 0x8A9136AA and crc32c(b"\xff" * 32) == 0x62A8AB43 and crc32c(bytes(range(32))) == 0x46DD794E
runs = {}
for folder, _, names in os.walk(sys.argv[2]):
    for name in names:
        assert "tfevents" in name and len(names) == 1, names
        runs[os.path.basename(folder)] = read(os.path.join(folder, name))
expected = {}
with open(sys.argv[1]) as file:
    for row in csv.DictReader(file):
        run = expected.setdefault((row["norm"], float(row["lr"]), row["seed"]), {})
        for column, value in row.items():
            if column not in ("norm", "lr", "seed", "epoch") and value:
                run[int(row["epoch"]), column] = struct.unpack("<f", struct.pack("<f", float(value)))[0]
assert len(runs) == len(expected), (len(runs), len(expected))
for (norm, lr, seed), scalars in expected.items():
    match = [name for name, found in runs.items() if found == scalars]
    assert match, f"no folder has the numbers of {norm} lr {lr} seed {seed}"
    assert any(norm in name and f"seed_{seed}" in name for name in match), match
    assert scalars and all(math.isfinite(value) for value in scalars.values())
print(len(runs), "runs,", sum(map(len, runs.values())), "numbers")
