"""The package card's words."""

from shared import command_words
from shared.packaging import cards
from shared.packaging.verify import Check, Measured, Verification
from tests.card_words import card_words

CHECKS = (
    Check(check="GET /health/live", passed=True, detail="answered 200"),
    Check(check="refuses no rows", passed=False, detail="answered 200, not naming body"),
)
MANIFEST = {"millrace": "0.1.0", "trusted": ["sklearn.Tree"], "lineage": {"candidate": "forest"}}
CONTENTS = [{"file": "model.skops", "bytes": 2_048, "sha256": "0123456789abcdef0123"}]


def test_a_verified_bundle_s_card_says_what_to_do_next() -> None:
    verification = Verification(
        passed=True,
        checks=CHECKS[:1],
        measured=Measured(cold_start_seconds=1.4567, thousand_rows_ms=1_024.5),
    )
    shown = card_words(cards.package(CONTENTS, MANIFEST, "ab" * 32, verification))
    assert shown[:2] == [
        "# ✔ The bundle is verified",
        "All 1 checks passed, in a clean environment, over HTTP.",
    ]
    assert "**cold start (s)** | 1.46" in shown
    assert "**1,000 rows, median (ms)** | 1,024" in shown
    assert "**memory (MB)** | —" in shown
    (next_step,) = [line for line in shown if line.startswith("## Next")]
    assert 'make review BUNDLE=abababababab DECISION=approve REASON="…"`; then `' in next_step
    assert command_words.millrace("serve --bundle bundles/abababababab") in next_step
    assert "✔ | GET /health/live | answered 200" in shown
    assert "## Types of the model\n\n- `sklearn.Tree`" in shown
    assert shown[-1] == "model.skops | 2.0 KB | 0123456789abcdef…"


def test_a_bundle_that_needs_more_than_one_approval_says_so() -> None:
    verification = Verification(passed=True, checks=CHECKS[:1], measured=Measured())
    shown = card_words(cards.package(CONTENTS, MANIFEST, "ab" * 32, verification, approvals=2))
    (next_step,) = [line for line in shown if line.startswith("## Next")]
    assert next_step.endswith(" It needs 2 approvals, by different people.")


def test_a_failed_bundle_s_card_opens_with_the_failed_checks() -> None:
    verification = Verification(passed=False, checks=CHECKS, measured=Measured())
    shown = card_words(cards.package(CONTENTS, MANIFEST, "ab" * 32, verification))
    assert shown[:2] == [
        "# ✖ The bundle failed verification",
        "**refuses no rows**: answered 200, not naming body",
    ]
