"""The commands: exit codes, streams, and what they print."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from harvester.cli.commands import main
from harvester.exports import FORMATS
from harvester.sandbox import Fault, Sandbox

pytestmark = pytest.mark.usefixtures("ncbi_key")

WriteConfig = Callable[..., Path]
NOW = "2026-11-23T06:00:00Z"
_ABSTRACT = "We randomised 80 adults to esketamine or placebo."


class Command:
    """Runs commands in this process, as a shell would, and keeps what they print."""

    def __init__(self, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.config = config
        self._capsys = capsys
        self.out = self.err = ""

    def __call__(self, *arguments: str, code: int = 0) -> str:
        """Run one; it must exit with `code` and never with a traceback.  Gives what went to stdout."""
        with pytest.raises(SystemExit) as caught:
            main([*arguments, "--config", str(self.config)])
        self.out, self.err = self._capsys.readouterr()
        assert caught.value.code == code, self.err
        assert "Traceback" not in self.err
        return self.out


@pytest.fixture
def command(write_config: WriteConfig, capsys: pytest.CaptureFixture[str]) -> Command:
    """Give a runner of commands on the embedded server."""
    return Command(write_config(), capsys)


@pytest.fixture
def filled(finished_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Give a runner of commands after a run, whose servers are gone."""
    folder = tmp_path / "after"
    shutil.copytree(finished_run, folder)
    return Command(folder / "config.yaml", capsys)


def test_a_healthy_quiet_run_prints_nothing(command: Command) -> None:
    """So that cron writes to nobody."""
    assert command("run", "--now", NOW, "--quiet") == ""
    assert command.err == ""
    assert command("run", "--now", NOW, "--quiet") == ""
    assert command.err == ""


def test_a_run_says_what_it_did_on_stdout(command: Command) -> None:
    """Sources, new studies, the edition, the table, the mail."""
    told = command("run", "--now", NOW)
    assert "index.html" in told
    assert "studies.csv" in told
    assert "mail: 2 sent" in told
    assert command.err == ""


def test_a_failing_source_is_told_on_stderr_even_when_quiet(command: Command, box: Sandbox) -> None:
    """One line, with the name, and exit 75."""
    name = box.feed_names[0]
    box.fail(Fault(path=box.feed_url(name).rpartition("/")[2], kind="status", status=410, times=5))
    assert command("run", "--now", NOW, "--quiet", code=75) == ""
    (line,) = command.err.strip().splitlines()
    assert line.startswith(f"harvester: {name}: ")


def test_wrong_settings_exit_78_and_do_nothing(command: Command, tmp_path: Path) -> None:
    """Each mistake with its line; no folder is made."""
    command.config.write_text("topic: x\ncontact: y\n", encoding="utf-8")
    command("run", code=78)
    lines = command.err.strip().splitlines()
    assert f"{command.config}:2: contact: not an e-mail address" in lines
    assert len(lines) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["config.yaml"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["run", "--now", "tomorrow"],
        ["harvest", "--since", "last year"],
        ["harvest", "--source", "nature"],
        ["query"],
        ["query", "--where", "desing = 'rct'"],
        ["query", "--sql", "delete from studies"],
        ["query", "--sql", "select 1; select 2"],
        ["query", "x", "--sql", "select 1"],
        ["show", "S9999999"],
        ["export", "docx"],
        ["export", "csv", "--edition", "1999-W01"],
        ["digest", "--edition", "1999-W01"],
        ["digest", "--name", "daily"],
        ["import", "/nowhere.xml"],
        ["harvest", "--since", "2026-11-20", "--until", "2026-11-10"],
        ["harvest", "--since", "2030", "--now", "2026-11-23"],
        ["merge", "S0000001", "S0000001"],
        ["split", "S9999999"],
        ["classify", "/nowhere.csv", "-o", "/nowhere-either.csv"],
    ],
)
def test_what_cannot_be_done_is_told_in_a_line_and_exits_2(filled: Command, arguments: list[str]) -> None:
    """Usage errors: nothing was changed."""
    filled(*arguments, code=2)
    assert filled.out == ""
    assert filled.err.strip()


