"""The commands, nothing else: what the user typed goes to `harvester.jobs`, what it did goes to the terminal.

Results go to stdout; logs, warnings and progress to stderr.  Only this room prints, exits, and reads clock and
environment.  Importing it costs no pandas: commands import what they need when they are called.
"""

from __future__ import annotations

import functools
import json
import logging
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from harvester import __version__
from harvester.cli.options import Day, Moment, Options, with_options
from harvester.exports import FORMATS, FileFormat
from harvester.ground.errors import ConfigError, ExitCode, HarvesterError, StorageError, UsageError
from harvester.ground.secrets import mask_secrets

if TYPE_CHECKING:
    from harvester.jobs.job import Job
    from harvester.jobs.pipeline import Outcome

_log = logging.getLogger(__name__)

EXIT_CODES = """\b
Exit codes:
  0   done, also when nothing is new, or only sources failed that are still tolerated
  2   usage
  65  stored data is damaged (nothing was overwritten)
  69  no required source answered, or an edition waits for one
  70  a defect of this program
  75  done in part, or another run holds the lock: the next run catches up
  78  the configuration is wrong
"""

with_now = click.option("--now", type=Moment(), help="The clock, for tests and replays.")
with_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}, epilog=EXIT_CODES)
@click.version_option(__version__, prog_name="harvester")
@click.pass_context
def cli(context: click.Context) -> None:
    """Follow the research on a topic: PubMed and feeds in, one table and a weekly digest out."""
    context.ensure_object(dict)


@cli.command()
@click.option("--dry-run", is_flag=True, help="Ask the sources, but write and send nothing.")
@click.option("--no-send", is_flag=True, help="Do everything but the mail.")
@with_now
@with_options
def run(options: Options, *, dry_run: bool, no_send: bool, now: datetime | None) -> ExitCode:
    """Do the weekly job: harvest, then digest, then send."""
    from harvester.cli.terminal import describe_outcome, warn_of
    from harvester.jobs import pipeline

    ask = ask_before_mail if sys.stdin.isatty() and sys.stdout.isatty() else None
    if not dry_run:
        return _do(options, "run", lambda job: pipeline.run(job, send=not no_send, ask=ask), describe_outcome, now=now)
    outcome = pipeline.run_dry(options.job(now=now))
    warn_of(outcome)
    options.print(describe_outcome(outcome, is_dry=True))
    return outcome.exit_code


@cli.command()
@click.option("--since", type=Day(), help="First day to ask for, for a backfill, where a source knows days.")
@click.option("--until", type=Day(), help="Last day to ask for, likewise.")
@click.option("--source", help="Ask only this source, by its name in settings, receipt or table.")
@with_now
@with_options
def harvest(
    options: Options, *, since: date | None, until: date | None, source: str | None, now: datetime | None
) -> ExitCode:
    """Ask the sources and bring library and table up to date."""
    from harvester.cli.terminal import describe_outcome
    from harvester.jobs import pipeline

    work = functools.partial(pipeline.harvest, since=since, until=until, source=source)
    return _do(options, "harvest", work, describe_outcome, now=now)


@cli.command()
@click.option("--edition", help="Render an old edition again, such as 2026-W47.")
@click.option("--withdraw", metavar="EDITION", help="Take an edition back, such as one of a clock that was ahead.")
@click.option("--name", help="Only this digest of several.")
@with_now
@with_options
def digest(
    options: Options, *, edition: str | None, withdraw: str | None, name: str | None, now: datetime | None
) -> ExitCode:
    """Render this week's editions, or an old one again; or take one back.

    What nobody has received of an edition that is taken back is new again; what was sent stays told.
    """
    from harvester.cli.terminal import describe_withdrawn, warn_of
    from harvester.jobs import pipeline

    if withdraw is not None:
        if edition is not None:
            raise UsageError("--edition renders and --withdraw takes back", advice="give one of them")
        for withdrawn in pipeline.withdraw(options.job(now=now), withdraw, name=name):
            options.print(describe_withdrawn(withdrawn))
        return ExitCode.DONE
    outcome = pipeline.digest(options.job(now=now), name=name, edition=edition)
    warn_of(outcome)
    for folder in outcome.editions:
        options.print(str(folder / "index.html"))
    return outcome.exit_code


