"""What `harvester init` asks whoever sits at the terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from harvester.ground.errors import UsageError
from harvester.jobs.setup import Answers, find_mistake, guess_timezone
from harvester.tagging import list_vocabularies

_OPTIONS = {"recipients": "--recipient"}
# Where mail is handed in, as against passed on from machine to machine (RFC 6409).
_SUBMISSION_PORT = 587


def ask(folder: Path, given: Mapping[str, Any], *, is_silent: bool) -> Answers:
    """Return the answers that were given as options, and ask for the others; `is_silent`: ask nothing.

    Raises
    ------
    UsageError
        If an answer is wrong, or one that must be had is missing and nobody can be asked.
    """
    answers = dict(given)
    if "recipients" in answers:
        answers["recipients"] = tuple(answers["recipients"])
    vocabulary = Path(answers.get("vocabulary", ""))
    if vocabulary.suffix in (".yaml", ".yml"):
        answers["vocabulary"] = str(vocabulary.resolve())
    for name, value in answers.items():
        mistake = find_mistake(folder, **{name: value})
        if mistake is not None:
            raise UsageError(f"{_OPTIONS.get(name, f'--{name}')}: {mistake}")
    if not is_silent and not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask at", advice="give --contact and what else you want, and --yes")
    if is_silent:
        if "contact" not in answers:
            raise UsageError("--contact is missing", advice="it must be your e-mail address; NCBI asks for it")
        answers.setdefault("timezone", guess_timezone(os.environ.get("TZ")))
        return Answers(**answers)
    return Answers(**_ask_rest(folder, answers))


def _ask_rest(folder: Path, answers: dict[str, Any]) -> dict[str, Any]:
    usual = Answers()

    def question(name: str, text: str, default: Any = None, read: Callable[[str], Any] = str) -> None:
        def check(reply: str) -> Any:
            value = read(reply)
            mistake = find_mistake(folder, **{name: value})
            if mistake is not None:
                raise click.BadParameter(mistake)
            return value

        if name not in answers:
            answers[name] = click.prompt(text, default=default, value_proc=check, show_default=bool(default), err=True)

    question("contact", "Your e-mail address (NCBI and publishers see it)")
    question("topic", "What it is about, for its readers", usual.topic)
    names = ", ".join(list_vocabularies())
    question("vocabulary", f"The words behind the tags ({names}, or a YAML file)", usual.vocabulary)
    question("timezone", "Time zone of its weeks", guess_timezone(os.environ.get("TZ")))
    question("recipients", "Who gets it by mail (addresses, with commas between; nobody: Enter)", "", _read_addresses)
    if answers["recipients"]:
        question("host", "Mail server", usual.host)
        is_here = answers["host"] in ("localhost", "127.0.0.1", "::1")
        question("port", "Its port", str(usual.port if is_here else _SUBMISSION_PORT), _read_number)
        question("security", "How the connection is kept private (none, starttls, tls)", usual.security)
        question("username", "Its login (none: Enter)", "", lambda reply: reply.strip() or None)
    return answers


def _read_addresses(reply: str) -> tuple[str, ...]:
    return tuple(reply.replace(",", " ").replace(";", " ").split())


def _read_number(reply: str) -> int:
    if not reply.strip().isdecimal():
        raise click.BadParameter("a number is wanted")
    return int(reply)
