"""The cron line and the systemd units for a configuration."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

from harvester.config.settings import Settings

# Monday, before people come to work; the odd minute keeps thousands of such jobs from meeting on the hour.
_CRON_TIME = "17 5 * * 1"
_CRON_DAILY = "17 4 * * 2-7"
_SYSTEMD_TIME = "Mon *-*-* 05:17:00"


def describe_schedule(settings: Settings, *, config: Path, program: Path) -> str:
    """Return the lines that make the job weekly, to be pasted.

    Parameters
    ----------
    config
        Absolute path of config.yaml.
    program
        Absolute path of the command, or of a Python that has the package.
    """
    command = quote(str(program))
    if program.name.startswith("python"):
        command += " -m harvester"
    options = f"--quiet --config {quote(str(config))}"
    weekly, daily = (f"{command} {name} {options}" for name in ("run", "harvest"))
    writable = " ".join(dict.fromkeys(_unit_path(path) for path in (settings.data, settings.editions)))
    return f"""\
# cron: `crontab -e`, then these lines. A healthy run prints nothing, so cron mails only when something is wrong.
# (Where cron knows no CRON_TZ, the hour is that of the machine.)
CRON_TZ={settings.timezone}
{_CRON_TIME}  {weekly.replace("%", chr(92) + "%")}
# Optional: collect daily, too, because some feeds show only their newest 30 entries.
# {_CRON_DAILY}  {daily.replace("%", chr(92) + "%")}

# systemd: /etc/systemd/system/harvester.service
[Unit]
Description={settings.topic.replace("%", "%%")}: weekly digest
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart={weekly.replace("%", "%%")}
# 75: done in part, or another run is at work. The next run catches up.
SuccessExitStatus=75
TimeoutStartSec=2h
NoNewPrivileges=yes
PrivateTmp=yes
ProtectSystem=strict
ReadWritePaths={writable}
# Secrets, if the settings name any: LoadCredential=SMTP_PASSWORD:/etc/harvester/smtp-password

# systemd: /etc/systemd/system/harvester.timer, then `systemctl enable --now harvester.timer`
[Unit]
Description={settings.topic.replace("%", "%%")}: weekly digest

[Timer]
OnCalendar={_SYSTEMD_TIME} {settings.timezone}
Persistent=true
RandomizedDelaySec=15m

[Install]
WantedBy=timers.target"""


def _unit_path(path: Path) -> str:
    """Write a path as a unit file has it."""
    text = str(path).replace("%", "%%")
    return f'"{text}"' if " " in text else text
