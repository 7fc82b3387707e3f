# SPDX-License-Identifier: Apache-2.0
"""`make bench`: measures launches, and what else starts packed programs, in one run on one machine.

Writes results.json, charts and tables. Nothing fails because something is slow: tests/e2e/test_budgets.py guards
counts and sizes, which repeat.
"""

import argparse
import dataclasses
import datetime
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

import bundles  # noqa: E402
import pytest  # noqa: E402
import report  # noqa: E402
import support  # noqa: E402
from support import FOREIGN, NATIVE, PACK, PLATFORMS  # noqa: E402
from timing import BARE_EXEC, Command, handover_counts, instructions, time_commands, whole_launcher  # noqa: E402

BUILD = support.SOURCE / "build/bench"
MB = 1_000_000
ROUNDS, HOUR = 1000, 3600  # where the other limit ends it
PEERS = ["dash", "makeself", "zstd", "xz-utils", "qemu-user-static", "valgrind"]


@dataclass
class Effort:
    start: int  # seconds for each program
    emulation: int
    scaling: int  # for each number and size
    work: float  # seconds of work in emulation
    sizes: list  # of programs, in MB
    slices: list


EFFORTS = {"quick": Effort(1, 1, 1, 0.1, [1, 2], [1, 6]),
           "default": Effort(40, 12, 4, 5, [1, 3, 10, 30, 100], [1, 6, 32, 50, 500]),
           "long": Effort(120, 30, 40, 60, [1, 3, 10, 30, 100, 250, 500], [1, 6, 32, 50, 500])}


@dataclass
class Work:
    """Arguments that make a program compute. `words`: of an amount, which is measured first as `sample`."""

    label: str
    words: object
    sample: int


@dataclass
class Program:
    bundle: Path
    arguments: list
    works: list = field(default_factory=list)

    def __post_init__(self):
        self.listing = support.listing(self.bundle)
        self.name = self.listing["program"]
        self.platforms = [one["platform"] for one in self.listing["slices"]]

    def slice(self, platform, folder):
        """The program for a platform, as a file."""
        path = folder / platform.replace("/", "-") / self.name
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            support.run([PACK, "extract", self.bundle, platform, "-o", path], check=True)
            path.chmod(0o755)
        return path

    def launcher(self, folder, platform=NATIVE, file=None):
        """A launcher under the program's name, with the bundle beside it."""
        folder.mkdir(exist_ok=True)
        shutil.copy(file or platform.launcher, folder / self.name)
        (folder / "pixelzx.bundle").symlink_to(self.bundle)
        return folder / self.name


def say(words):
    print(f"bench: {words}", file=sys.stderr, flush=True)


# ---- the programs ----


def debian_program(suites, package, path, version, arguments, works=()):
    """A bundle of a program from Debian. `suites`: Debian's architecture → where to take it from."""

    def keep(folder):
        for other in [other for other in folder.rglob("*") if not other.is_dir() and other != folder / path]:
            other.unlink()

    name = Path(path).name
    files = {platform.name: support.fetched(suites[platform.debian], platform.debian, package, keep, f"-{name}") / path
             for platform in PLATFORMS if platform.debian in suites}
    bundle = BUILD / f"{name}.bundle"
    if not bundle.exists() or bundle.stat().st_mtime < PACK.stat().st_mtime:
        say(f"packing {bundle.name}")
        bundle.unlink(missing_ok=True)
        support.run([PACK, "create", "-q", "--program", name, "--version", version, "-o", bundle,
                     *[f"{platform}={file}" for platform, file in files.items()]], check=True)
    return Program(bundle, arguments, list(works))


def hashing(folder):
    """busybox's SHA-3, whose permutation is the one of Ethereum's hashes. The file is a hole."""

    def words(mb):
        with open(folder / "zeros", "wb") as file:
            file.truncate(mb * MB)
        return ["sha3sum", folder / "zeros"]

    return Work("SHA-3 of a file", words, 8)


def interpreting():
    return Work("a loop in awk", lambda n: ["awk", f"BEGIN {{ for (; i < {n}; i++) x += i % 7; print x }}"], 100_000)


def standard_programs(folder):
    """The node; busybox; and, of the static programs of 17 MB and more found in Debian, the quickest to start."""
    return [Program(support.BUNDLE, ["version"]),
            debian_program(dict.fromkeys(["amd64", "arm64", "armhf", "ppc64el", "s390x"], "bookworm"), "busybox-static",
                           "bin/busybox", "1.35.0", ["true"], [hashing(folder / "busybox"), interpreting()]),
            debian_program(dict.fromkeys(["amd64", "arm64"], "trixie"), "qemu-user", "usr/bin/qemu-xtensa", "10.0",
                           ["--version"])]


