# SPDX-License-Identifier: Apache-2.0
"""Writes results as JSON, as charts, and as tables into a README.md, between two marks."""

import json

import charts

BEGIN, END = "<!-- begin of what `make bench` writes -->\n", "<!-- end of what `make bench` writes -->\n"
# In the colour of what is ours. The others are peers, and what a launcher cannot beat.
OURS = ("warm", "first", "memfd", "run_warm", "run_first", "first_tmpfs", "leaves")


def table(head, rows):
    """The first column is text, the others are numbers."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "".join("| " + " | ".join(map(str, line)) + " |\n" for line in lines)


def times(ms):
    """The cells of a distribution."""
    return [charts.duration(ms["median"]), f"{charts.duration(ms['p10'])} – {charts.duration(ms['p90'])}",
            charts.duration(ms["mad"])]


def by_name(rows):
    return {row["name"]: row for row in rows}


def median(rows, name):
    return by_name(rows)[name]["ms"]["median"]


def number(value):
    return "" if value is None else f"{round(value):,}"


def headline(program):
    command = " ".join([program["name"], *program["arguments"]])
    return f"`{command}`, {program['size'] / 1e6:.1f} MB, {len(program['platforms'])} platforms"


def start_table(program):
    direct = median(program["start"], "direct")
    return table(
        ["", "median", "10 % – 90 %", "MAD", "runs", "× direct", "instructions", "system calls", "KiB before",
         "peak KiB"],
        [[row["label"], *times(row["ms"]), row["ms"]["runs"], f"{row['ms']['median'] / direct:.2f}",
          number(row.get("instructions")), number(row.get("syscalls")),
          number(row.get("peak_before_program_kib")), number(row["peak_kib"])] for row in program["start"]])


def emulated_rows(emulation):
    """What was measured → its rows."""
    return {"start": emulation["start"], **{work["label"]: work["rows"] for work in emulation["work"]}}


def emulation_table(emulation):
    rows = []
    for label, measured in emulated_rows(emulation).items():
        leaves = median(measured, "leaves")
        rows += [[f"{label}: {row['label']}", *times(row["ms"]), f"{row['ms']['median'] / leaves:.2f}"]
                 for row in measured]
    return table(["", "median", "10 % – 90 %", "MAD", "× leaving"], rows)


def scaling_table(kind, measured):
    rows = [[f"{one[kind]:,}", "refused: " + one["refused"], "", "", ""] if "refused" in one else
            [f"{one[kind]:,}", *(charts.duration(row["ms"]["median"]) for row in one["rows"])] for one in measured]
    head = {"slices": "slices", "mb": "MB"}[kind]
    labels = next([row["label"] for row in one["rows"]] for one in measured if "rows" in one)
    return table([head, *labels], rows)


def bytes_table(programs):
    names = {"programs": "the programs", "bundle": "bundle", "zstd_each": "`zstd -19` of each",
             "zstd_solid": "`tar \\| zstd -19 --long=27`", "xz_solid": "`tar \\| xz -9e`"}
    rows = [[label, *(f"{program['bytes'][key]:,} ({program['bytes'][key] / program['bytes']['xz_solid']:.2f})"
                      for program in programs)] for key, label in names.items()]
    return table(["bytes (× solid xz)", *(f"{p['name']}, {len(p['platforms'])} platforms" for p in programs)], rows)


def budgets(results):
    """What the project allows itself, and what was measured: name, value, limit. A launch has the program's own run
    in it, which its peer gets by direct exec."""
    program = max(results["programs"], key=lambda program: program["size"])
    rows = by_name(program["start"])
    ms = {name: row["ms"]["median"] for name, row in rows.items()}
    name = program["name"]
    found = [(f"warm launch of {name}, × direct exec", ms["warm"] / ms["direct"], 1.15),
             (f"warm launch of {name}, µs more than direct exec", (ms["warm"] - ms["direct"]) * 1000, 100)]
    if "first_tmpfs" in ms:
        ratio = ms["first_tmpfs"] / (ms["zstd_tmpfs"] + ms["direct"])
        found.append((f"first launch of {name}, on a tmpfs, × (`zstd -d` to a file, and direct exec)", ratio, 1.3))
    memfd = ms["memfd"] / (ms["zstd_null"] + ms["direct"])
    found += [(f"memfd launch of {name}, × (`zstd -d` to nowhere, and direct exec)", memfd, 1.15),
              ("resident KiB of a warm launch", rows["warm"]["resident_kib"], 1024),
              ("largest launcher, KiB", max(results["launchers"].values()) / 1024, 128)]
    first = results["programs"][0]
    size = first["bytes"]
    found.append((f"bundle of {first['name']}, × solid xz", size["bundle"] / size["xz_solid"], 1.05))
    return [{"what": what, "value": round(value, 3), "limit": limit, "met": value <= limit}
            for what, value, limit in found]


def budget_table(found):
    return table(["budget", "measured", "limit", ""],
                 [[row["what"], f"{row['value']:g}", f"{row['limit']:g}", "met" if row["met"] else
                   f"**missed** by {(row['value'] / row['limit'] - 1) * 100:.0f} %"] for row in found])


def floor_table(programs):
    """What a warm launch costs beside a bare execve(2), which any launcher has to pay: µs more than direct exec."""
    rows = []
    for program in programs:
        direct = median(program["start"], "direct")
        more = {name: round((median(program["start"], name) - direct) * 1000) for name in ("bare", "warm")}
        rows.append([program["name"], more["bare"], more["warm"], more["warm"] - more["bare"]])
    return table(["µs more than direct exec", "a bare execve", "launcher, warm", "the launcher's own"], rows)


def bars_of(rows):
    return [(row["label"], row["ms"], 0 if row["name"] in OURS else 1) for row in rows]


def start_chart(programs):
    return charts.bars("Starting a program: median, and 10 % – 90 %", {
        headline(program).replace("`", ""): bars_of(program["start"]) for program in programs})


def emulation_chart(programs):
    return charts.bars("The image for another architecture: median, and 10 % – 90 %", {
        f"{program['name']}, {label}": bars_of(rows) for program in programs
        for label, rows in emulated_rows(program["emulation"]).items()})


def scaling_chart(scaling):
    def series(kind, measured):
        measured = [one for one in measured if "rows" in one]
        return {row["label"]: [(one[kind], by_name(one["rows"])[row["name"]]["ms"]) for one in measured]
                for row in measured[0]["rows"]}

    return charts.lines("What a launch depends on: median, and 10 % – 90 %", {
        f"slices of {scaling['slice_mb']} MB": ("slices in the bundle", series("slices", scaling["slices"])),
        "size of the program": ("MB", series("mb", scaling["sizes"]))})


def conditions(results):
    machine = results["machine"]
    busy = machine["load"] > 0.5
    return table(["", ""], [
        ["command", f"`{results['command']}`"], ["date", results["date"]], ["commit", results["commit"]],
        ["CPU", f"{machine['cpu']}, {machine['cores']} cores"], ["memory", machine["memory"]],
        ["kernel", machine["kernel"]], ["file system", machine["file_system"]],
        ["load before", f"{machine['load']:.2f}" + (" (**busy: do not trust the times**)" if busy else "")],
        ["compared with", ", ".join(f"{name} {version}" for name, version in results["versions"].items())]])


def markdown(results, emulated):
    parts = ["## Conditions\n\n", conditions(results), "\n## Budgets\n\n", budget_table(results["budgets"]),
             "\n## Starting a program\n\n![start](start.svg)\n"]
    if all("bare" in by_name(program["start"]) for program in results["programs"]):
        parts.insert(-1, "\n" + floor_table(results["programs"]))
    for program in results["programs"]:
        parts += [f"\n### {headline(program)}\n\n", start_table(program)]
    if emulated:
        parts.append("\n## The image for another architecture\n\n![emulation](emulation.svg)\n")
    for program in emulated:
        emulation = program["emulation"]
        parts += [f"\n### {program['name']} for {emulation['platform']}\n\n", emulation_table(emulation)]
    scaling = results["scaling"]
    parts += ["\n## What a launch depends on\n\n![scaling](scaling.svg)\n",
              f"\nSlices of {scaling['slice_mb']} MB each, all but one for other machines:\n\n",
              scaling_table("slices", scaling["slices"]), "\nOne slice of some size:\n\n",
              scaling_table("mb", scaling["sizes"]), "\n## Sizes\n\n", bytes_table(results["programs"])]
    return "".join(parts)


def write(results, folder):
    results["budgets"] = budgets(results)
    emulated = [program for program in results["programs"] if program["emulation"]]
    (folder / "results.json").write_text(json.dumps(results, indent=1, ensure_ascii=False, default=str) + "\n")
    (folder / "start.svg").write_text(start_chart(results["programs"]))
    (folder / "scaling.svg").write_text(scaling_chart(results["scaling"]))
    if emulated:
        (folder / "emulation.svg").write_text(emulation_chart(emulated))
    readme = folder / "README.md"
    text = readme.read_text() if readme.exists() else "# Benchmarks\n\n" + BEGIN + END
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    readme.write_text(before + BEGIN + "\n" + markdown(results, emulated) + "\n" + END + after)
