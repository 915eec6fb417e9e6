"""The package card: what is in the bundle, where it comes from, and whether it stood its trial."""

from typing import Any

from shared import cards


def package(
    contents: list[dict[str, Any]],
    manifest: dict[str, Any],
    digest: str,
    verification: dict[str, Any],
) -> list[Any]:
    """Draw the verification's verdict first, then how to serve it, contents and lineage."""
    failed = [check for check in verification["checks"] if not check["passed"]]
    words = "The bundle is verified" if verification["passed"] else "The bundle failed verification"
    explanation = (
        f"{len(verification['checks'])} checks in a clean environment, over HTTP."
        if verification["passed"]
        else "; ".join(f"**{check['check']}**: {check['detail']}" for check in failed)
    )
    serve = f"millrace serve --bundle bundles/{digest[:12]}"
    checks = [
        {
            "": cards.MARKS["good" if check["passed"] else "bad"],
            "Check": check["check"],
            "What happened": check["detail"],
        }
        for check in verification["checks"]
    ]
    trusted = manifest["trusted"]
    return [
        *cards.headline("good" if verification["passed"] else "bad", words, explanation),
        cards.facts({"digest": digest, "made by Millrace": manifest["millrace"]}),
        *cards.section("Measured", "On the machine that verified it, in one process."),
        cards.facts(verification["measured"]),
        *cards.section(
            "Next",
            "Approve it with `python flows/review.py run --bundle "
            f'{digest[:12]} --decision approve --reason "…"`; then `millrace serve` follows it. '
            f"To serve it alone: `millrace unpack {digest[:12]} bundles/{digest[:12]}`, "
            f"then `{serve}`.",
        ),
        *cards.section("Checks"),
        cards.table(checks),
        *cards.section("Lineage"),
        cards.facts(manifest["lineage"]),
        *cards.section("Types that the loader is told to trust"),
        cards.note("\n".join(f"- `{name}`" for name in trusted) if trusted else "None."),
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