# ---- starts on this platform ----


def script(path, *lines):
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)
    return path


def start_commands(program, native, folder, memory):
    """Every way to start the program `native`. `memory`: a folder on a tmpfs, or None."""
    words = program.arguments
    launcher = program.launcher(folder / "launcher")
    direct = shlex.quote(str(native))
    sh = script(folder / "wrapper", f'exec {direct} "$@"')
    sh_uname = script(folder / "wrapper-uname", "case $(uname -m) in", f'{os.uname().machine}) exec {direct} "$@" ;;',
                      "*) echo 'no program for this machine' >&2 ;;", "esac", "exit 126")
    frame, run_file = folder / "program.zst", folder / f"{program.name}.run"
    support.run(["zstd", "-q", "-19", native, "-o", frame], check=True)
    support.run([PACK, "run", "--launchers", support.DIST / "launcher", "-o", run_file, program.bundle], check=True)
    makeself = {}
    for kind in ("gzip", "zstd"):
        makeself[kind] = folder / f"makeself-{kind}.run"
        support.run(["makeself", "--quiet", "--nox11", f"--{kind}", native.parent, makeself[kind], program.name,
                     f"./{program.name}", *words], check=True)

    def cache(name, where=folder, execs=1):
        return {"env": {"PIXELZX_CACHE": where / name}, "execs": execs}

    def first(name, where=folder, execs=1):
        return {**cache(name, where, execs), "removed": [where / name], "repeat": 2}

    def unzip(where):
        output = where / "unpacked"
        return {"words": ["/usr/bin/zstd", "-dq", frame, "-o", output], "removed": [output], "repeat": 2}

    commands = [
        Command("direct", "direct exec", [native, *words], repeat=10),
        Command("warm", "launcher, warm", [launcher, *words], repeat=10, **cache("cache")),
        Command("sh", "#!/bin/sh wrapper", [sh, *words], repeat=10, execs=1),
        Command("sh_uname", "#!/bin/sh wrapper with uname -m", [sh_uname, *words], repeat=10, execs=1),
        Command("run_warm", ".run file, warm", [run_file, *words], repeat=5, **cache("run-cache", execs=2)),
        Command("memfd", "launcher, memfd", [launcher, *words], {"PIXELZX_CACHE": "off"}, repeat=2, execs=1),
        Command("zstd_null", "zstd -d to nowhere", ["/usr/bin/zstd", "-dqc", frame], repeat=2),
        Command("first", "launcher, first launch", [launcher, *words], **first("first-cache")),
        Command("zstd", "zstd -d to a file", **unzip(folder)),
        Command("run_first", ".run file, first launch", [run_file, *words], **first("run-first-cache", execs=2)),
        Command("makeself_gzip", "makeself, gzip", [makeself["gzip"]], {"TMPDIR": folder}),
        Command("makeself_zstd", "makeself, zstd", [makeself["zstd"]], {"TMPDIR": folder}),
    ]
    if BARE_EXEC.exists():
        commands.insert(1, Command("bare", "a bare execve", [BARE_EXEC, native, *words], repeat=10, execs=1))
    if memory:
        on = "on a tmpfs"
        commands += [
            Command("first_tmpfs", f"launcher, first launch, {on}", [launcher, *words], **first("cache", memory)),
            Command("zstd_tmpfs", f"zstd -d to a file, {on}", **unzip(memory))]
    return commands


def in_memory(folder):
    """A world with a tmpfs, and the folder where it is mounted."""
    folder.mkdir(exist_ok=True)
    world = support.mounted("tmpfs", "size=75%", folder)
    return (world, folder) if support.works(*world, "true") else ([], None)


def add_counts(row, command, program, folder, world):
    if command.execs:
        row |= handover_counts(command, world)
    if command.name == "warm":
        whole = program.launcher(folder / "whole", file=whole_launcher())
        command = dataclasses.replace(command, words=[whole, *program.arguments])
    if command.name in ("warm", "sh"):
        row["instructions"] = instructions(command)


def measure_start(program, folder, effort):
    """The program that the launcher starts here, and a row for each way to start it."""
    world, memory = in_memory(folder / "memory")
    trace = support.run([program.launcher(folder / "trace"), *program.arguments],
                        {"PIXELZX_TRACE": "json", "PIXELZX_CACHE": "off"}, check=True).trace
    native = program.slice(trace["slice"], folder)
    commands = start_commands(program, native, folder, memory)
    say(f"{program.name}: starts")
    rows = time_commands(commands, ROUNDS, effort.start, folder, world)
    say(f"{program.name}: counts")
    for command, row in zip(commands, rows):
        add_counts(row, command, program, folder, world)
    return native, rows


# ---- emulation ----


