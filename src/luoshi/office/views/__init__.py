"""Pages of the office（文书）: messages and jobs, channels, how one wants to be told, files that leave the house."""

from __future__ import annotations

from luoshi.office.views.channels import channel, channel_act, channels, repeat
from luoshi.office.views.own import calendar, make_feed, own, revoke_feed
from luoshi.office.views.pages import (
    SANDBOX,
    cancel,
    export,
    export_file,
    job,
    jobs,
    message,
    messages,
    read,
    read_all,
    sent,
    serve_export,
    serve_file,
    serve_kept,
    serve_paper,
)

__all__ = [
    "SANDBOX",
    "calendar",
    "cancel",
    "channel",
    "channel_act",
    "channels",
    "export",
    "export_file",
    "job",
    "jobs",
    "make_feed",
    "message",
    "messages",
    "own",
    "read",
    "read_all",
    "repeat",
    "revoke_feed",
    "sent",
    "serve_export",
    "serve_file",
    "serve_kept",
    "serve_paper",
]
