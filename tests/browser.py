"""Opening pages from disk in headless Chromium, and letting a script, axe-core for one, act on them."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--virtual-time-budget=5000",
    "--dump-dom",
)


_AXE = find_spec("axe_playwright_python")  # only its file of JavaScript is used
AXE = Path(_AXE.origin).with_name("axe.min.js") if _AXE and _AXE.origin else None
DARK = "--blink-settings=preferredColorScheme=0"
ANSWER = re.compile(r"ANSWER(.*)END", re.DOTALL)


def browse(folder: Path, content: str, *, fragment: str = "", flags: Sequence[str] = ()) -> str:
    """Open a page from disk in headless Chromium and give what it has become."""
    path = folder / "page.html"
    path.write_text(content, encoding="utf-8")
    assert CHROMIUM is not None
    done = subprocess.run(
        [CHROMIUM, *FLAGS, *flags, f"--user-data-dir={folder / 'profile'}", path.as_uri() + fragment],
        capture_output=True,
        check=True,
        timeout=60,
    )
    return done.stdout.decode()


def drive(
    folder: Path, page: str, script: str, *, fragment: str = "", width: int = 1000, flags: Sequence[str] = ()
) -> Any:
    """Open a page, let an async script act on it, and give what the script returned.

    The page stands in a frame, as a window cannot be as narrow as a telephone. Its content policy would refuse the
    script, so it is taken out; that the policy lets the page's own script run is tested by itself.
    """
    page = re.sub(r"<meta http-equiv[^>]*>", "", page)
    driver = (
        "<script>addEventListener('load', async () => { const answer = await (async () => {"
        + script
        + "})(); parent.postMessage(JSON.stringify(answer), '*'); });</script>"
    )
    (folder / "framed.html").write_text(page.replace("</body>", driver + "</body>"), encoding="utf-8")
    frame = (
        '<!DOCTYPE html><meta charset="utf-8"><meta name="color-scheme" content="light dark"><body>'
        "<script>onmessage = (event) => document.body.append(`ANSWER${event.data}END`);</script>"
        f'<iframe src="framed.html{fragment}" width="{width}" height="800" style="border: 0"></iframe>'
    )
    found = ANSWER.search(browse(folder, frame, flags=flags).rpartition("</iframe>")[2])
    assert found is not None
    return json.loads(html.unescape(found.group(1)))


def find_barriers(folder: Path, page: str, *, width: int, flags: Sequence[str] = ()) -> list[str]:
    """Let axe-core look at a page with everything unfolded, and give each thing that it finds or is not sure of."""
    assert AXE is not None
    script = """
        for (const part of document.querySelectorAll("details")) part.open = true;
        const { violations, incomplete } = await axe.run();
        return [...violations, ...incomplete].flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
    """
    return list(drive(folder, page, f"{AXE.read_text(encoding='utf-8')};{script}", width=width, flags=flags))


# The marks of a class of tests that need a browser.
IN_BROWSER = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")]
