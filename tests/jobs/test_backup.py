"""A copy that is put back: nothing damaged, nothing announced twice, nothing mailed twice."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import signal
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from harvester.digest import load_edition
from harvester.ground.errors import LibraryError, LockedError, SchemaError, UsageError
from harvester.jobs import maintain, pipeline
from harvester.jobs.backup import backup, restore
from harvester.jobs.job import Job
from harvester.library import DeliveriesPlanned, Delivery, Ledger, Library
from harvester.sandbox import Sandbox
from harvester.sandbox.corpus import Corpus
from harvester.table.published import verify_table
from tests.conftest import NOW, invented_corpus
from tests.jobs.test_kill import make_job as make_small
from tests.jobs.test_kill import run_killed
from tests.jobs.test_weeks import article, feed, item

MakeJob = Callable[..., Job]
WEEK = timedelta(days=7)


def told_papers(job: Job) -> list[str]:
    """Give the papers that all editions in the folder announced as new, by PMID, DOI or title."""
    return [
        study.identifiers.pmid or study.identifiers.doi or str(study.title)
        for path in sorted(job.settings.editions.glob("*/*/digest.json"))
        for study in load_edition(path.read_bytes()).studies
    ]


def deliveries(job: Job) -> list[Delivery]:
    """Give all deliveries that the library knows."""
    with Library.open(job.settings.data, writable=False) as library:
        return library.editions.deliveries(states=("due", "claimed", "sent", "failed", "unknown", "refused"))


WORDS = ("gulls", "lighthouses", "harbours", "tides", "anchors", "sailmakers", "pilots", "herrings", "ropewalks")


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """Give the embedded server with papers that come week by week, some of them in PubMed and some in a feed."""
    papers = [
        article(f"8800000{number}", f"Ketamine for depression after {word}", week=number // 2)
        for number, word in enumerate(WORDS[:8])
    ]
    with Sandbox(Corpus(papers), now=NOW, rate_limit=False) as server:
        yield server


def run_week(make_job: MakeJob, box: Sandbox, number: int) -> Job:
    """Do the weekly job of a week, in which a feed has a paper without any identifier that came that week."""
    items = [
        item(f"Ketamine and the sleep of {word}", f"https://tides.example.org/{word}", day=(NOW + week * WEEK).date())
        for week, word in enumerate(WORDS[: number + 1])
    ]
    feeds = [{"name": "Tides", "url": box.serve_feed("Tides", feed(*items))}]
    pubmed = {"query": "ketamin*[tiab]", "base_url": box.pubmed_url}
    job = make_job(NOW + number * WEEK, sources={"pubmed": pubmed, "feeds": feeds})
    pipeline.run(job)
    return job


def test_a_copy_holds_what_a_library_holds_and_is_put_back_as_it_was(
    make_job: MakeJob, box: Sandbox, tmp_path: Path
) -> None:
    """Library, ledger, answers and table; what was there is kept beside."""
    job = run_week(make_job, box, 0)
    done = backup(job, tmp_path / "copy.tar.gz", settings="config.yaml")
    with tarfile.open(done.path) as tar:
        names = tar.getnames()
        about = json.load(tar.extractfile("backup.json"))  # type: ignore[arg-type]
    assert {"library.db", "raw/journal.jsonl", "studies.csv", "datapackage.json", "backup.json"} <= set(names)
    assert about["settings"] == "config.yaml"
    assert set(about["files"]) == {*names} - {"backup.json"}
    table = (job.settings.data / "studies.csv").read_bytes()
    (job.settings.data / "library.db").write_bytes(b"damaged")
    restored = restore(job, done.path)
    assert restored.before is not None
    assert (restored.before / "library.db").read_bytes() == b"damaged"
    assert (job.settings.data / "studies.csv").read_bytes() == table
    assert verify_table(job.settings.data).state == "whole"
    assert maintain.rebuild(job).differences == {}


def test_a_copy_is_not_overwritten_and_not_made_of_nothing(make_job: MakeJob, box: Sandbox, tmp_path: Path) -> None:
    """Only with --force; and never into the data folder."""
    job = make_job()
    with pytest.raises(UsageError, match="no library"):
        backup(job, tmp_path / "copy.tar.gz")
    pipeline.run(job, send=False)
    path = backup(job, tmp_path / "copy.tar.gz").path
    before = path.read_bytes()
    with pytest.raises(UsageError, match="--force"):
        backup(job, path)
    assert backup(job, path, force=True).path.read_bytes() == before
    with pytest.raises(UsageError, match="data folder"):
        backup(job, job.settings.data / "copy.tar.gz")
    assert [item.name for item in tmp_path.iterdir() if item.name.startswith(".copy")] == []


def test_a_damaged_library_is_not_copied_over_a_good_copy(make_job: MakeJob, box: Sandbox, tmp_path: Path) -> None:
    """What is copied is looked at first."""
    job = run_week(make_job, box, 0)
    path = backup(job, tmp_path / "copy.tar.gz").path
    before = path.read_bytes()
    (job.settings.data / "library.db").write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    with pytest.raises(LibraryError):
        backup(job, path, force=True)
    assert path.read_bytes() == before


def repack(path: Path, change: Callable[[str, bytes], bytes | None]) -> None:
    """Write a copy anew, with what a function makes of each file; None leaves it out."""
    with tarfile.open(path) as tar:
        files = {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            changed = change(name, content)
            if changed is not None:
                member = tarfile.TarInfo(name)
                member.size = len(changed)
                tar.addfile(member, io.BytesIO(changed))


def flip(path: Path) -> None:
    """Change a byte in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-40]),
    "cut in the middle": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "a byte changed": flip,
    "empty": lambda path: path.write_bytes(b""),
    "something else": lambda path: path.write_bytes(gzip.compress(b"some words")),
    "a file changed": lambda path: repack(path, lambda name, old: old + b"\n" if name.endswith(".jsonl") else old),
    "a file left out": lambda path: repack(path, lambda name, old: None if name == "library.db" else old),
    "the list left out": lambda path: repack(path, lambda name, old: None if name == "backup.json" else old),
    "of a newer program": lambda path: repack(
        path, lambda name, old: old.replace(b'"form": 1', b'"form": 2') if name == "backup.json" else old
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_copy_is_refused_and_nothing_changed(
    make_job: MakeJob, box: Sandbox, tmp_path: Path, damage: str
) -> None:
    """However it is damaged."""
    job = run_week(make_job, box, 0)
    path = backup(job, tmp_path / "copy.tar.gz").path
    DAMAGES[damage](path)
    before = {item: item.read_bytes() for item in job.settings.data.rglob("*") if item.is_file()}
    with pytest.raises(LibraryError, match="nothing was changed"):
        restore(job, path)
    after = {item: item.read_bytes() for item in job.settings.data.rglob("*") if item.is_file()}
    assert after == before


def test_a_copy_cannot_write_beside_the_data(make_job: MakeJob, box: Sandbox, tmp_path: Path) -> None:
    """A name that leads elsewhere is no name of ours."""
    job = run_week(make_job, box, 0)
    path = backup(job, tmp_path / "copy.tar.gz").path
    with tarfile.open(path, "w:gz") as tar:
        member = tarfile.TarInfo("../../evil")
        tar.addfile(member, io.BytesIO(b""))
    with pytest.raises(LibraryError, match="no place"):
        restore(job, path)
    assert not list(tmp_path.rglob("evil"))


def test_a_copy_of_a_newer_library_is_refused(make_job: MakeJob, box: Sandbox, tmp_path: Path) -> None:
    """By its version, and with nothing changed."""
    job = run_week(make_job, box, 0)
    with Library.open(job.settings.data) as library:
        library._connection.execute("UPDATE meta SET value = '99' WHERE key = 'library_version'")
    with pytest.raises(SchemaError):
        backup(job, tmp_path / "copy.tar.gz")


def test_what_the_ledger_at_the_place_knows_beyond_a_copy_is_made_again(
    make_job: MakeJob, box: Sandbox, tmp_path: Path
) -> None:
    """Two more weeks, then a copy of the first is put back: nothing is lost, nobody is mailed again."""
    first = run_week(make_job, box, 0)
    path = backup(first, tmp_path / "copy.tar.gz").path
    for number in (1, 2):
        job = run_week(make_job, box, number)
    before, mails = deliveries(job), len(box.mailbox)
    restored = restore(job, path)
    assert any("made again" in line for line in restored.told)
    assert deliveries(job) == before
    again = pipeline.run(job)
    assert len(box.mailbox) == mails
    assert again.delivered.sent == 0
    assert len(told_papers(job)) == len(set(told_papers(job))) == 3 * 3
    assert maintain.rebuild(job).differences == {}


LOSSES: dict[str, Callable[[Job], object]] = {
    "the data folder is lost": lambda job: shutil.rmtree(job.settings.data),
    "the answers after the copy are lost": lambda job: [
        shutil.rmtree(folder) for folder in sorted((job.settings.data / "raw").glob("*-*-*"))[1:]
    ],
    "the ledger is lost": lambda job: (job.settings.data / "raw" / "journal.jsonl").unlink(),
    "library and answers are lost, the ledger is cut": lambda job: (
        (job.settings.data / "library.db").unlink(),
        cut_ledger(job, keep=0.9),
    ),
    "library and ledger are lost": lambda job: (
        (job.settings.data / "library.db").unlink(),
        (job.settings.data / "raw" / "journal.jsonl").unlink(),
    ),
}


def cut_ledger(job: Job, *, keep: float) -> None:
    """Cut the ledger's end off, in the middle of a line."""
    path = job.settings.data / "raw" / "journal.jsonl"
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])


