"""Commands about what ran: runs, models and bundles, looked at, compared and tidied up."""
