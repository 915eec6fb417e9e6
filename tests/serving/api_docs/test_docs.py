"""The pages that show the routes."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from shared.model.bundle import Bundle
from tests.serving.processes import serving


@pytest.mark.skipif(not shutil.which("chromium"), reason="needs chromium")
def test_the_docs_show_the_routes_with_nothing_from_another_site(
    bundle: Bundle, tmp_path: Path
) -> None:
    nowhere = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", nowhere]
    with serving(tmp_path, "--bundle", str(bundle.path)) as running:
        for page in ("docs", "redoc"):
            page_url = f"{running.url.rstrip('/')}/{page}"
            done = subprocess.run(
                [*command, "--virtual-time-budget=20000", page_url],
                capture_output=True,
                text=True,
                check=True,
                timeout=60,
            )
            text = re.sub(r"<script.*?</script>|<style.*?</style>|<[^>]+>", " ", done.stdout)
            assert "loans, by Millrace" in text
            assert "/outcomes" in text


def test_the_docs_are_off_by_one_switch(bundle: Bundle, tmp_path: Path) -> None:
    with serving(tmp_path, "--bundle", str(bundle.path), "--no-docs") as running:
        for path in ("docs", "redoc", "openapi.json", "docs/files/swagger-ui.css"):
            assert running.client.get(path).status_code == 404
