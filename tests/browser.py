"""Opening pages from disk in headless Chromium, and letting a script act on them."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
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


def browse(folder: Path, content: str, *, fragment: str = "") -> str:
    """Open a page from disk in headless Chromium and give what it has become."""
    path = folder / "page.html"
    path.write_text(content, encoding="utf-8")
    assert CHROMIUM is not None
    done = subprocess.run(
        [CHROMIUM, *FLAGS, f"--user-data-dir={folder / 'profile'}", path.as_uri() + fragment],
        capture_output=True,
        check=True,
        timeout=60,
    )
    return done.stdout.decode()


def drive(folder: Path, page: str, script: str, *, fragment: str = "") -> Any:
    """Open a page, let an async script act on it, and give what the script returned.

    The page's content policy would refuse the script, so it is taken out; that the policy lets the page's own
    script run is tested by itself.
    """
    page = re.sub(r"<meta http-equiv[^>]*>", "", page)
    driver = (
        "<script>addEventListener('load', async () => { const answer = await (async () => {"
        + script
        + "})(); document.body.innerHTML = ''; document.body.append('ANSWER' + JSON.stringify(answer) + 'END'); "
        "});</script>"
    )
    seen = browse(folder, page.replace("</body>", driver + "</body>"), fragment=fragment)
    found = re.search(r"ANSWER(.*)END", seen, re.DOTALL)
    assert found is not None, seen[-2000:]
    return json.loads(html.unescape(found.group(1)))


# The marks of a class of tests that need a browser.
IN_BROWSER = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")]
