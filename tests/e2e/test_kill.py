# SPDX-License-Identifier: Apache-2.0
"""A launcher is killed before each system call that it makes, as by a power cut or the OOM killer: the
next launch works, and the cache holds whole programs only."""

import signal

import pytest
from launches import KINDS, STARTED, Launch


@pytest.mark.parametrize("kind", KINDS)
def test_killed_before_each_call(tmp_path, faults, small_probe, kind):
    """Once, and twice in a row: what is left behind does not add up."""
    launch = Launch(tmp_path, small_probe, kind)
    calls = launch.calls(faults)
    temporaries = 0
    for number, name in enumerate(calls, 1):
        launch.reset()
        for times in (1, 2):
            what = (kind, number, name, times)
            killed = launch.run(faults, "kill", str(number))
            # The second launch makes fewer calls where the first one had finished the entry.
            survived = times == 2 and killed.status == STARTED
            assert survived or (killed.status, killed.out, killed.err) == (-signal.SIGKILL, "", ""), (what, killed)
            left = launch.strangers()
            assert len(left) <= 1 and all(path.startswith(".unpacking-") for path in left), (what, left)
            temporaries += len(left)
        launch.check_works_again(what)
    has_names = "no O_TMPFILE" in kind or kind == "bad entry"
    assert (temporaries > 0) == has_names, "whether there is a temporary with a name"
