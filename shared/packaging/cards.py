"""The package card: what is in the bundle, where it comes from, and whether it is verified."""

from typing import Any

from shared import cards
from shared.packaging.verify import Measured, Verification


def package(
    contents: list[dict[str, Any]],
    manifest: dict[str, Any],
    digest: str,
    verification: Verification,
) -> list[Any]:
    """Draw the verification's verdict first, then how to serve it, contents and lineage."""
    trusted = "\n".join(f"- `{name}`" for name in manifest["trusted"])
    return [
        *_headline(verification),
        cards.facts({"digest": digest, "Millrace version": manifest["millrace"]}),
        *cards.section("Measured", "On the machine that verified it, in one process."),
        cards.facts(_measured(verification.measured)),
        *cards.section(
            "Next",
            "Approve it with `python flows/review.py run --bundle "
            f'{digest[:12]} --decision approve --reason "…"`; then `millrace serve` follows it. '
            f"To serve it alone: `millrace unpack {digest[:12]} bundles/{digest[:12]}`, "
            f"then `millrace serve --bundle bundles/{digest[:12]}`.",
        ),
        *cards.section("Checks"),
        cards.table(
            [
                {
                    "": cards.MARKS["good" if each.passed else "bad"],
                    "Check": each.check,
                    "What happened": each.detail,
                }
                for each in verification.checks
            ]
        ),
        *cards.section("Lineage"),
        cards.facts(manifest["lineage"]),
        *cards.section("Types that the loader trusts", trusted or "None."),
        *cards.section("Contents"),
        cards.table(
            [
                {
                    "File": file["file"],
                    "Size": f"{file['bytes'] / 1024:,.1f} KB",
                    "sha256": f"{file['sha256'][:16]}…",
                }
                for file in contents
            ]
        ),
    ]


def _headline(verification: Verification) -> list[Any]:
    if verification.passed:
        checks = f"{len(verification.checks)} checks passed in a clean environment, over HTTP."
        return cards.headline("good", "The bundle is verified", checks)
    failed = [f"**{each.check}**: {each.detail}" for each in verification.checks if not each.passed]
    return cards.headline("bad", "The bundle failed verification", "; ".join(failed))


def _measured(measured: Measured) -> dict[str, float | None]:
    return {
        "environment made (s)": measured.environment_seconds,
        "cold start (s)": measured.cold_start_seconds,
        "one row, median (ms)": measured.one_row_ms,
        "1,000 rows, median (ms)": measured.thousand_rows_ms,
        "memory (MB)": measured.memory_mb,
    }
