"""Voting power in bodies and games: results with their table, chart, explanation and sources."""
