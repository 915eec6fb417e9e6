"""The package card: what is in the bundle, where it comes from, and whether it is verified."""

from typing import Any

from shared import cards, command_words
from shared.packaging.verify import Measured, Verification
from shared.problem_commands import make_command, review_command


def package(
    contents: list[dict[str, Any]],
    manifest: dict[str, Any],
    digest: str,
    verification: Verification,
    approvals: int = 1,
) -> list[Any]:
    """Draw the verification's verdict first, then how to serve it, contents and lineage.

    `approvals` are by so many different people before it is served.
    """
    people = f" It needs {approvals} approvals, by different people." if approvals > 1 else ""
    trusted = "\n".join(f"- `{name}`" for name in manifest["trusted"])
    short = digest[:12]
    approve = review_command(short)
    unpack = command_words.millrace("unpack", short, f"bundles/{short}")
    serve = command_words.millrace("serve --bundle", f"bundles/{short}")
    checks = [
        {
            "": cards.MARKS["good" if each.passed else "bad"],
            "Check": each.check,
            "What happened": each.detail,
        }
        for each in verification.checks
    ]
    files = [
        {
            "File": file["file"],
            "Size": f"{file['bytes'] / 1024:,.1f} KB",
            "sha256": f"{file['sha256'][:16]}…",
        }
        for file in contents
    ]
    return [
        *_headline(verification),
        cards.facts({"digest": digest, "Millrace version": manifest["millrace"]}),
        *cards.section("Measured", "On the machine that verified it, in one process."),
        cards.facts(_measured(verification.measured)),
        *cards.section(
            "Next",
            f"Approve it with `{approve}`; then `{make_command('serve')}` serves it. To serve it "
            f"alone: `{unpack}`, then `{serve}`.{people}",
        ),
        *cards.section("Checks"),
        cards.table(checks),
        *cards.section("Lineage"),
        cards.facts(_described(manifest["lineage"])),
        *cards.section("Types of the model", trusted or "None beyond skops' own."),
        *cards.section("Contents"),
        cards.table(files),
    ]


def _headline(verification: Verification) -> list[Any]:
    if verification.passed:
        checks = f"All {len(verification.checks)} checks passed, in a clean environment, over HTTP."
        return cards.headline("good", "The bundle is verified", checks)
    failed = [f"**{each.check}**: {each.detail}" for each in verification.checks if not each.passed]
    return cards.headline("bad", "The bundle failed verification", "; ".join(failed))


def _described(lineage: dict[str, Any]) -> dict[str, Any]:
    """Return a lineage as people write it, without what there is none of."""
    span = [name for name in ("data from", "data to") if name in lineage]
    moments = {name: cards.moment(lineage[name]) for name in span}
    return {k: v for k, v in (lineage | moments).items() if v is not None}


def _measured(measured: Measured) -> dict[str, str | None]:
    taken = {
        "environment made (s)": measured.environment_seconds,
        "cold start (s)": measured.cold_start_seconds,
        "one row, median (ms)": measured.one_row_ms,
        "1,000 rows, median (ms)": measured.thousand_rows_ms,
        "memory (MB)": measured.memory_mb,
    }
    return {name: None if value is None else _three_digits(value) for name, value in taken.items()}


def _three_digits(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
