"""`harvester demo`: the whole weekly job on the embedded server.

With the invented studies it runs twice, a week apart, because a digest shows what it is worth only in its second
week: nothing is announced twice, a paper first met in a feed is completed by PubMed, and what changed since it was
sent is told.  The code that runs is the ordinary one; only the addresses are of the loopback.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import yaml

from harvester.config.settings import load_settings
from harvester.ground.errors import ExitCode, UsageError
from harvester.jobs import pipeline
from harvester.jobs.pipeline import Job
from harvester.sandbox import Corpus, Sandbox, build_invented
from harvester.tagging import load_vocabulary

_MARK = "# Made by `harvester demo`; this folder is made anew by each demo."
_READER = "reader@example.org"


def play(folder: Path, *, corpus: Path | None, now: datetime, program: str, say: Callable[[str], None]) -> ExitCode:
    """Do the job of a week before and of now, into a folder.

    Parameters
    ----------
    folder
        Made, or made anew if an earlier demo made it.
    corpus
        A folder of PubMed XML files to serve instead of the invented studies.  There is one run then, and it
        harvests all that names the topic's compounds, whatever its age.
    now
        The clock of the last run, aware.
    program
        How the command was called, to show what to type next.
    say
        Prints a line.

    Returns
    -------
    ExitCode
        The gravest of the runs'.

    Raises
    ------
    UsageError
        If the folder holds something that no demo made, or there is no such corpus.
    """
    _clear(folder)
    served = build_invented(now) if corpus is None else _load(corpus)
    moments = (now - timedelta(days=7), now) if corpus is None else (now,)
    codes = []
    with Sandbox(served, now=moments[0]) as box:
        config = folder / "config.yaml"
        config.write_text(f"{_MARK}\n{_settings(box, is_sample=corpus is None)}", encoding="utf-8")
        settings = load_settings(config)
        for moment in moments:
            box.now = moment
            outcome = pipeline.run(Job(settings=settings, now=moment, is_sample=corpus is None))
            codes.append(outcome.exit_code)
            received = sum(report.received for report in outcome.reports)
            say(f"{moment:%d %B %Y}: {received} records received, {outcome.new_studies} new studies")
        mail = folder / "mail"
        mail.mkdir()
        for number, message in enumerate(box.mailbox, start=1):
            (mail / f"{number:02d}.eml").write_bytes(message.raw)
    pages = sorted((folder / "digests").glob("*/*/index.html"))
    say("")
    say(f"edition   {pages[-1] if pages else 'none'}")
    say(f"archive   {folder / 'digests' / 'index.html'}")
    say(f"table     {folder / 'data' / 'studies.csv'}")
    say(f"mail      {mail}/ ({len(box.mailbox)} messages)")
    say(f"ask       {program} query esketamine --config {config}")
    return max(codes)


def _clear(folder: Path) -> None:
    """Empty the folder if it is a demo's; refuse it if it is anything else's."""
    if folder.exists():
        config = folder / "config.yaml"
        is_ours = config.is_file() and config.read_text(encoding="utf-8", errors="replace").startswith(_MARK)
        if not folder.is_dir() or (any(folder.iterdir()) and not is_ours):
            raise UsageError(f"{folder} is not empty", advice="name another folder for the demo")
        shutil.rmtree(folder)
    folder.mkdir(parents=True)


def _load(corpus: Path) -> Corpus:
    if not corpus.exists():
        raise UsageError(f"there is no folder {corpus}", advice="name one that holds PubMed XML files")
    try:
        return Corpus.from_folder(corpus)
    except ValueError as error:
        raise UsageError(f"{corpus}: {error}", advice="name a folder that holds PubMed XML files") from error


def _settings(box: Sandbox, *, is_sample: bool) -> str:
    """Write the settings of the demo: a query by the vocabulary's words, the embedded server's addresses."""
    words = pipeline.topic_words(load_vocabulary("ketamine"))
    settings = {
        "topic": "Ketamine in mental health" + (" (invented sample)" if is_sample else ""),
        "contact": "you@example.org",
        "timezone": "Europe/Zurich",
        "sources": {
            "pubmed": {
                "query": " OR ".join(f"{word}[tiab]" for word in words),
                "base_url": box.pubmed_url,
                "first_days": 30 if is_sample else 36500,
            },
            "feeds": [{"name": name, "url": box.feed_url(name)} for name in box.feed_names] if is_sample else [],
        },
        "digests": [{"name": "weekly", "title": "Ketamine & mental health, weekly", "recipients": [_READER]}],
        "mail": {
            "sender": "Ketamine digest <digest@example.org>",
            "host": box.smtp_host,
            "port": box.smtp_port,
            "security": "none",
            "unsubscribe": "mailto:digest@example.org?subject=unsubscribe",
        },
    }
    return yaml.safe_dump(settings, sort_keys=False, allow_unicode=True, width=110)
