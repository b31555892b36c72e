"""When the job runs: the cron lines and the systemd units for a configuration.

An edition waits for its required sources, so one run a week is not enough: it is tried again on the same day and once
on each of the others.  That costs nothing but the asking, since a second run of a week makes no second edition and
mails nobody twice, and feeds are the better for it, as some show only their newest entries.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from harvester.config.settings import Settings

# The weekly run is Monday's first, before people come to work; the odd minute keeps thousands of such jobs from meeting
# on the hour.
_FIRST = time(5, 17)
_MONDAY_HOURS = range(5, 21, 3)
_CRON = (
    ("17 5-20/3 * * 1", "run", "The weekly run; every three hours again, for an edition that waits for its sources."),
    ("17 5 * * 0,2-6", "run", "Once on the other days, for one that still waits, and for feeds that are short."),
    ("47 12 * * *", "send", "What a mail server did not take yet."),
)
_RUN_TIMES = ("Mon *-*-* 05..20/3:17:00", "Tue..Sun *-*-* 05:17:00")
_SEND_TIMES = ("*-*-* 12:47:00",)

FILES = (
    "crontab",
    "harvester.service",
    "harvester.timer",
    "harvester-send.service",
    "harvester-send.timer",
    "harvester-failed@.service",
)

_STATE = Path("/var/lib")  # where systemd makes a service's folders itself
_NO_ROOT = "harvester"  # a user to make, rather than have root read what strangers publish


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the job is to run, and as whom."""

    config: Path  # absolute
    program: Path  # the command, or a Python that has the package; absolute
    user: str  # who owns the data

    def command(self, name: str) -> list[str]:
        """Return a command of ours, as a list of words."""
        module = ["-m", "harvester"] if self.program.name.startswith("python") else []
        return [str(self.program), *module, name, "--quiet", "--config", str(self.config)]


def describe_schedule(settings: Settings, place: Place) -> str:
    """Return the lines that make the job run by itself, to be pasted."""
    parts = []
    for name, content in build_files(settings, place).items():
        where = "cron: `crontab -e`, then these lines" if name == "crontab" else f"systemd: /etc/systemd/system/{name}"
        parts.append(f"# {where}\n{content}")
    timers = "harvester.timer harvester-send.timer"
    return "\n".join((*parts, f"# systemd, once the five are there: systemctl enable --now {timers}"))


def build_files(settings: Settings, place: Place) -> dict[str, str]:
    """Return the crontab and the units, by the names of `FILES`."""
    topic = " ".join(settings.topic.replace("%", "%%").split())
    run = f"{topic}: weekly digest"
    send = f"{topic}: what is not delivered yet"
    contents = (
        _build_crontab(settings, place),
        _build_service(settings, place, "run", run),
        _build_timer(settings, run, _RUN_TIMES),
        _build_service(settings, place, "send", send),
        _build_timer(settings, send, _SEND_TIMES),
        _FAILED,
    )
    return dict(zip(FILES, contents, strict=True))


def find_owner(settings: Settings) -> str:
    """Return who owns the data, or will, as its folder's."""
    folder = next(path for path in (settings.data, *settings.data.parents) if path.exists())
    try:
        return folder.owner()
    except KeyError:
        return str(folder.stat().st_uid)


def find_next_run(now: datetime, zone: ZoneInfo, *, weekly: bool) -> datetime:
    """Return when the job runs next as it is printed here; `weekly`: when the first run of a week is next."""
    today = now.astimezone(zone).date()
    for day in (today + timedelta(days=number) for number in range(9)):
        is_monday = day.weekday() == 0
        hours = _MONDAY_HOURS if is_monday else range(_FIRST.hour, _FIRST.hour + (not weekly))
        for hour in hours[:1] if weekly else hours:
            moment = datetime.combine(day, _FIRST.replace(hour=hour), zone)
            if moment > now:
                return moment
    raise AssertionError("a week has a Monday")


