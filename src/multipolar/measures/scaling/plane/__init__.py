"""Ideal points in the plane: positions of states on two axes, from how they voted.

Arrays in, frozen results out, as in one dimension; the votes are the same `Problem`.
"""
