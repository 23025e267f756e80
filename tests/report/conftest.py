"""Fixtures of the page's tests."""

from __future__ import annotations

import pytest
from report_profiles import AS_OF, Names

from multipolar.report.context import Context
from multipolar.report.labels import labels


@pytest.fixture(params=["en", "zh"])
def ctx(request):
    return Context(request.param, labels(request.param), Names(), "AAA", AS_OF)


@pytest.fixture(scope="session")
def ctx_en():
    return Context("en", labels("en"), Names(), "AAA", AS_OF)