def test_a_damaged_library_exits_65(filled: Command) -> None:
    """And is left as it is."""
    path = filled.config.parent / "data" / "library.db"
    path.write_bytes(path.read_bytes()[:10_000])
    before = path.read_bytes()
    for arguments in (["run"], ["query", "ketamine"]):
        filled(*arguments, code=65)
    assert path.read_bytes() == before


def test_query_finds_by_words_condition_and_sql(filled: Command) -> None:
    """The three ways, as text and as JSON."""
    by_words = json.loads(filled("query", "esketamine", "--json"))
    assert by_words
    assert all("esketamine" in json.dumps(row).lower() for row in by_words)
    by_condition = json.loads(filled("query", "--where", "design = 'rct' and sample_size > 100", "--json"))
    assert by_condition
    assert all(row["design"] == "rct" and row["sample_size"] > 100 for row in by_condition)
    found = list(
        csv.DictReader(io.StringIO(filled("query", "--sql", "select design, count(*) n from studies group by 1")))
    )
    total = json.loads(filled("query", "--sql", "select count(*) n from studies", "--json"))[0]["n"]
    assert sum(int(row["n"]) for row in found) == total > 20
    assert by_words[0]["study_id"] in filled("query", "esketamine")
    assert filled("query", "xylophone").strip() == "no study matches"


def test_show_prints_records_merges_proof_and_history(filled: Command) -> None:
    """Of a study that was met in a feed and in PubMed."""
    (row,) = json.loads(filled("query", "--sql", "select * from studies where record_count > 1 limit 1", "--json"))
    dossier = json.loads(filled("show", row["study_id"], "--json"))
    assert len(dossier["records"]) == row["record_count"]
    assert dossier["merges"][0]["reason"]
    for item in dossier["evidence"]:
        assert item["words"] in item["sentence"]
    text = filled("show", row["study_id"])
    for heading in ("records", "why they are one study", "proof of the tags", "history"):
        assert f"\n{heading}\n" in text


@pytest.mark.parametrize("kind", FORMATS)
def test_export_writes_each_format(filled: Command, tmp_path: Path, kind: str) -> None:
    """A file of some substance; the formats themselves are tested with their writers."""
    path = tmp_path / f"out.{kind}"
    assert filled("export", kind, "-o", str(path), "--where", "tier = 'core'", "--edition", "2026-W48").strip() == str(
        path
    )
    assert path.stat().st_size > 1000


def test_export_of_everything_is_the_table(filled: Command) -> None:
    """Byte for byte."""
    path = filled.config.parent / "out.csv"
    filled("export", "csv", "-o", str(path))
    assert path.read_bytes() == (filled.config.parent / "data" / "studies.csv").read_bytes()


def test_export_says_on_stderr_what_a_spreadsheet_could_not_hold(filled: Command, tmp_path: Path) -> None:
    """A cell of more than 32,767 characters is cut; other formats have it whole."""
    source, path = tmp_path / "long.csv", tmp_path / "out.xlsx"
    source.write_text(f"title,abstract\nKetamine in an invented sample,{'word ' * 8_000}\n", encoding="utf-8")
    filled("import", str(source))
    filled("export", "xlsx", "-o", str(path))
    (line,) = filled.err.strip().splitlines()
    assert line.startswith("harvester: 1 cell (abstract) cut at 32,767 characters")
    filled("export", "csv", "-o", str(path))
    assert filled.err == ""


def test_what_was_exported_can_be_imported_without_doubling(filled: Command, tmp_path: Path) -> None:
    """RIS out, RIS in: every record joins its study."""
    path = tmp_path / "out.ris"
    filled("export", "ris", "-o", str(path))
    before = json.loads(filled("query", "--sql", "select count(*) n from studies", "--json"))
    told = filled("import", str(path))
    assert told.startswith("0 new studies")
    assert json.loads(filled("query", "--sql", "select count(*) n from studies", "--json")) == before


