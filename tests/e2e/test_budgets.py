# SPDX-License-Identifier: Apache-2.0
"""What must not grow unnoticed: the work of a warm launch, and the sizes of launchers and bundle, against the limits
in budgets.toml. Times are no test's business; `make bench` measures them."""

import sys
import tomllib
from pathlib import Path

import pytest
import support
from support import BUNDLE, NATIVE, PLATFORMS, by_name

sys.path.insert(0, str(support.SOURCE / "tests/bench"))

import bench  # noqa: E402
import timing  # noqa: E402

BUDGETS = tomllib.loads(Path(__file__).with_name("budgets.toml").read_text())


def within(value, limit):
    print(f"measured {value}, limit {limit}")  # shown of a failure, and with pytest -rP
    assert value <= limit


@pytest.fixture(scope="module")
def limits():
    if NATIVE.name not in BUDGETS["warm_launch"]:
        pytest.skip(f"budgets.toml has no limits of a warm launch on {NATIVE.name}")
    return BUDGETS["warm_launch"][NATIVE.name]


@pytest.fixture(scope="module")
def warm_launch(tmp_path_factory):
    """A function: the command of a warm launch, with this file as the launcher."""
    node, folder = bench.Program(BUNDLE, ["version"]), tmp_path_factory.mktemp("warm")

    def command(launcher):
        launcher = node.launcher(folder / launcher.name, file=launcher)
        environment = {"PIXELZX_CACHE": str(folder / "cache")}
        support.run([NATIVE.launcher, *node.arguments], {**environment, "PIXELZX_BUNDLE": str(BUNDLE)}, check=True)
        return timing.Command("warm", "", [launcher, *node.arguments], environment, execs=1)

    return command


def test_system_calls_and_memory(warm_launch, limits):
    counts = timing.handover_counts(warm_launch(NATIVE.launcher))
    within(counts["syscalls"], limits["system_calls"])
    within(counts["resident_kib"], limits["resident_kib"])


def test_instructions(warm_launch, limits):
    within(timing.instructions(warm_launch(timing.whole_launcher())), limits["instructions"])


@pytest.mark.parametrize("platform", PLATFORMS, ids=by_name)
def test_launcher_size(platform):
    within(platform.launcher.stat().st_size, BUDGETS["launcher_bytes"][platform.name])


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    """The nodes in the bundle, by platform."""
    node, folder = bench.Program(BUNDLE, []), tmp_path_factory.mktemp("programs")
    return {platform: node.slice(platform, folder).read_bytes() for platform in node.platforms}


@pytest.mark.parametrize("platform", PLATFORMS, ids=by_name)
def test_node_size(platform, programs):
    within(len(programs[platform.name]), BUDGETS["node_bytes"][platform.name])


def test_bundle_size(programs):
    size = BUNDLE.stat().st_size
    within(size, BUDGETS["bundle"]["bytes"])
    within(round(size / bench.solid_xz_size(programs), 3), BUDGETS["bundle"]["ratio"])
