"""Readers of file forms: every cell as printed, nothing guessed."""
