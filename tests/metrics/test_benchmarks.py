"""Benchmarks: of metrics there are, with a source, and figures that agree with each other."""

from __future__ import annotations

import pytest

from metrics import BENCHMARKS, CATALOG, Better, Unit
from metrics.documentation import markdown

N = "\u00a0"
ALL = pytest.mark.parametrize("id", BENCHMARKS)


@ALL
def test_it_is_for_a_metric_and_says_whose_it_is(id):
    assert id in CATALOG
    benchmark = BENCHMARKS[id]
    assert benchmark.source
    assert benchmark.is_house_rule == (benchmark.source.startswith("None") and benchmark.attention is not None)
    assert benchmark.figures or benchmark.is_house_rule or "compare" in benchmark.caution
    assert (benchmark.line is None) == (not benchmark.line_label)


@ALL
def test_its_edges_are_possible_targets(id):
    metric, benchmark = CATALOG[id], BENCHMARKS[id]
    edges = [edge for edge in (benchmark.good, benchmark.attention) if edge is not None]
    if metric.unit is Unit.RATIO:
        assert all(0 <= edge <= 1 for edge in edges)
    if len(edges) > 1:
        assert metric.better is not Better.NEITHER
        assert edges == sorted(edges, reverse=metric.better is Better.HIGHER)


@ALL
def test_it_stands_in_the_docs(id):
    section = markdown().split(f"\n## {id}\n")[1].split("\n## ")[0]
    for sentence in BENCHMARKS[id].said(CATALOG[id]):
        assert sentence in section


def test_the_index_of_collection_compares_only_in_its_own_form():
    assert "compare only with the CRF form" in BENCHMARKS["cei"].caution
    assert BENCHMARKS["cei"].good is None
    assert "only with this form" in BENCHMARKS["cei_crf"].caution


def test_what_is_said_has_figures_edges_source_and_caution():
    said = BENCHMARKS["days_delinquent"].said(CATALOG["days_delinquent"])
    assert f"Suggested: good up to 3{N}days, attention beyond 7{N}days." in said
    assert any(line.startswith("Source: Credit Research Foundation") for line in said)
    assert any("do not subtract" in line for line in said)
    house = BENCHMARKS["top_10_share"].said(CATALOG["top_10_share"])
    assert house[0] == f"House rule: attention beyond 50{N}%."
    assert f"good from 90{N}%" in " ".join(BENCHMARKS["current_share"].said(CATALOG["current_share"]))
