"""A real server on this machine that serves good and evil feeds."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HEAD = '<?xml version="1.0" encoding="{charset}"?><rss version="2.0"><channel><title>演示要闻</title>'
GOOD = (
    (
        "高原湖泊治污攻坚现场推进会在玉溪召开",
        "/a?utm_source=x",
        "补齐污水管网短板，<b>推进</b>湖泊治污。" + "很长" * 300,
    ),
    ("某地举行春季书画展", "/b", "展出作品若干"),
)


def feed(items: Iterator[tuple[str, str, str]] | tuple[tuple[str, str, str], ...], charset: str = "utf-8") -> bytes:
    body = "".join(
        f"<item><title>{title}</title><link>http://news.example{link}</link><description><![CDATA[{text}]]></description>"
        "<pubDate>Mon, 02 Mar 2026 08:00:00 +0800</pubDate></item>"
        for title, link, text in items
    )
    return (HEAD.format(charset=charset) + body + "</channel></rss>").encode("gb18030" if charset == "gbk" else "utf-8")


ENTITY_BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><rss version="2.0"><channel><title>&c;</title></channel></rss>'
)
OUTSIDE = (
    b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    b'<rss version="2.0"><channel><title>&x;</title></channel></rss>'
)


class Handler(BaseHTTPRequestHandler):
    asked: list[tuple[str, str]] = []

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def answer(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers.get("If-None-Match", "")))
        match self.path.split("?")[0]:
            case "/good":
                if self.headers.get("If-None-Match") == '"v1"':
                    self.answer(b"", 304)
                else:
                    self.answer(feed(GOOD), ETag='"v1"', Last_Modified="Mon, 02 Mar 2026 00:00:00 GMT")
            case "/other":
                title = GOOD[0][0] + "（图）"
                self.answer(feed(((title, "/elsewhere", "同一件事"), (GOOD[1][0], "/b#top", "展出"))))
            case "/packed":
                self.answer(gzip.compress(feed(GOOD)), Content_Encoding="gzip")
            case "/bomb":
                self.answer(gzip.compress(b" " * 80_000_000), Content_Encoding="gzip")
            case "/broken-gzip":
                self.answer(b"no gzip at all", Content_Encoding="gzip")
            case "/loop":
                self.answer(b"", 302, Location="/loop")
            case "/moved":
                self.answer(b"", 301, Location="/good")
            case "/inside":
                self.answer(b"", 302, Location=f"http://localhost:{self.server.server_address[1]}/good")
            case "/file":
                self.answer(b"", 302, Location="file:///etc/passwd")
            case "/entities":
                self.answer(ENTITY_BOMB)
            case "/outside":
                self.answer(OUTSIDE)
            case "/wrong-charset":
                self.answer(feed(GOOD), Content_Type="text/xml; charset=iso-8859-1")
            case "/gbk":
                self.answer(feed(GOOD, "gbk"), Content_Type="application/xml")
            case "/many":
                self.answer(feed((f"第{n}条消息", f"/n{n}", "") for n in range(10_000)))
            case "/screened":
                items = (
                    ("机密★1年", "/s", "不该有的"),
                    ("请看", "/t", "身份证 11010519491231002X"),
                    ("联系", "/m", "电话13812345678"),
                )
                self.answer(feed(items))
            case "/busy":
                self.answer(b"", 503, Retry_After="7200")
            case "/picture":
                self.answer(b"\x89PNG\r\n\x1a\n" + b"\x00" * 200, Content_Type="application/rss+xml")
            case "/json":
                self.answer(b'{"items": []}', Content_Type="application/json")
            case "/empty":
                self.answer(b"", Content_Type="application/rss+xml")
            case "/large":
                self.answer(b"<rss>" + b"a" * 5_000_000)
            case "/drips":
                self.send_response(200)
                with suppress(OSError):
                    for _turn in range(100):
                        self.wfile.write(b"X-Drip: 1\r\n")
                        self.wfile.flush()
                        time.sleep(0.1)
            case "/page":
                self.answer(b"<html><body>hello</body></html>", Content_Type="text/html")
            case _:
                self.answer(b"", 500)


@contextmanager
def serving() -> Iterator[str]:
    Handler.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
