"""The pages around reports: titled, escaped, and forbidden to fetch anything."""

from shared.monitoring import pages


def test_a_plain_page_has_its_title_and_lines_with_nothing_of_theirs_taken_for_html() -> None:
    page = pages.plain("Data <drift>", ["income < 3", "left out: age"])
    assert page.startswith("<!doctype html>")
    assert "<title>Data &lt;drift&gt;</title>" in page
    assert '<p style="margin:6px 0">income &lt; 3</p>' in page
    assert "default-src 'unsafe-inline' 'unsafe-eval' data: blob:" in page


def test_a_report_keeps_its_page_below_the_title_and_may_fetch_nothing() -> None:
    report = "<html><head><style>a{}</style></head><body><div>drawn</div></body></html>"
    page = pages.around(report, "Data drift", ["of a sample"])
    assert page.index("Content-Security-Policy") < page.index("<style>")
    assert page.index("Data drift</h1>") < page.index("of a sample") < page.index("<div>drawn")
