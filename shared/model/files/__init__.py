"""The files of a bundle: which there are, of what, how they are packed, and where they are kept."""
