"""Run the embedded servers in the foreground: ``python -m harvester.sandbox``."""

from __future__ import annotations

import argparse
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from harvester.sandbox.corpus import Corpus
from harvester.sandbox.invented import build_invented
from harvester.sandbox.server import Sandbox


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted; prints the addresses first."""
    parser = argparse.ArgumentParser(prog="python -m harvester.sandbox", description=__doc__)
    parser.add_argument(
        "--corpus", type=Path, metavar="DIR", help="PubMed XML files to serve (default: invented studies)"
    )
    parser.add_argument(
        "--now", type=datetime.fromisoformat, metavar="ISO", help="the time to live at (default: the present)"
    )
    parser.add_argument(
        "--port", type=int, default=0, metavar="N", help="port of the HTTP server (default: a free one)"
    )
    parser.add_argument(
        "--smtp-port", type=int, default=0, metavar="N", help="port of the mail server (default: a free one)"
    )
    parser.add_argument("--no-rate-limit", action="store_true", help="answer as many requests as come")
    options = parser.parse_args(arguments)
    now = options.now or datetime.now(UTC)
    now = now if now.tzinfo else now.replace(tzinfo=UTC)
    try:
        corpus = Corpus.from_folder(options.corpus) if options.corpus else build_invented(now)
        box = Sandbox(
            corpus, now=now, rate_limit=not options.no_rate_limit, port=options.port, smtp_port=options.smtp_port
        )
        with box:
            sys.stdout.write(_describe(box))
            sys.stdout.flush()
            threading.Event().wait()
    except (OSError, ValueError) as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        return 0
    return 0


def _describe(box: Sandbox) -> str:
    """List the addresses, one a line."""
    feeds = [f"feed    {box.feed_url(name)}  {name}" for name in box.feed_names]
    lines = [f"now     {box.now.isoformat()}", f"pubmed  {box.pubmed_url}", *feeds]
    return "\n".join([*lines, f"smtp    {box.smtp_host}:{box.smtp_port}"]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