def test_a_file_of_unknown_format_does_not_stop_the_others(filled: Command, tmp_path: Path) -> None:
    """It is named, the others are imported, and the exit code says that not all was done."""
    bad, good = tmp_path / "bad.txt", tmp_path / "good.csv"
    bad.write_text("nothing that anybody knows", encoding="utf-8")
    good.write_text("title,year\nA wholly new invented sample on ketamine,2026\n", encoding="utf-8")
    assert filled("import", str(bad), str(good), code=75).startswith(
        "1 new study, 0 records joined studies, 0 studies changed"
    )
    assert str(bad) in filled.err
    filled("import", str(bad), code=2)


def test_dedupe_and_classify_work_on_any_file(filled: Command, tmp_path: Path) -> None:
    """Every row comes back, in order, with new columns."""
    source, merged, tagged = tmp_path / "in.csv", tmp_path / "merged.csv", tmp_path / "tagged.csv"
    rows = [
        ["ID", "title", "abstract", "year", "doi", "mine"],
        ["7", "Esketamine nasal spray in depression", _ABSTRACT, "2026", "10.5555/a", "x"],
        ["8", "Ketamine anaesthesia of cats", "", "2020", "", "y"],
        ["9", "Esketamine Nasal Spray in Depression.", "", "2026", "10.5555/A", "z"],
    ]  # fmt: skip
    with source.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)
    filled("dedupe", str(source), "-o", str(merged))
    with merged.open(encoding="utf-8", newline="") as stream:
        found = list(csv.DictReader(stream))
    assert [row["mine"] for row in found] == ["x", "y", "z"]
    assert found[0]["study_id"] == found[2]["study_id"] != found[1]["study_id"]
    assert found[2]["merge_reason"]
    filled("classify", str(source), "-o", str(tagged))
    with tagged.open(encoding="utf-8", newline="") as stream:
        found = list(csv.DictReader(stream))
    assert (found[0]["design"], found[0]["sample_size"], found[0]["tier"]) == ("rct", "80", "core")
    assert [row["ID"] for row in found] == ["7", "8", "9"]


def test_dedupe_and_classify_know_the_columns_of_other_programs(command: Command, tmp_path: Path) -> None:
    """Every column comes back as it was."""
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    header = "Document Title;Abstract Note;Publication Title;PubYear;tier"
    row = f"Esketamine nasal spray in depression;{_ABSTRACT};Invented Journal;2026;mine"
    source.write_text(f"\ufeff{header}\n{row}\n", encoding="utf-8")
    assert (
        command("classify", str(source), "-o", str(target)) == f"1 record (1 core, 0 adjacent, 0 off-topic): {target}\n"
    )
    with target.open(encoding="utf-8", newline="") as stream:
        (tagged,) = csv.DictReader(stream)
    assert list(tagged.values())[:5] == row.split(";")
    assert (tagged["design"], tagged["sample_size"], tagged["input_tier"]) == ("rct", "80", "mine")
    source.write_text(f"{header}\n{row}\n{row.upper()}\n", encoding="utf-8")
    assert command("dedupe", str(source), "-o", str(target)) == f"2 records are 1 study: {target}\n"
    source.write_text(f"{header}\n{row}\n", encoding="utf-8")
    assert command("dedupe", str(source), "-o", str(target)) == f"1 record is 1 study: {target}\n"


@pytest.mark.parametrize("name", ["dedupe", "classify"])
@pytest.mark.parametrize("header", ["Titel,Jahr,doi", "Titel,Jahr,Abstract"])
def test_a_table_without_a_known_title_is_refused(command: Command, tmp_path: Path, name: str, header: str) -> None:
    """One line says which columns are there, and what would be known; nothing is written."""
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    for rows in ("", "Ketamin,2026,10.5555/a\n"):
        source.write_text(f"{header}\n{rows}", encoding="utf-8")
        command(name, str(source), "-o", str(target), code=2)
        (line,) = command.err.strip().splitlines()
        assert all(column in line for column in header.split(","))
        assert "article title, document title" in line
        assert not target.exists()


@pytest.mark.parametrize(
    "arguments",
    [["query", "x"], ["show", "S1"], ["review"], ["log"], ["export", "csv"], ["digest", "--now", NOW]],
    ids=lambda arguments: arguments[0],
)
def test_before_the_first_harvest_there_is_nothing_to_ask(command: Command, arguments: list[str]) -> None:
    """Nothing is damaged, and no edition is made of nothing."""
    command(*arguments, code=2)
    assert "harvester harvest" in command.err