def _build_crontab(settings: Settings, place: Place) -> str:
    lines = [
        "# A healthy run prints nothing, so cron writes to MAILTO only when something is wrong.",
        "# MAILTO=you@example.org",
        "# (Where cron knows no CRON_TZ, the hours are those of the machine.)",
        f"CRON_TZ={settings.timezone}",
    ]
    if names := _list_names(settings):
        keys = ", ".join(f"{key.removesuffix('_env')}_file" for key, _ in names)
        lines.insert(2, f"# cron hands over no secrets: those that are used need files, named in the settings: {keys}")
    for when, name, why in _CRON:
        command = " ".join(map(quote, place.command(name)))
        lines += [f"# {why}", f"{when}  {command}".replace("%", "\\%")]
    return "\n".join(lines) + "\n"


def _build_service(settings: Settings, place: Place, name: str, description: str) -> str:
    is_root = place.user == "root"
    folders = dict.fromkeys((settings.data, settings.editions))
    state = [folder.relative_to(_STATE) for folder in folders if folder.is_relative_to(_STATE)]
    others = [folder for folder in folders if not folder.is_relative_to(_STATE)]
    owned = " ".join(quote(str(folder)) for folder in folders)
    make_user = [
        "# The folders are root's. Make a user for the job, who owns them:",
        f"#   useradd --system --no-create-home {_NO_ROOT}; chown -R {_NO_ROOT}: {owned}",
    ]
    parts = [
        "[Unit]",
        f"Description={description}",
        "Wants=network-online.target",
        "After=network-online.target",
        "# Any exit code but 0 is a failure: 75 (done in part) as well, for then something needs a look.",
        "OnFailure=harvester-failed@%n.service",
        "",
        "[Service]",
        "Type=oneshot",
        *make_user * is_root,
        f"User={_NO_ROOT if is_root else place.user}",
        # In what is run, $ is a $; in its arguments it begins a variable.
        f"ExecStart={_word(str(place.program), '%')} {_words(place.command(name)[1:], doubled='%$')}",
        "TimeoutStartSec=2h",
        "NoNewPrivileges=yes",
        *["PrivateTmp=yes"] * (not _is_temporary(*folders, place.config)),
        "ProtectSystem=strict",
        *[f"StateDirectory={_words(state)}"] * bool(state),
        *["# These folders must be there: the first run, by hand, makes them."] * bool(others),
        *[f"ReadWritePaths={_words(others)}"] * bool(others),
    ]
    if names := _list_names(settings):
        parts.append("# Secrets, a file each that only root can read; remove the # of those that are used:")
        parts += [f"# LoadCredential={secret}:/etc/harvester/{secret}" for _, secret in names]
    return "\n".join(parts) + "\n"


def _build_timer(settings: Settings, description: str, times: tuple[str, ...]) -> str:
    calendar = "".join(f"OnCalendar={when} {settings.timezone}\n" for when in times)
    return f"""\
[Unit]
Description={description}

[Timer]
{calendar}\
# A run that was missed, because the machine was off, is made up for.
Persistent=true
RandomizedDelaySec=15m

[Install]
WantedBy=timers.target
"""


_FAILED = """\
# Mails root the last lines of a unit that failed. It needs a sendmail, as every mail server and msmtp-mta bring one;
# without, leave this unit and the lines OnFailure= out, and name a `monitor` in the settings.
[Unit]
Description=Mail that %i failed

[Service]
Type=oneshot
ExecStart=/bin/sh -c '(echo "Subject: %i failed on %H"; echo; systemctl status --no-pager --full --lines=40 %i) \
| /usr/sbin/sendmail root'
"""


def _list_names(settings: Settings) -> list[tuple[str, str]]:
    """Return the places and names of the secrets that may come from the environment."""
    from harvester.config.secrets import list_secret_names

    needs_password = settings.mail is not None and settings.mail.username is not None
    names = list_secret_names(settings)
    return [(place, name) for place, name in names if needs_password or not place.startswith("mail.")]


def _is_temporary(*paths: Path) -> bool:
    return any(path.is_relative_to(folder) for path in paths for folder in ("/tmp", "/var/tmp"))  # noqa: S108 - asks only


def _words(words: Iterable[object], *, doubled: str = "%") -> str:
    """Write words as a unit file has them: quoted where needed, with characters doubled that mean something there."""
    return " ".join(_word(str(word), doubled) for word in words)


def _word(text: str, doubled: str) -> str:
    for character in doubled:
        text = text.replace(character, 2 * character)
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' if escaped != text or any(mark in text for mark in " \t'") else text
