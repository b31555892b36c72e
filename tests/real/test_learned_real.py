"""The weights that ship are those that the labelled abstracts and the rules of today give."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from harvester.tagging.learned import load_learned

ROOT = Path(__file__).parents[2]
SCRIPT = """
import json, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from train import learn, load_vocabulary, read_all
print(json.dumps(learn(read_all(Path(sys.argv[2])), load_vocabulary("ketamine"))))
"""


def test_training_gives_the_shipped_weights(shared_data: Path) -> None:
    pytest.importorskip("sklearn")
    command = [sys.executable, "-c", SCRIPT, str(ROOT / "benchmarks"), str(shared_data)]
    learned = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout)
    assert set(learned) == set(load_learned())
    for facet, shipped in load_learned().items():
        assert learned[facet]["bias"] == pytest.approx(shipped.bias, abs=0.01), facet
        # Processors round differently: what weighs next to nothing may come or go.
        for kind, weights in (("features", shipped.features), ("words", shipped.words)):
            names = set(learned[facet][kind]) | set(weights)
            assert {name: learned[facet][kind].get(name, 0.0) for name in names} == pytest.approx(
                {name: weights.get(name, 0.0) for name in names}, abs=0.02
            ), facet
