"""Findings from pulled datasets: each facet's additions where its datasets are in the store.

Every finding names the edition it was computed from. Without the dataset there is no finding, and the
profile asks the open question instead.
"""
