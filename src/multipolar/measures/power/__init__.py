"""Voting power: how often a member decides the outcome, counted exactly or estimated.

Arrays and forms of rules in, numbers out; nothing here knows a body or a file.
"""
