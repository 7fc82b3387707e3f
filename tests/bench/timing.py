# SPDX-License-Identifier: Apache-2.0
"""Commands, their times and their counts."""

import os
import re
import shlex
import statistics
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import support

MEASURE = Path(os.environ.get("PIXELZX_MEASURE") or support.SOURCE / "build/host/tests/measure")
BARE_EXEC = MEASURE.with_name("bare_exec")  # not on every architecture


@dataclass
class Command:
    name: str  # one word
    label: str  # for people
    words: list
    env: dict = field(default_factory=dict)
    removed: list = field(default_factory=list)  # before each run
    repeat: int = 1  # runs in a round
    execs: int = 0  # how often it becomes another program until it is the one that it shall start

    def plan(self):
        environment = {"PATH": support.PATH, **self.env}
        return "".join(f"{line}\n" for line in [
            f"command {self.name}", *(f"arg {word}" for word in self.words),
            *(f"env {name}={value}" for name, value in environment.items()),
            *(f"remove {path}" for path in self.removed), f"repeat {self.repeat}", f"execs {self.execs}"])

    def line(self, folder):
        """What one would type in `folder`."""
        words = [f"{name}={shlex.quote(str(value))}" for name, value in self.env.items()]
        line = " ".join(words + [shlex.quote(str(word)) for word in self.words])
        return line.replace(f"{folder}/", "./").replace(str(folder), ".").replace(f"{MEASURE.parent}/", "")


def measure(mode, commands, world=()):
    """The lines that the program `measure` prints, as lists of numbers, by the command's name."""
    plan = "".join(command.plan() for command in commands)
    done = subprocess.run([*world, MEASURE, *mode], input=plan, stdout=subprocess.PIPE, text=True, check=True)
    lines = {command.name: [] for command in commands}
    for line in done.stdout.splitlines():
        name, *numbers = line.split()
        lines[name].append([int(number) for number in numbers])
    return lines


def spread(values):
    """The distribution of a list of numbers."""
    values = sorted(values)
    median = statistics.median(values)
    tenths = statistics.quantiles(values, n=10, method="inclusive") if len(values) > 1 else values * 9
    rounded = {"median": median, "p10": tenths[0], "p90": tenths[8],
               "mad": statistics.median(abs(value - median) for value in values), "min": values[0]}
    return {**{name: round(value, 4) for name, value in rounded.items()}, "runs": len(values)}


def time_commands(commands, rounds, seconds, folder, world=()):
    """A row for each command, with its distribution in milliseconds."""
    times = measure(["time", str(rounds), str(seconds)], commands, world)
    return [{"name": command.name, "label": command.label, "command": command.line(folder),
             "ms": spread([run[0] / 1e6 for run in times[command.name]]),
             "peak_kib": statistics.median(run[1] for run in times[command.name])} for command in commands]


def handover_counts(command, world=()):
    """What a process has done until it executes the program: by ptrace(2)."""
    ((calls, resident, peak, faults),) = measure(["handover"], [command], world)[command.name]
    return {"syscalls": calls, "resident_kib": resident, "peak_before_program_kib": peak, "minor_faults": faults}


def instructions(command):
    """Until it executes the program, by the launcher's hand_over() or execve(3): by valgrind's callgrind, whose CPU
    is the same on every machine and has no SHA instructions. It counts each repetition of a string instruction."""
    with tempfile.TemporaryDirectory() as folder:
        valgrind = ["valgrind", "-q", "--tool=callgrind", "--dump-before=execve",
                    "--dump-before=pixelzx::hand_over*", f"--callgrind-out-file={folder}/out"]
        support.run([*valgrind, *command.words], {"PATH": support.PATH, **command.env}, check=True)
        return int(re.search(r"^totals: (\d+)$", Path(folder, "out.1").read_text(), re.M)[1])


def whole_launcher():
    """The native launcher with its symbols, by which callgrind knows functions: the first of its two links,
    see launcher/CMakeLists.txt. It can do warm launches only."""
    return support.SOURCE / "build" / f"{support.NATIVE.folder}-launcher" / "launcher" / "launcher_whole"
