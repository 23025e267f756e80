"""Ideal points of states in a body, or in votes of the user's own: estimates, charts, explanation."""