@pytest.mark.parametrize("loss", LOSSES)
def test_whatever_is_lost_beside_it_a_copy_announces_and_mails_nothing_twice(
    make_job: MakeJob, box: Sandbox, tmp_path: Path, loss: str
) -> None:
    """The editions folder, or what is left of ledger and library, tells what was made after the copy."""
    first = run_week(make_job, box, 0)
    path = backup(first, tmp_path / "copy.tar.gz").path
    for number in (1, 2):
        job = run_week(make_job, box, number)
    LOSSES[loss](job)
    told = restore(job, path).told
    assert any("cannot be known" in line or "made again" in line for line in told)
    pipeline.run(job)
    job = run_week(make_job, box, 3)
    mails = [str(message.message["Message-ID"]) for message in box.mailbox]
    assert len(mails) == len(set(mails))
    assert len(mails) == 2 * 4  # both readers had each of four editions
    papers = told_papers(job)
    assert len(papers) == len(set(papers)) == 3 * 4
    assert maintain.rebuild(job).differences == {}


def test_a_new_machine_with_a_copy_and_the_editions_counts_them_as_sent(
    make_job: MakeJob, box: Sandbox, tmp_path: Path
) -> None:
    """No data at all; and it is said to whom the editions count as sent."""
    first = run_week(make_job, box, 0)
    path = backup(first, tmp_path / "copy.tar.gz").path
    job = run_week(make_job, box, 1)
    shutil.rmtree(job.settings.data)
    restored = restore(job, path)
    assert restored.before is None
    line = next(line for line in restored.told if "counts as made" in line)
    assert "2026-W49 weekly" in line
    assert "sent to a@example.org, b@example.org" in line
    states = {(item.edition, item.recipient): item.state for item in deliveries(job)}
    assert set(states.values()) == {"sent"}
    assert len(states) == 4
    assert len(box.mailbox) == 4