@cli.command()
@click.option("--edition", help="Only this edition, such as 2026-W47, to the address of --to.")
@click.option("--to", "recipient", help="Only to this address, be it a recipient's or not.")
@click.option("--again", is_flag=True, help="Send it once more where it was sent already.")
@click.option("--name", help="The digest, if several have such an edition.")
@with_now
@with_options
def send(
    options: Options,
    *,
    edition: str | None,
    recipient: str | None,
    again: bool,
    name: str | None,
    now: datetime | None,
) -> ExitCode:
    """Deliver what is due: everything not yet delivered, or one edition to one address."""
    from harvester.cli.terminal import describe_delivered
    from harvester.jobs import pipeline

    def work(job: Job) -> Outcome:
        if edition is not None and recipient is not None:
            return pipeline.send_one(job, edition, recipient, name=name, again=again)
        return pipeline.send(job)

    if (edition is None) != (recipient is None) or (edition is None and (again or name)):
        raise UsageError("one edition goes to one address", advice="give both --edition and --to")
    return _do(options, "send", work, lambda outcome: describe_delivered(outcome.delivered), now=now)


@cli.command()
@click.argument("text", nargs=-1)
@click.option("--where", default="", help="A condition on the columns: \"design = 'rct' and sample_size > 100\".")
@click.option("--sql", help='A whole query, read-only: "select … from studies".')
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="How many at most.")
@with_json
@with_options
def query(options: Options, *, text: Sequence[str], where: str, sql: str | None, limit: int, as_json: bool) -> None:
    """Find studies by words in title, abstract, authors, journal and terms.

    All words must occur; OR, NOT, -word, "a phrase", ketamin* and (parentheses) are understood, and what could mean two
    things is refused: query "(ketamine OR arketamine) -sailors".
    """
    from harvester.cli.terminal import format_studies, stream_csv, stream_json
    from harvester.jobs import questions

    words = " ".join(text)
    if sql is not None and (words or where):
        raise UsageError("--sql is a whole query", advice="give it without TEXT and --where")
    if sql is None and not words and not where:
        raise UsageError("nothing to look for", advice="give TEXT, --where or --sql")
    job = options.job()
    if sql is not None:
        names, rows = questions.select(job.settings.data, sql)
        for part in stream_json(names, rows) if as_json else stream_csv(names, rows):
            click.echo(part)
        return
    studies = questions.find(job.settings.data, words, where=where, limit=limit)
    click.echo(to_json(studies) if as_json else format_studies(studies))


@cli.command()
@click.argument("study_id")
@with_json
@with_options
def show(options: Options, *, study_id: str, as_json: bool) -> None:
    """Show one study: its records, why they were merged, the proof of each tag, its history."""
    from harvester.cli.terminal import format_study
    from harvester.jobs import questions

    dossier = questions.show(options.job().settings.data, study_id)
    click.echo(to_json(dossier) if as_json else format_study(dossier))


@cli.command()
@with_json
@with_options
def review(options: Options, *, as_json: bool) -> None:
    """List pairs of studies that look alike and were not merged, for you to decide."""
    from harvester.cli.terminal import format_near_misses
    from harvester.jobs import questions

    pairs = questions.review(options.job().settings.data)
    click.echo(to_json(pairs) if as_json else format_near_misses(pairs))


@cli.command()
@click.argument("one", metavar="STUDY_ID")
@click.argument("other", metavar="STUDY_ID")
@with_now
@with_options
def merge(options: Options, *, one: str, other: str, now: datetime | None) -> None:
    """Make one study of two, for ever; the older id is that of both."""
    from harvester.jobs import maintain

    study_id = maintain.merge_studies(options.job(now=now), one, other)
    options.print(f"{one} and {other} are {study_id}")


@cli.command()
@click.argument("study_id", metavar="STUDY_ID")
@click.argument("other", metavar="[STUDY_ID]", required=False)
@with_now
@with_options
def split(options: Options, *, study_id: str, other: str | None, now: datetime | None) -> None:
    """Make a study of each record of a study, for ever; or say of two studies that they are two."""
    from harvester.jobs import maintain

    study_ids = maintain.split_study(options.job(now=now), study_id, other)
    result = f"is now {', '.join(study_ids)}" if other is None else f"and {other} stay two studies"
    options.print(f"{study_id} {result}")


