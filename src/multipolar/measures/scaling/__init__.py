"""Ideal points: positions of states on a line, from how they voted.

Arrays in, frozen results out; nothing here knows a body, a file or a frame.
"""
