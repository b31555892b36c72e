"""Weights that were learned: how they add up, and that the shipped ones are what the rules ask for."""

from __future__ import annotations

import pytest

from harvester.tagging.learned import Learned, load_learned

COIN = Learned(bias=0.0, features={"in title": 2.0, "side effect": -2.0}, words={"better": 1.0})


@pytest.mark.parametrize(
    ("features", "words", "likelihood"),
    [
        (set(), set(), 0.5),
        ({"in title"}, set(), 0.881),
        ({"side effect"}, set(), 0.119),
        ({"in title", "side effect"}, {"better"}, 0.731),
        ({"never seen"}, {"nor", "these"}, 0.5),
    ],
)
def test_weights_add_up(features: set[str], words: set[str], likelihood: float) -> None:
    assert COIN.rate(features, words) == pytest.approx(likelihood, abs=0.001)


def test_the_order_of_the_features_changes_nothing() -> None:
    lost = Learned(bias=0.0, features={"little": 1.0, "for": 1e16, "against": -1e16}, words={})
    assert lost.rate(["little", "for", "against"]) == lost.rate(["for", "against", "little"]) > 0.5


def test_the_shipped_weights_can_be_read_by_eye() -> None:
    learned = load_learned()
    assert {"finding", "condition"} <= set(learned)
    finding = learned["finding"]
    assert finding.features["first of conclusions"] > 1 > 0 > finding.features["role=background"]
    for facet in learned.values():
        assert all(
            round(weight, 3) == weight != 0 for weights in (facet.features, facet.words) for weight in weights.values()
        )
