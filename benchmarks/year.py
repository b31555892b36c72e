"""A year of weekly runs in which something goes wrong nearly every week, and what must be true after it.

    python benchmarks/year.py [--data FOLDER] [--seed N] [--weeks N] [--keep FOLDER]

Plays 54 weeks of real PubMed records on the embedded servers, as cron would: `harvester run` on Monday, and again on
Tuesday where Monday's ended with a code that asks for it.  In most weeks one trouble is drawn: the run is killed at a
random moment, PubMed or the mail server is away, the clock is months ahead, an older backup is put back, the digest
is renamed, a feed brings a flood or is broken, the page of all editions cannot be written, an address is refused.
Some papers are retracted after they were sent.  At the end each paper must have been announced once to each reader,
each mail sent once, none missing, every edition there, the table valid, and `rebuild` must find nothing different.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import yaml

from harvester.library import Library
from harvester.sandbox import Corpus, Fault, Sandbox
from harvester.table.published import verify_table

DEFAULT = Path(__file__).parents[2] / "shared" / "data"
FIRST = datetime(2024, 1, 29, 5, 17, tzinfo=UTC)  # a Monday
READERS = ("a@example.org", "b@example.org")
TROUBLES = (
    "nothing",
    "killed",
    "killed",
    "killed",
    "pubmed away",
    "mail away",
    "clock ahead",
    "restored",
    "renamed",
    "flood",
    "feed broken",
    "archive blocked",
    "refused",
)
_RETRACTED = b'<PublicationTypeList><PublicationType UI="D016441">Retracted Publication</PublicationType>'
_ITEM = "<item><guid>{0}</guid><title>Ketamine and something {0}</title><link>https://example.org/{0}</link></item>"


@dataclass
class Year:
    """The folder of an installation, its servers, and what was seen of it."""

    folder: Path
    box: Sandbox
    random: random.Random
    digest: str = "weekly"
    formerly: list[str] = field(default_factory=list)
    announced: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))  # by reader: study ids
    mails: Counter[tuple[str, str]] = field(default_factory=Counter)  # reader and edition
    codes: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)  # what runs printed, a line each
    seen: int = 0  # mails of the mailbox that were looked at
    backup: Path | None = None

    def write_settings(self) -> None:
        """Write config.yaml as it is now."""
        digest = {"name": self.digest, "title": "Weekly", "recipients": list(READERS)}
        if self.formerly:
            digest["formerly"] = self.formerly
        settings = {
            "topic": "Ketamine in mental health",
            "contact": "you@example.org",
            "timezone": "Europe/Zurich",
            "sources": {
                "pubmed": {"query": "ketamin*[tiab] OR esketamin*[tiab]", "base_url": self.box.pubmed_url},
                "feeds": [{"name": "Journal", "url": self.box.feed_url("Journal")}],
            },
            "digests": [digest],
            "mail": {
                "sender": "Digest <digest@example.org>",
                "host": self.box.smtp_host,
                "port": self.box.smtp_port,
                "security": "none",
            },
        }
        (self.folder / "config.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")

    def call(self, *arguments: str, now: datetime, kill_after: float | None = None) -> int:
        """Run a command as cron would, look at the mails it sent, and return its exit code."""
        command = [
            sys.executable,
            "-m",
            "harvester",
            *arguments,
            "--quiet",
            "--config",
            str(self.folder / "config.yaml"),
        ]
        if arguments[0] in {"run", "send", "digest", "harvest"}:
            command += ["--now", now.isoformat()]
        environment = {**os.environ, "NCBI_API_KEY": "0" * 36}
        with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
            process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment)
            try:
                code = process.wait(timeout=kill_after)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                code = process.wait()
            output.seek(0)
            self.told += [
                f"{now:%Y-%m-%d} {' '.join(arguments)} [{code}] {line}" for line in output.read().splitlines()
            ]
        self.codes[f"{arguments[0]} {code}"] += 1
        self._look_at_mails()
        return code

    def _look_at_mails(self) -> None:
        for message in self.box.mailbox[self.seen :]:
            self.seen += 1
            week, name = _header(message.raw, "Message-ID").lstrip("<").split(".")[:2]
            reader = message.recipients[0]
            self.mails[reader, f"{week} {name}"] += 1
            self.announced[reader].update(_new_ones(self.folder / "digests" / week / name))


def _header(raw: bytes, name: str) -> str:
    return str(message_from_bytes(raw)[name]).strip()


def _new_ones(folder: Path) -> set[str]:
    """Return the ids of the studies that an edition announces; none if its folder is not there."""
    path = folder / "digest.json"
    return {study["study_id"] for study in json.loads(path.read_bytes())["studies"]} if path.is_file() else set()


def make_corpus(data: Path, chance: random.Random) -> Corpus:
    """Return the real records, a few of which are retracted some weeks after they came."""
    real = Corpus.from_folder(data / "pubmed_xml" / "ketamine_2025-03")
    retracted = [
        replace(version, since=version.since + timedelta(days=40), xml=_retract(version.xml))
        for version in chance.sample(real.versions, 40)
        if version.xml is not None and version.since > date(2024, 1, 1)
    ]
    return Corpus([*real.versions, *retracted])


def _retract(xml: bytes) -> bytes:
    if b"<PublicationTypeList>" in xml:
        return xml.replace(b"<PublicationTypeList>", _RETRACTED, 1)
    return xml.replace(b"</Article>", _RETRACTED + b"</PublicationTypeList></Article>", 1)


def feed(items: int) -> bytes:
    """Return an RSS feed of so many entries."""
    entries = "".join(_ITEM.format(number) for number in range(items))
    return f'<rss version="2.0"><channel><title>Journal</title>{entries}</channel></rss>'.encode()


def play_week(year: Year, now: datetime, trouble: str) -> None:
    """Play Monday with a trouble, and Tuesday where it is needed."""
    box = year.box
    box.now = now
    box.clear_faults()
    archive = year.folder / "digests" / "index.html"
    match trouble:
        case "killed":
            year.call("run", now=now, kill_after=year.random.uniform(0.3, 4.0))
            return  # the next run comes a week later
        case "pubmed away":
            box.fail(Fault(path="esearch", kind="status", status=503, times=None))
        case "mail away":
            box.fail(Fault(path="smtp", kind="refuse-sender", times=None))
        case "clock ahead":
            ahead = now + timedelta(weeks=year.random.randint(3, 500))
            year.call("run", now=ahead)
            year.call("digest", "--withdraw", "{}-W{:02}".format(*ahead.isocalendar()[:2]), now=now)
        case "restored" if year.backup is not None:
            year.call("restore", str(year.backup), now=now)
            year.backup = None
        case "renamed":
            year.formerly.append(year.digest)
            year.digest = f"weekly-{len(year.formerly)}"
            year.write_settings()
        case "flood":
            box.serve_feed("Journal", feed(60_000))
        case "feed broken":
            box.serve_feed("Journal", b"<html>Are you a robot?")
        case "archive blocked":
            archive.unlink(missing_ok=True)
            archive.mkdir()
        case "refused":
            box.fail(Fault(path="smtp", kind="refuse-recipient", recipient=READERS[1], times=1))
    code = year.call("run", now=now)
    if trouble == "archive blocked":
        archive.rmdir()
    box.clear_faults()
    box.serve_feed("Journal", feed(3))
    if code:
        box.now = now + timedelta(days=1)
        year.call("run", now=box.now)
    if year.backup is None:
        year.backup = year.folder.parent / "backup"
        year.backup.unlink(missing_ok=True)
        year.call("backup", str(year.backup), now=now)


def judge(year: Year, now: datetime) -> Iterator[tuple[str, object]]:
    """Yield what must not be after the year, each with what of it there is; nothing is good."""
    folder = year.folder
    editions_folder = folder / "digests"
    for reader in READERS:
        twice = [edition for (to, edition), times in year.mails.items() if to == reader and times > 1]
        yield f"mails sent twice to {reader}", twice
        yield f"announced twice to {reader}", [study for study, times in year.announced[reader].items() if times > 1]
    with Library.open(folder / "data", writable=False) as library:
        rows = list(library.studies.rows())
        editions = [f"{stored.edition}/{stored.digest}" for stored in library.editions.all()]
        pending = library.editions.deliveries(states=("due", "claimed", "failed"))
        lost = library.editions.deliveries(states=("unknown",))
    shown = {row["study_id"] for row in rows if row["tier"] != "off-topic"}
    for reader in READERS:
        # Nobody can know whether a mail arrived whose run was killed while it was sent.
        unknown = [_new_ones(editions_folder / one.edition / one.digest) for one in lost if one.recipient == reader]
        yield f"never announced to {reader}", sorted(shown - set(year.announced[reader]) - set().union(*unknown))
    yield "still to be delivered", pending
    yield (
        "editions without a page",
        [name for name in editions if not (editions_folder / name / "index.html").is_file()],
    )
    verdict = verify_table(folder / "data")
    yield "what is wrong with the table", None if verdict.state == "whole" else verdict
    mails = sum(year.mails.values())
    print(f"{len(rows)} studies, {len(editions)} editions, {mails} mails, {len(lost)} that may have arrived")
    before = _read_all(editions_folder)
    code = year.call("rebuild", now=now)
    yield (
        "what rebuild made otherwise",
        code or [line for line in year.told if " rebuild " in line and "differ" in line],
    )
    after = _read_all(editions_folder)
    yield "pages that rebuild changed", [str(path) for path in before if after.get(path) != before[path]]


def _read_all(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(folder.rglob("*.*")) if path.is_file()}


def main() -> int:
    """Play the year, print what went wrong, and return 1 if anything did."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DEFAULT, help="the folder of real data")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--weeks", type=int, default=54)
    parser.add_argument("--keep", type=Path, help="play in this folder and leave it")
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    root = arguments.keep or Path(tempfile.mkdtemp(prefix="year-"))
    (root / "home").mkdir(parents=True)
    started = time.monotonic()
    with Sandbox(make_corpus(arguments.data, chance), now=FIRST, rate_limit=False) as box:
        box.serve_feed("Journal", feed(3))
        year = Year(folder=root / "home", box=box, random=chance)
        year.write_settings()
        drawn: Counter[str] = Counter()
        for week in range(arguments.weeks):
            # The first and the last weeks are quiet: what is then still missing is lost.
            trouble = chance.choice(TROUBLES) if 0 < week < arguments.weeks - 2 else "nothing"
            drawn[trouble] += 1
            play_week(year, FIRST + timedelta(weeks=week), trouble)
        wrong = 0
        for what, found in judge(year, box.now):
            wrong += bool(found)
            print(f"{'WRONG' if found else 'right'}  {what}{f': {found}'[:300] if found else ''}")
    print(f"troubles: {dict(drawn)}")
    print(f"exit codes: {dict(sorted(year.codes.items()))}")
    print(f"{arguments.weeks} weeks in {time.monotonic() - started:.0f} s")
    (root / "told.txt").write_text("\n".join(year.told) + "\n", encoding="utf-8")
    if arguments.keep is None:
        shutil.rmtree(root)
    return int(wrong > 0)


if __name__ == "__main__":
    raise SystemExit(main())
