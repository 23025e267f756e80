"""Fixtures of the page's tests."""

from __future__ import annotations

import pytest

from multipolar.report.context import Context
from multipolar.report.labels import labels

from report_profiles import AS_OF, Names


@pytest.fixture(params=["en", "zh"])
def ctx(request):
    return Context(request.param, labels(request.param), Names(), "AAA", AS_OF)