def test_check_looks_at_folders_and_lists(
    box: Sandbox, write_config: WriteConfig, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A list without the right columns, and a place where a folder cannot be made, stop a run: better told now."""
    (tmp_path / "watch.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    feeds = [{"name": "x", "url": box.feed_url(box.feed_names[0])}]
    sources = {"feeds": feeds, "retraction_watch": {"file": "watch.csv"}}
    command = Command(write_config(sources=sources, data="file/data"), capsys)
    command("check", "--json", code=75)
    wrong = {found["what"]: found["told"] for found in json.loads(command.out) if found["verdict"] == "failed"}
    assert "OriginalPaperDOI" in wrong["Retraction Watch"]
    assert "cannot be written" in wrong["data folder"]
    assert "editions folder" not in wrong


def test_check_says_what_is_wrong_before_cron_does(command: Command, box: Sandbox) -> None:
    """All well; then a feed and the mail server are down.  Nothing is written or sent."""
    assert "failed" not in command("check")
    box.fail(Fault(path="esearch", kind="status", status=404, times=20))
    box.fail(Fault(path="smtp", kind="hang", seconds=0.1, times=20))
    findings = json.loads(command("check", "--json", code=69))
    assert any(finding["verdict"] == "failed" and finding["what"] == "PubMed" for finding in findings)
    assert box.mailbox == []
    assert not (command.config.parent / "data").exists()


def test_check_sends_a_test_that_says_so(command: Command, box: Sandbox) -> None:
    """To the address that is named, and no delivery of an edition."""
    told = command("check", "--send-test", "me@example.org")
    assert "accepted for me@example.org" in told
    (received,) = box.mailbox
    assert received.recipients == ("me@example.org",)
    assert received.message["Subject"] == "Test: Ketamine in mental health"
    part = received.message.get_body(("plain",))
    assert part is not None
    assert part.get_content().startswith("This is a test of the mail of “Ketamine in mental health”")
    assert not (command.config.parent / "data").exists()
    box.fail(Fault(path="smtp", kind="refuse-recipient", times=1))
    assert "550 5.1.1 No such mailbox" in command("check", "--send-test", "nobody@example.org", code=75)
    assert "is not an e-mail address" in command("check", "--send-test", "nobody", code=75)


def test_send_takes_one_edition_to_one_address(command: Command, box: Sandbox) -> None:
    """What was sent is sent again only when told so."""
    command("run", "--now", NOW, "-q")
    one = ["send", "--edition", "2026-W48", "--to", "a@example.org", "--now", NOW]
    command(*one, code=2)
    assert "--again sends it once more" in command.err
    assert command(*one, "--again") == "mail: 1 sent\n"
    assert [message.recipients[0] for message in box.mailbox] == ["a@example.org", "b@example.org", "a@example.org"]
    command("send", "--to", "a@example.org", code=2)
    assert "give both --edition and --to" in command.err


def test_what_was_late_is_told(command: Command, box: Sandbox) -> None:
    """Also to cron: nobody had heard that it did not go out."""
    command("run", "--now", NOW, "--no-send", "-q")
    command("run", "--now", "2026-11-30T06:00:00Z", "-q")
    assert command.err == "harvester: mail sent late: 2026-W48 weekly to a@example.org, b@example.org\n"
    assert len(box.mailbox) == 4


@pytest.mark.parametrize("answer", ["y", "n"])
def test_a_first_run_on_a_terminal_asks_before_it_mails(command: Command, box: Sandbox, answer: str) -> None:
    """It says what would go to whom; cron, which has no terminal, is not asked."""
    terminal, end = pty.openpty()
    arguments = [sys.executable, "-m", "harvester", "run", "--quiet", "--config", str(command.config), "--now", NOW]
    process = subprocess.Popen(arguments, stdin=end, stdout=end, stderr=end)
    os.close(end)
    shown = b""
    while b"Send? [y/N]" not in shown:
        shown += os.read(terminal, 1000)
    assert box.mailbox == []
    os.write(terminal, f"{answer}\n".encode())
    assert process.wait(timeout=60) == 0
    os.close(terminal)
    told = " ".join(shown.decode().split())
    assert "2 messages, to a@example.org, b@example.org" in told
    assert "--no-send" in told
    assert len(box.mailbox) == (2 if answer == "y" else 0)
    command("run", "--now", NOW, "-q")
    assert len(box.mailbox) == 2


def test_schedule_prints_lines_that_name_this_config(command: Command) -> None:
    """Cron knows neither PATH nor the folder."""
    told = command("schedule")
    assert f"run --quiet --config {command.config}" in told
    assert "Persistent=true" in told
    assert str(command.config.parent / "data") in told


def test_a_second_run_at_the_same_time_exits_75(command: Command, box: Sandbox) -> None:
    """It says who holds the library, and leaves it alone."""
    box.fail(Fault(path="esearch", kind="hang", seconds=20, times=1))
    arguments = [sys.executable, "-m", "harvester", "run", "--config", str(command.config), "--now", NOW]
    first = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while not box.requests and time.monotonic() < deadline:
            time.sleep(0.05)
        command("run", "--now", NOW, code=75)
        assert str(first.pid) in command.err
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
    box.clear_faults()
    command("run", "--now", NOW, "--quiet")


def test_a_closed_pipe_is_no_error(filled: Command) -> None:
    """`harvester query … | head` ends quietly."""
    script = f"'{sys.executable}' -m harvester query ketamine --limit 1000 --config '{filled.config}' | head -1"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, env={**os.environ})
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1


def test_importing_the_package_does_not_cost_pandas() -> None:
    """Cron starts it often, and a notebook may only want one function."""
    code = "import sys, harvester, harvester.cli.commands, harvester.jobs.pipeline; print('pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_demo_does_two_weeks_and_can_be_repeated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two editions, two mails, a table; a folder that no demo made is refused."""
    folder = tmp_path / "demo"
    for _ in range(2):
        with pytest.raises(SystemExit) as caught:
            main(["demo", str(folder), "--now", NOW])
        assert caught.value.code == 0
    assert "edition" in capsys.readouterr().out
    assert sorted(path.name for path in (folder / "digests").iterdir()) == ["2026-W47", "2026-W48", "index.html"]
    assert len(list((folder / "mail").glob("*.eml"))) == 2
    with (folder / "data" / "studies.csv").open(encoding="utf-8", newline="") as stream:
        assert all("sample" in row["title"] for row in csv.DictReader(stream))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(SystemExit) as caught:
        main(["demo", str(tmp_path / "mine")])
    assert caught.value.code == 2
    assert (tmp_path / "mine" / "thesis.txt").exists()


def test_demo_serves_a_corpus_of_ones_own(tmp_path: Path) -> None:
    """Every record that names the drug, whatever its age, becomes the edition of the week."""
    record = (
        '<PubmedArticle><MedlineCitation><PMID Version="1">{pmid}</PMID><Article><ArticleTitle>Ketamine for depression,'
        " part {pmid} (invented sample)</ArticleTitle></Article></MedlineCitation><PubmedData><History>"
        '<PubMedPubDate PubStatus="entrez"><Year>{year}</Year><Month>2</Month><Day>3</Day></PubMedPubDate>'
        "</History></PubmedData></PubmedArticle>"
    )
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    records = "".join(record.format(pmid=99_700_000 + year, year=year) for year in (2001, 2015, 2025))
    (corpus / "a.xml").write_text(f"<PubmedArticleSet>{records}</PubmedArticleSet>", encoding="utf-8")
    with pytest.raises(SystemExit) as caught:
        main(["demo", str(tmp_path / "demo"), "--corpus", str(corpus), "--now", "2025-02-24T06:00:00Z", "--quiet"])
    assert caught.value.code == 0
    edition = json.loads((tmp_path / "demo" / "digests" / "2025-W09" / "weekly" / "digest.json").read_text("utf-8"))
    assert len(edition["studies"]) == 3
