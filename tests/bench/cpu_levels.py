# SPDX-License-Identifier: Apache-2.0
"""What a slice for a newer CPU of this architecture would gain: the same sources, compiled for each level, in turns.

    cpu_levels.py [ROUNDS]

The libraries are Debian's sources, pinned; levels that this CPU does not have are left out. Prints the median of each
workload in nanoseconds, and its ratio to the lowest level.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = {
    "libcrypto++": ("8.7.0+git220824-1", "9f70ef867885963c9f6db080b7b98ee12d0e718ee692d39780b1935bb15f3e49"),
    "libsecp256k1": ("0.2.0-2", "55ed1f5eda774001ef2e1002e43492a7107754ba03a6f329b4b72daba60c89ce"),
}
LEVELS = {"x86_64": ["x86-64", "x86-64-v2", "x86-64-v3"], "aarch64": ["armv8-a", "armv8.2-a", "armv8.4-a"]}


def fetched(folder):
    """The sources of the libraries, unpacked."""
    for name, (version, digest) in SOURCES.items():
        subprocess.run([ROOT / "packaging/apt.sh", "source", name, version, digest, folder / name], check=True)
    return [folder / name for name in SOURCES]


def compiled(level, crypto, secp, folder):
    program = folder / level
    flags = ["-O2", f"-march={level}", "-DNDEBUG", "-w"]
    flags += ["-DUSE_ASM_X86_64"] if level.startswith("x86-64") else []  # as configure decides
    objects = []
    for source in [secp / f"src/{name}.c" for name in ("secp256k1", "precomputed_ecmult", "precomputed_ecmult_gen")]:
        objects.append(folder / f"{level}-{source.stem}.o")
        subprocess.run(["gcc", *flags, "-DENABLE_MODULE_RECOVERY", "-DECMULT_WINDOW_SIZE=15",
                        "-DECMULT_GEN_PREC_BITS=4", "-c", source, "-o", objects[-1]], check=True)
    # Crypto++'s permutation has no assembly but for SSE2 on old 32-bit machines.
    subprocess.run(["g++", "-std=c++20", *flags, f"-I{crypto}", f"-I{secp}/include", crypto / "keccak_core.cpp",
                    ROOT / "tests/bench/cpu_levels.cc", *objects, "-o", program], check=True)
    return program


def runs_here(program):
    return subprocess.run([program], stdout=subprocess.DEVNULL).returncode == 0


def main():
    rounds = int(sys.argv[1]) if sys.argv[1:] else 7
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sources = fetched(folder)
        programs = {level: compiled(level, *sources, folder) for level in LEVELS[os.uname().machine]}
        programs = {level: program for level, program in programs.items() if runs_here(program)}
        times = {}
        for _ in range(rounds):
            for level, program in programs.items():
                for line in subprocess.run([program], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines():
                    nanoseconds, workload = line.split(" ", 1)
                    times.setdefault(workload, {}).setdefault(level, []).append(float(nanoseconds))
    for workload, of_level in times.items():
        medians = {level: statistics.median(values) for level, values in of_level.items()}
        lowest = next(iter(medians.values()))
        for level, median in medians.items():
            print(f"{workload:32} {level:12} {median:12,.0f} ns  {median / lowest:.3f}")


if __name__ == "__main__":
    main()
