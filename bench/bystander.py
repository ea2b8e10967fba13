"""Somebody who reports all the while: ``python -m bench.bystander URL NAME REF…`` until a line comes in."""

from __future__ import annotations

import json
import sys
import threading
import time

from bench import world


def main(url: str, name: str, *refs: str) -> None:
    """Report over the HTTP stack in process, in turn; print when each began and how long it took, in seconds."""
    world.connect(url)
    from django.test import Client

    client = Client(HTTP_AUTHORIZATION=f"Bearer {world.token(name)}")
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.readline(), stop.set()), daemon=True).start()
    told: list[tuple[float, float]] = []
    number = 0
    while not stop.is_set():
        body = json.dumps({"percent": number % 100, "words": "继续推进", "next_step": "继续"})
        began, start = time.time(), time.perf_counter()
        ref = refs[number % len(refs)]
        answer = client.post(f"/api/v1/commitments/{ref}/report", body, content_type="application/json")
        spent = time.perf_counter() - start
        if answer.status_code != 200:
            raise RuntimeError(answer.content)
        if number == 0:
            print("ready", flush=True)
        else:
            told.append((began, spent))
        number += 1
        time.sleep(0.005)
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