@cli.command()
@click.argument("study_id", metavar="STUDY_ID")
@click.argument("values", metavar="[COLUMN=VALUE]...", nargs=-1)
@click.option("--why", help="The reason, kept and shown beside the correction.")
@click.option("--clear", is_flag=True, help="Take back what was corrected: all, or the columns that are named.")
@with_now
@with_options
def correct(
    options: Options, *, study_id: str, values: tuple[str, ...], why: str | None, clear: bool, now: datetime | None
) -> None:
    """Correct tags of a study by hand, for ever: design=cohort sample_size=108.

    Lists are joined by "; ". An empty value (direction=) says that the paper does not say.
    """
    from harvester.cli.terminal import describe_event
    from harvester.jobs import maintain

    event = maintain.correct_study(options.job(now=now), study_id, values, clear=clear, why=why)
    options.print(f"{event.study_id} {describe_event(event.kind, event.detail)}")


@cli.command()
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, one line a search.")
@click.option("--left-out", is_flag=True, help="List the feeds' entries that were left out as off the topic, instead.")
@with_json
@click.option("--since", type=Day(), help="Only what was asked on this day or later.")
@with_options
def log(options: Options, *, as_csv: bool, left_out: bool, as_json: bool, since: date | None) -> None:
    """Print the search log: what was asked where and when, how it was understood, and what came."""
    from harvester.cli.terminal import describe_aside, format_csv, format_left_out, format_log
    from harvester.jobs import questions

    data = options.job().settings.data
    rows = questions.left_out(data, since=since) if left_out else questions.search_log(data, since=since)
    names = questions.LEFT_OUT_COLUMNS if left_out else questions.LOG_COLUMNS
    if as_json:
        click.echo(to_json(rows))
    elif as_csv:
        click.echo(format_csv(names, [[row[name] for name in names] for row in rows]))
    else:
        click.echo(format_left_out(rows) if left_out else format_log(rows))
        for line in () if left_out else describe_aside(questions.put_aside(data)):
            click.echo(line)


@cli.command()
@with_now
@with_options
def rebuild(options: Options, *, now: datetime | None) -> None:
    """Make the library, the table and the editions again from data/raw, offline."""
    from harvester.cli.terminal import describe_rebuilt
    from harvester.jobs import maintain

    options.print(describe_rebuilt(maintain.rebuild(options.job(now=now))))


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace a file of that name.")
@with_now
@with_options
def backup(options: Options, *, file: Path, force: bool, now: datetime | None) -> None:
    """Copy library, ledger, answers and table into one file (a .tar.gz), also while a run goes on."""
    from harvester.jobs import backup

    done = backup.backup(options.job(now=now), file, force=force, settings=options.config.name)
    options.print(f"{done.path}: {done.files} files, {done.size:,} bytes")


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@with_now
@with_options
def restore(options: Options, *, file: Path, now: datetime | None) -> None:
    """Put a copy back in the place of the data, which is kept beside it.

    What the place knows beyond the copy (its ledger, the editions folder) is taken over: no paper is announced twice,
    no mail goes twice.
    """
    from harvester.cli.terminal import describe_restored
    from harvester.jobs import backup

    done = backup.restore(options.job(now=now), file)
    for line in done.told:
        _log.warning("%s", line)
    options.print(describe_restored(done))


@cli.command()
@click.argument("format", type=click.Choice([*FORMATS, "labels"]))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file; without it, stdout.")
@click.option("--where", default="", help="Only studies that meet this condition.")
@click.option("--edition", help="Only the studies of this edition, such as 2026-W47.")
@with_options
def export(options: Options, *, format: str, output: Path | None, where: str, edition: str | None) -> None:
    """Write studies in another format; labels: what was corrected by hand, as examples to test the rules by."""
    from harvester.ground.files import write_atomically
    from harvester.jobs import questions

    if output is None and isinstance(FORMATS.get(format), FileFormat) and sys.stdout.isatty():
        raise UsageError(f"{format} is not text", advice="name a file with -o")
    written = questions.export(options.job().settings.data, format, where=where, edition=edition)
    for warning in written.warnings:
        _log.warning("%s", warning)
    if output is None:
        sys.stdout.buffer.write(written.content)
    else:
        write_atomically(output, written.content)
        options.print(str(output))


