"""The embedded servers and the invented corpus: NCBI's E-utilities, feeds and mail, on loopback sockets."""

from harvester.sandbox.corpus import Corpus, Feed, FeedEntry, Version
from harvester.sandbox.faults import Fault
from harvester.sandbox.invented import build_invented
from harvester.sandbox.mailbox import ReceivedMessage, SmtpOptions
from harvester.sandbox.server import LoggedRequest, Sandbox

__all__ = [
    "Corpus",
    "Fault",
    "Feed",
    "FeedEntry",
    "LoggedRequest",
    "ReceivedMessage",
    "Sandbox",
    "SmtpOptions",
    "Version",
    "build_invented",
]
