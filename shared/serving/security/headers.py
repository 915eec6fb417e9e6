"""What every answer tells a browser about itself, whoever gives it."""

# The page of the docs has its script in a file of its own, so that none in a page is ever run.
# Swagger UI and ReDoc write styles into the page, and draw with images that are in their styles.
POLICY = "; ".join(
    (
        *("default-src 'none'", "script-src 'self'", "style-src 'self' 'unsafe-inline'"),
        *("img-src 'self' data:", "font-src 'self' data:", "connect-src 'self'"),
        *("worker-src blob:", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"),
    )
)
# Encryption is a proxy's, and so is the header that asks for it.
SECURITY_HEADERS = [
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cache-control", "no-store"),
]