@cli.command(name="import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@with_now
@with_options
def import_(options: Options, *, files: tuple[Path, ...], now: datetime | None) -> ExitCode:
    """Bring in records you already have: PubMed XML, nbib, RIS, BibTeX, EndNote XML, CSV, xlsx."""
    from harvester.cli.terminal import describe_imported
    from harvester.jobs import maintain

    result = maintain.import_files(options.job(now=now), files)
    for line in result.skipped:
        _log.warning("skipped: %s", line)
    for line in (describe_imported(result.studies), *result.remarks):
        options.print(line)
    return ExitCode.PARTIAL if result.skipped else ExitCode.DONE


@cli.command()
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="The CSV to write.")
@with_options
def dedupe(options: Options, *, source: Path, output: Path) -> None:
    """Deduplicate any CSV, RIS or nbib file, without a library."""
    from harvester.jobs import standalone

    options.print(standalone.dedupe_file(source, output))


@cli.command()
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="The CSV to write.")
@click.option("--vocabulary", default="ketamine", show_default=True, help="A built-in name, or a YAML file.")
@with_options
def classify(options: Options, *, source: Path, output: Path, vocabulary: str) -> None:
    """Tag any CSV that has titles and abstracts, without a library."""
    from harvester.jobs import standalone

    options.print(standalone.classify_file(source, output, vocabulary=vocabulary))


@cli.command()
@click.option("--send-test", metavar="ADDR", help="Send a short message to this address, which says that it is a test.")
@click.option("--all", "thorough", is_flag=True, help="Read all that is stored, and not only what is newest.")
@with_json
@with_options
def check(options: Options, *, send_test: str | None, thorough: bool, as_json: bool) -> ExitCode:
    """Say what is wrong before cron does: settings, stored data, query, each source, mail login.

    Sends nothing, unless it is told to send a test.
    """
    from harvester.cli.terminal import format_findings
    from harvester.jobs import check

    job = options.job()
    findings = check.check(job, thorough=thorough)
    if send_test is not None:
        findings.append(check.send_test(job, send_test))
    if as_json:
        click.echo(to_json([finding.as_dict() for finding in findings]))
    elif not options.quiet or any(finding.verdict != "ok" for finding in findings):
        click.echo(format_findings(findings, only_wrong=options.quiet))
    return check.exit_code(findings)


@cli.command()
@click.option("--nagios", is_flag=True, help="Print one line, and exit 0, 1, 2 or 3, as Nagios' plug-ins do.")
@with_json
@with_now
@with_options
def status(options: Options, *, nagios: bool, as_json: bool, now: datetime | None) -> int:
    """Say how things stand: runs, editions, deliveries, sources, disk; exit 0 well, 75 something needs a look."""
    from harvester.cli.standing import NAGIOS_CODES, format_nagios, format_status, write_nagios
    from harvester.jobs.status import describe_json, look

    try:
        found = look(options.config, now=now or datetime.now(UTC))
    except HarvesterError as error:
        if not nagios:
            raise
        click.echo(write_nagios("unknown", str(error)))
        return NAGIOS_CODES["unknown"]
    if nagios:
        click.echo(format_nagios(found))
        return NAGIOS_CODES[found.level]
    if as_json:
        click.echo(to_json(describe_json(found)))
    elif found.troubles or not options.quiet:
        click.echo(format_status(found))
    return ExitCode.PARTIAL if found.troubles else ExitCode.DONE


@cli.command()
@with_options
def schedule(options: Options) -> None:
    """Print the cron lines and the systemd units for this config."""
    from harvester.jobs.schedule import Place, describe_schedule, find_owner

    settings = options.job().settings
    place = Place(config=options.config.resolve(), program=_program(), user=find_owner(settings))
    click.echo(describe_schedule(settings, place))