def emulation_commands(program, platform, folder, words):
    """The program for this machine and the one for `platform`, through launchers and without."""
    here = program.launcher(folder / "here")
    foreign = program.launcher(folder / "foreign", platform)
    emulated = program.slice(platform.name, folder)
    cache = {"PIXELZX_CACHE": folder / "cache"}
    insisted = {"PIXELZX_PLATFORM": platform.name, **cache}
    return [Command("native", f"{NATIVE.name} launcher", [here, *words], cache, repeat=3),
            Command("leaves", f"{platform.name} launcher, leaves emulation", [foreign, *words], cache, repeat=2),
            Command("stays", f"{platform.name} launcher, kept in emulation", [foreign, *words], insisted),
            Command("emulated", f"{platform.name} program, emulated", [emulated, *words])]


def measure_emulation(program, folder, effort):
    """What an operator gains whose image is for the wrong architecture; None where that cannot be measured."""
    platform = next((platform for platform in FOREIGN if platform.name in program.platforms), None)
    reason = support.handlers_missing() or (None if platform else "the bundle has no program for another platform")
    if reason:
        say(f"{program.name}: no emulation: {reason}")
        return None
    world = support.with_handlers()
    say(f"{program.name}: emulation")
    start = emulation_commands(program, platform, folder, program.arguments)
    rows = time_commands(start, ROUNDS, effort.emulation, folder, world)
    by_name = {row["name"]: row["ms"]["median"] for row in rows}
    result = {"platform": platform.name, "start": rows, "work": []}
    for work in program.works:
        say(f"{program.name}: {work.label}, about {effort.work} s in emulation")

        def commands(amount):
            return [dataclasses.replace(command, words=[command.words[0], *work.words(amount)], repeat=1)
                    for command in start if command.name != "emulated"]

        def measured(amount, rounds):
            return time_commands(commands(amount), rounds, HOUR, folder, world)

        (stays,) = (row["ms"]["median"] for row in measured(work.sample, 1) if row["name"] == "stays")
        computing = max(stays - by_name["stays"], stays / 10)  # without the start
        amount = max(work.sample, round(work.sample * effort.work * 1000 / computing))
        result["work"].append({"label": work.label, "rows": measured(amount, 3)})
    return result


# ---- scaling ----


