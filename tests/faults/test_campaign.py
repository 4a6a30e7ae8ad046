"""Fifty kills of a plant under load, as `make faults` does them by the thousand."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tools.installed import ROOT

KILLS = 50
AWAY = "5"  # seconds without database; a minute in the long campaign
LONGEST = 1200  # seconds: what hangs ends, says where it stood, and takes everything it started with it


@pytest.mark.req("R-068")
def test_nothing_that_was_acknowledged_is_lost_doubled_or_early(tmp_path: Path, schema: Path) -> None:
    command = [sys.executable, "-m", "tools.faults", "--kills", str(KILLS), "--seed", "11", "--away", AWAY]
    command += ["--directory", str(tmp_path), "--longest", str(LONGEST), "--schema", str(schema)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=2 * LONGEST)
    assert done.stdout, done.stderr[-3000:]
    report = json.loads(done.stdout)
    assert report["holds"], f"{done.stdout}\n{done.stderr[-3000:]}"
    assert sum(report["blows"].values()) >= KILLS
    assert done.returncode == 0
