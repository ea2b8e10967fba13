"""Redo a draw with Python alone: redo_order.py FRAME.csv SEED [DIGEST] prints position, code, number and name."""

import csv
import hashlib
import sys

path, seed, *digests = sys.argv[1:]
with open(path, "rb") as file:
    frozen = file.read()
digest = hashlib.sha256(frozen).hexdigest()
if digests and digests[0] != digest:
    sys.exit(f"This is not the list that was frozen: its digest is {digest}.")
places = list(csv.DictReader(frozen.decode("utf-8").splitlines()))
places.sort(key=lambda place: (hashlib.sha256(f"{seed},{place['code']}".encode()).digest(), place["code"]))
for position, place in enumerate(places, 1):
    print(position, place["code"], place["ref"], place["name"], sep="\t")  # noqa: T201