def padded_program(folder, filler, size):
    """The smallest static program, filled up with machine code to a size."""
    path = folder / "nothing"
    if not path.exists():
        source = "int main() {}"
        subprocess.run(["g++", "-x", "c++", "-static", "-s", "-o", path, "-"], input=source, text=True, check=True)
    program = path.read_bytes()
    return (program + filler * -(-(size - len(program)) // len(filler)))[:max(size, len(program))]


def measure_bundle(folder, slices, seconds):
    """Launches of a bundle: rows, or the words with which the launcher refuses it."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir()
    world, memory = in_memory(folder / "memory")
    bundle = folder / "scaled.bundle"
    bundle.write_bytes(bundles.make_bundle(slices, program="scaled"))
    program = folder / "scaled"
    program.write_bytes(slices[NATIVE.name].data)
    program.chmod(0o755)
    launcher = folder / "launcher"
    shutil.copy(NATIVE.launcher, launcher)
    env = {"PIXELZX_BUNDLE": bundle, "PIXELZX_CACHE": folder / "cache"}
    trial = support.run([launcher], {name: str(value) for name, value in env.items()})
    if trial.status == 126 and "[PZX-1" in trial.err:
        return {"refused": trial.err.splitlines()[0]}
    trial.expect()
    first = (memory or folder) / "first"
    bare = [Command("bare", "a bare execve", [BARE_EXEC, program], repeat=20)] if BARE_EXEC.exists() else []
    return {"rows": time_commands([
        Command("direct", "direct exec", [program], repeat=20), *bare,
        Command("warm", "launcher, warm", [launcher], env, repeat=20),
        Command("memfd", "launcher, memfd", [launcher], {**env, "PIXELZX_CACHE": "off"}),
        Command("first", "launcher, first launch" + (", on a tmpfs" if memory else ""), [launcher],
                {**env, "PIXELZX_CACHE": first}, [first])],
        ROUNDS, seconds, folder, world)}


def measure_scaling(filler, folder, effort):
    result = {"slice_mb": min(4, effort.sizes[-1]), "slices": [], "sizes": []}
    data = padded_program(folder, filler, result["slice_mb"] * MB)
    frame = bundles.zstd(data, "-3")
    for number in effort.slices:
        say(f"scaling: {number} slices")
        # Platforms that nobody has. The one that fits comes last.
        slices = {f"linux/other{i}": bundles.Slice(data, frame) for i in range(1, number)}
        slices[NATIVE.name] = bundles.Slice(data, frame)
        result["slices"].append({"slices": number, **measure_bundle(folder / "scaled", slices, effort.scaling)})
    for size in effort.sizes:
        say(f"scaling: {size} MB")
        data = padded_program(folder, filler, size * MB)
        slices = {NATIVE.name: bundles.Slice(data)}
        result["sizes"].append({"mb": size, **measure_bundle(folder / "scaled", slices, effort.scaling)})
    shutil.rmtree(folder / "scaled")
    return result


# ---- sizes ----


def compressed_size(data, *command):
    return len(subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout)


def solid_xz_size(files):
    """What the bundle is compared with."""
    return compressed_size(bundles.tar(files.items()), "xz", "-9e", "-T1")


def measure_sizes(program, folder):
    """Bytes of the bundle, and of the same programs compressed otherwise. Kept, since it takes a minute."""
    kept = BUILD / f"sizes-{bundles.sha256(program.bundle.read_bytes())[:16]}.json"
    if kept.exists():
        return json.loads(kept.read_text())
    say(f"{program.name}: sizes")
    files = {platform: program.slice(platform, folder).read_bytes() for platform in program.platforms}
    sizes = {"programs": sum(map(len, files.values())), "bundle": program.bundle.stat().st_size,
             "zstd_each": sum(compressed_size(data, "zstd", "-19", "-q") for data in files.values()),
             "zstd_solid": compressed_size(bundles.tar(files.items()), "zstd", "-19", "-q", "--long=27"),
             "xz_solid": solid_xz_size(files)}
    kept.write_text(json.dumps(sizes))
    return sizes


# ---- all of it ----


def first_line(path, key):
    lines = Path(path).read_text().splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(key)), "?")


def machine():
    return {"cpu": first_line("/proc/cpuinfo", "model name"), "cores": os.cpu_count(),
            "memory": first_line("/proc/meminfo", "MemTotal"), "kernel": support.run(["uname", "-srm"]).out.strip(),
            "file_system": support.run(["findmnt", "-no", "FSTYPE", "-T", BUILD]).out.strip(),
            "load": os.getloadavg()[0]}


def versions():
    listed = support.run(["dpkg-query", "-W", "-f", "${Package} ${Version}\\n", *PEERS]).out
    return dict(line.split() for line in listed.splitlines())


def arguments():
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--bundle", type=Path, help="measure this one instead of the three programs")
    parser.add_argument("--arguments", default="--version", help="of its program, which must exit at once")
    parser.add_argument("--work", help="arguments that make its program compute")
    parser.add_argument("--long", dest="effort", action="store_const", const="long", default="default",
                        help="more runs, larger programs, and a minute of work in emulation")
    parser.add_argument("--quick", dest="effort", action="store_const", const="quick", help="a trial of the script")
    parser.add_argument("--output", type=Path, help="the folder to write to")
    return parser.parse_args()


def main():
    words = arguments()
    effort = EFFORTS[words.effort]
    BUILD.mkdir(parents=True, exist_ok=True)
    flags = [f"BENCH_FLAGS={shlex.join(sys.argv[1:])}"] if sys.argv[1:] else []
    results = {"schema_version": 1, "command": shlex.join(["make", "bench", *flags]), "effort": words.effort,
               "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
               "commit": support.run(["git", "-C", support.SOURCE, "describe", "--always", "--dirty"]).out.strip(),
               "machine": machine(), "versions": versions(),
               "launchers": {platform.name: platform.launcher.stat().st_size for platform in PLATFORMS}, "programs": []}
    with tempfile.TemporaryDirectory(dir=BUILD) as name:
        folder = Path(name)
        if words.bundle:
            works = [Work(words.work, lambda _: shlex.split(words.work), 1)] if words.work else []
            programs = [Program(words.bundle.resolve(), shlex.split(words.arguments), works)]
        else:
            programs = standard_programs(folder)
        for program in programs:
            own = folder / program.name
            own.mkdir()
            native, start = measure_start(program, own, effort)
            results["programs"].append({
                "name": program.name, "version": program.listing["version"], "arguments": program.arguments,
                "size": native.stat().st_size, "platforms": program.platforms, "bytes": measure_sizes(program, own),
                "start": start, "emulation": measure_emulation(program, own, effort)})
        results["scaling"] = measure_scaling(native.read_bytes(), folder, effort)
    output = words.output or (BUILD / "results" if words.bundle else support.SOURCE / "docs/benchmarks")
    output.mkdir(parents=True, exist_ok=True)
    report.write(results, output)
    say(f"written to {output}")


if __name__ == "__main__":
    try:
        main()
    except pytest.skip.Exception as missing:
        sys.exit(f"bench: {missing}")
