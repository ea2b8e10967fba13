"""Bots of a group（群机器人）: what WeCom, DingTalk and Feishu take, and what their answers mean.

All three answer status 200 to what they refuse, and say so in the body only.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any, Final
from urllib.parse import urlencode

from luoshi.office.adapters.mail import NotSent
from luoshi.office.adapters.posting import Told, judged
from luoshi.office.models import Channel

LIMITS: Final = {Channel.WECOM: 2000, Channel.DINGTALK: 6000, Channel.FEISHU: 6000}
"""Bytes of text in one message, a little under what each of them takes."""
BUSY: Final = {
    Channel.WECOM: {45009, 45033},
    Channel.DINGTALK: {130101, 130102, 410100},
    Channel.FEISHU: {9499, 11232, 11247},
}
"""Codes that mean: too many messages, later."""


def request(kind: str, text: str, *, secret: str, at: float) -> tuple[bytes, str]:
    r"""The body for a bot, and what is added to its address; ``at`` is seconds since 1970, ``secret`` may be empty.

    DingTalk signs in milliseconds, with the secret as the key, in the address; Feishu signs nothing with
    ``TIMESTAMP\nSECRET`` as the key, in the body; WeCom does not sign.
    """
    query = ""
    data: dict[str, Any] = {"msgtype": "text", "text": {"content": text}}
    if kind == Channel.FEISHU:
        data = {"msg_type": "text", "content": {"text": text}}
        if secret:
            stamp = str(int(at))
            made = hmac.new(f"{stamp}\n{secret}".encode(), b"", hashlib.sha256).digest()
            data |= {"timestamp": stamp, "sign": base64.b64encode(made).decode()}
    elif kind == Channel.DINGTALK and secret:
        stamp = str(int(at * 1000))
        made = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
        query = urlencode({"timestamp": stamp, "sign": base64.b64encode(made).decode()})
    return json.dumps(data, ensure_ascii=False, sort_keys=True).encode(), query


def judge(kind: str, told: Told) -> Told:
    """The answer of a bot, when it says that the message was taken.

    Raises:
        NotSent: with the bot's code; everything it refuses concerns the channel, not one message.
    """
    judged(told)
    try:
        answer = json.loads(told.text)
        code = answer.get("code", answer.get("StatusCode")) if kind == Channel.FEISHU else answer.get("errcode")
    except (ValueError, AttributeError):
        code = None
    if code == 0:
        return told
    if not isinstance(code, int):
        raise NotSent("the answer is not one of this kind of bot", server=True, final=True, status=told.status)
    raise NotSent(
        f"the bot refused it with code {code}",
        server=True,
        final=code not in BUSY[Channel(kind)],
        status=told.status,
    )