@cli.command()
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), default=Path())
@click.option("--contact", help="Your e-mail address; NCBI and publishers see it.")
@click.option("--topic", help="What the digest is about, for its readers.")
@click.option("--vocabulary", help="The words behind the tags: a built-in name, or a YAML file.")
@click.option("--recipient", "recipients", multiple=True, help="Who gets it by mail; again for each.")
@click.option("--timezone", help="The zone in which weeks are counted; without it, the machine's.")
@click.option("--host", help="The mail server.")
@click.option("--port", type=int, help="Its port.")
@click.option("--security", type=click.Choice(["none", "starttls", "tls"]), help="How the connection is kept private.")
@click.option("--username", help="The login of the mail server.")
@click.option("--sender", help='Whom mail comes from: "Name <address@example.org>".')
@click.option("--yes", is_flag=True, help="Ask nothing: what is not given has its usual value.")
@click.option("--schema", is_flag=True, help="Only print the JSON Schema of config.yaml, for editors.")
@with_options
def init(options: Options, *, folder: Path, yes: bool, schema: bool, **given: Any) -> None:
    """Write a first config.yaml into DIR, from a few questions or from options; overwrites nothing."""
    from harvester.cli.questions import ask
    from harvester.jobs import setup

    if schema:
        click.echo(setup.write_schema(), nl=False)
        return
    answers = {name: value for name, value in given.items() if value not in (None, ())}
    written = setup.init(folder, ask(folder, answers, is_silent=yes))
    for line in (*map(str, written), f"then: harvester check --config {folder / setup.CONFIG_NAME}"):
        options.print(line)


@cli.command()
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), default=Path("demo"))
@click.option("--corpus", type=click.Path(path_type=Path), help="Serve these PubMed XML files instead.")
@click.option("--now", type=Moment(), help="The clock of the last run.")
@with_options
def demo(options: Options, *, folder: Path, corpus: Path | None, now: datetime | None) -> ExitCode:
    """Do the whole job on the embedded server, into DIR."""
    from harvester.jobs.demo import play

    return play(folder, corpus=corpus, now=now or datetime.now(UTC), program=sys.argv[0], say=options.print)


def ask_before_mail(lines: Sequence[str]) -> bool:
    """Ask whether the first mail of a library is to be sent; lines say what goes to whom."""
    click.echo("This library has sent no mail yet. Now it would send:")
    for line in lines:
        click.echo(f"  {line}")
    click.echo("If not, `harvester send` and the next run send it; with --no-send a run neither sends nor asks.")
    return click.confirm("Send?")


def _do(
    options: Options,
    command: str,
    work: Callable[[Job], Outcome],
    describe: Callable[[Outcome], str],
    *,
    now: datetime | None,
) -> ExitCode:
    """Do a job under watch, so that its end is noted and told whatever it is; then print what it did."""
    from harvester.cli.terminal import warn_of
    from harvester.jobs.watch import describe_outcome_end

    with options.watch(command, now=now) as guard:
        outcome = work(guard.begin(options.job(now=now)))
        summary = describe(outcome)
        guard.end(describe_outcome_end(command, outcome, summary))
    warn_of(outcome)
    options.print(summary)
    return outcome.exit_code


def to_json(value: Any) -> str:
    """Write a result as JSON for people and programs."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def _program() -> Path:
    """Return the command's own path, for cron, which knows no PATH."""
    return Path(sys.argv[0]).resolve() if Path(sys.argv[0]).name == "harvester" else Path(sys.executable)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command and exit: the one place where errors become lines and exit codes."""
    shared: dict[str, Any] = {"verbose": False}
    try:
        code = cli.main(args=arguments, prog_name="harvester", standalone_mode=False, obj=shared)
    except click.exceptions.Abort:
        _fail("interrupted; the next run goes on where this one was", 130)
    except click.ClickException as error:
        error.show()
        sys.exit(ExitCode.USAGE)
    except BrokenPipeError:
        # The reader of our output (head, less) has had enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.DONE)
    except ConfigError as error:
        for mistake in error.mistakes:
            click.echo(mask_secrets(mistake), err=True)
        sys.exit(error.exit_code)
    except HarvesterError as error:
        _trace(shared)
        _fail(str(error), error.exit_code)
    except OSError as error:
        _trace(shared)
        place = f"{error.filename}: " if error.filename else ""
        _fail(f"{place}{error.strerror or error}", StorageError.exit_code)
    except Exception as error:  # noqa: BLE001 - the boundary: whatever is left is a defect of ours
        _trace(shared)
        kind = type(error).__name__
        _fail(f"this is a defect of the program ({kind}: {error}); run with -v and report it", ExitCode.DEFECT)
    sys.exit(int(code) if isinstance(code, int) else 0)


def _trace(shared: dict[str, Any]) -> None:
    if shared["verbose"]:
        click.echo(mask_secrets(traceback.format_exc()), err=True, nl=False)


def _fail(message: str, code: int) -> NoReturn:
    click.echo(f"harvester: {' '.join(mask_secrets(message).split())}", err=True)
    sys.exit(code)