def test_what_was_due_when_the_copy_was_made_may_have_been_sent_since(
    make_job: MakeJob, box: Sandbox, tmp_path: Path
) -> None:
    """Sent afterwards, then everything is lost: it is unknown, told, and not sent again."""
    job = make_job()
    pipeline.run(job, send=False)
    path = backup(job, tmp_path / "copy.tar.gz").path
    pipeline.send(job)
    shutil.rmtree(job.settings.data)
    told = restore(job, path).told
    assert any("2026-W48 weekly to a@example.org" in line and "may have been sent" in line for line in told)
    pipeline.run(job)
    assert len(box.mailbox) == 2
    assert {item.state for item in deliveries(job)} == {"unknown"}


def test_what_is_due_stays_due_where_nothing_happened_since(make_job: MakeJob, box: Sandbox, tmp_path: Path) -> None:
    """The ledger at the place says so."""
    job = make_job()
    pipeline.run(job, send=False)
    restore(job, backup(job, tmp_path / "copy.tar.gz").path)
    pipeline.send(job)
    assert len(box.mailbox) == 2


def test_an_edition_that_cannot_be_read_is_told(make_job: MakeJob, box: Sandbox, tmp_path: Path) -> None:
    """And does not stop the rest."""
    first = run_week(make_job, box, 0)
    path = backup(first, tmp_path / "copy.tar.gz").path
    job = run_week(make_job, box, 1)
    shutil.rmtree(job.settings.data)
    (job.settings.editions / "2026-W49" / "weekly" / "digest.json").write_text("{")
    assert any("2026-W49/weekly/digest.json" in line for line in restore(job, path).told)


