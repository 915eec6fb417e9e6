"""Old runs, log rows and leftovers that nothing standing refers to: found, and removed."""
