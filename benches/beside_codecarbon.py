#!/usr/bin/env python3
"""What measuring a command costs: bare, under `sobria measure`, under `codecarbon monitor`, in turn.

    pip install codecarbon
    cargo build --release -p sobria
    python benches/beside_codecarbon.py target/release/sobria [codecarbon]

GNU time must be installed. The fixed cost is that around `true`; the ratio is that of a fixed computation of about ten seconds of processor.
Times are those of the processor, children included, so that other work on the machine hardly counts; the time on the
clock stands beside them.
"""
import os
import statistics
import subprocess
import sys
import tempfile
import time

LOAD = "import hashlib\nfor n in range({}): hashlib.sha256(b'x' * 4096).digest()"


def run(command, folder):
    """Seconds of processor, seconds on the clock, megabytes at the peak of the largest process."""
    peak = os.path.join(folder, "peak")
    # GNU time between them: the peak that the system tells of a child begins with the memory of its parent.
    command = ["/usr/bin/time", "-f", "%M", "-o", peak] + command
    began = time.monotonic()
    child = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = status
    assert status == 0, command
    clock = time.monotonic() - began
    with open(peak) as told:
        return usage.ru_utime + usage.ru_stime, clock, int(told.read()) / 1024


def rounds(commands, times, folder):
    """The commands in turn, so that what disturbs one disturbs all."""
    found = {name: [] for name in commands}
    for _ in range(times):
        for name, command in commands.items():
            found[name].append(run(command, folder))
    return {name: [statistics.median(part) for part in zip(*runs)] for name, runs in found.items()}


def main():
    sobria = os.path.abspath(sys.argv[1])
    codecarbon = sys.argv[2] if len(sys.argv) > 2 else "codecarbon"
    under = {
        "bare": [],
        "sobria": [sobria, "measure", "--quiet", "--"],
        "codecarbon": [codecarbon, "monitor", "--no-api", "--offline", "--country-iso-code", "FRA", "--"],
    }
    with tempfile.TemporaryDirectory() as folder:
        fixed = {name: run(head + ["true"], folder) for name, head in under.items()}
        quick = {name: head + ["true"] for name, head in under.items() if name != "codecarbon"}
        fixed.update(rounds(quick, 50, folder))
        fixed["codecarbon"] = rounds({"codecarbon": under["codecarbon"] + ["true"]}, 3, folder)["codecarbon"]
        bare = fixed["bare"]
        for name in ("sobria", "codecarbon"):
            cpu, clock, peak = fixed[name]
            print(f"around true, {name}: {(cpu - bare[0]) * 1e3:.1f} ms of processor, "
                  f"{(clock - bare[1]) * 1e3:.1f} ms on the clock, peak {peak:.1f} MB")
        began = time.process_time()
        exec(LOAD.format(20_000))
        count = int(20_000 * 10 / (time.process_time() - began))
        load = [sys.executable, "-c", LOAD.format(count)]
        found = rounds({name: head + load for name, head in under.items()}, 5, folder)
        for name in ("sobria", "codecarbon"):
            print(f"over a load of {found['bare'][0]:.1f} s, {name}: {found[name][0] / found['bare'][0]:.4f} of its "
                  f"processor time, {found[name][1] / found['bare'][1]:.4f} of its time on the clock")


if __name__ == "__main__":
    main()