@pytest.mark.usefixtures("ncbi_key")
def test_a_restore_killed_before_any_durable_step_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    """And whatever runs next finishes what was decided."""
    with Sandbox(invented_corpus(NOW), now=NOW, rate_limit=False) as box:
        _, job = make_small(tmp_path / "first", box)
        pipeline.run(job, send=False)
        copy = backup(job, tmp_path / "copy.tar.gz").path
        pipeline.send(job)
    for number in count(1):
        folder = tmp_path / str(number)
        shutil.copytree(tmp_path / "first", folder)
        code = run_killed(folder / "config.yaml", number, ("restore", str(copy)))
        here = replace(job, settings=job.settings.model_copy(update={"data": folder / "data"}))
        if number % 3 == 0:
            restore(here, copy)
        elif number % 3 == 1:
            backup(here, tmp_path / f"{number}.tar.gz")
        assert {item.state for item in deliveries(here)} == {"sent"}, f"killed before step {number}"
        assert verify_table(here.settings.data).state == "whole"
        assert not list(here.settings.data.glob("*-*.before*"))
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert number > 8


@pytest.mark.usefixtures("ncbi_key")
def test_a_backup_killed_before_any_durable_step_leaves_the_old_copy_or_the_new(tmp_path: Path) -> None:
    """Never a half, and the next one leaves nothing behind."""
    with Sandbox(invented_corpus(NOW), now=NOW, rate_limit=False) as box:
        config, job = make_small(tmp_path / "first", box)
        pipeline.run(job, send=False)
    copies = tmp_path / "copies"
    copies.mkdir()
    (copies / "copy.tar.gz").write_bytes(b"old")
    for number in count(1):
        code = run_killed(config, number, ("backup", "--force", str(copies / "copy.tar.gz")))
        if code == 0:
            break
        assert (copies / "copy.tar.gz").read_bytes() == b"old"
    assert [path.name for path in copies.iterdir()] == ["copy.tar.gz"]
    assert restore(job, copies / "copy.tar.gz").studies > 0


def test_a_copy_made_while_a_run_writes_holds_what_was_there_before(
    make_job: MakeJob, box: Sandbox, tmp_path: Path
) -> None:
    """The line of the ledger whose change is not made yet is not in it."""
    job = run_week(make_job, box, 0)
    with Library.open(job.settings.data, ledger=Ledger(job.raw_folder)) as library:
        entry = DeliveriesPlanned(deliveries=[], at=job.at)
        with library.transaction(entry):
            library.editions.plan_deliveries([Delivery(digest="w", edition="e", recipient="r", state="due")], at=job.at)
            path = backup(job, tmp_path / "copy.tar.gz").path
            position = library.position
        with pytest.raises(LockedError):
            restore(job, path)
    with tarfile.open(path) as tar:
        about = json.load(tar.extractfile("backup.json"))  # type: ignore[arg-type]
        lines = tar.extractfile("raw/journal.jsonl").read().splitlines()  # type: ignore[union-attr]
    assert about["position"] == json.loads(lines[-1])["number"] == position
    assert not [item for item in restore_elsewhere(job, path, tmp_path) if item.recipient == "r"]


def restore_elsewhere(job: Job, path: Path, folder: Path) -> list[Delivery]:
    """Put a copy into a folder where nothing is, and give the deliveries that it knows."""
    places = {"data": folder / "elsewhere", "editions": folder / "none"}
    (folder / "elsewhere").mkdir()
    other = replace(job, settings=job.settings.model_copy(update=places))
    restore(other, path)
    return deliveries(other)


def test_a_restore_can_be_repeated(make_job: MakeJob, box: Sandbox, tmp_path: Path) -> None:
    """What was taken over the first time is in the ledger, and is made again."""
    first = run_week(make_job, box, 0)
    path = backup(first, tmp_path / "copy.tar.gz").path
    job = run_week(make_job, box, 1)
    shutil.rmtree(job.settings.data)
    restore(job, path)
    before = deliveries(job)
    told = restore(job, path).told
    assert any("made again" in line for line in told)
    assert deliveries(job) == before
    assert maintain.rebuild(job).differences == {}
