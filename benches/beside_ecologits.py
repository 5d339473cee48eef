#!/usr/bin/env python3
"""One estimate of one request to a model, in process: EcoLogits and Sobria, in the same minutes.

    pip install ecologits==0.11.3
    cargo build --release -p sobria
    python benches/beside_ecologits.py [target/release/sobria]

Times are those of the processor, so that other work on the machine hardly counts: `process_time` around calls of
EcoLogits' own function, and `cargo bench` (median of many samples of less than a millisecond) for Sobria. With the
path of the program, a whole process that makes one estimate is compared too.
"""
import os
import re
import statistics
import subprocess
import sys
import time
import warnings

warnings.filterwarnings("ignore")
PROVIDER, MODEL, TOKENS, ZONE = "anthropic", "claude-sonnet-4-6", 400, "FRA"
ONE = f"""
import warnings; warnings.filterwarnings("ignore")
from ecologits.tracers.utils import llm_impacts
llm_impacts(provider={PROVIDER!r}, model_name={MODEL!r}, output_token_count={TOKENS}, request_latency=1e9,
            electricity_mix_zone={ZONE!r})
"""


def ecologits():
    """Microseconds of processor per call: median of thirty lots of two hundred."""
    import logging

    logging.disable(logging.CRITICAL)
    from ecologits.tracers.utils import llm_impacts

    def call():
        return llm_impacts(provider=PROVIDER, model_name=MODEL, output_token_count=TOKENS, request_latency=1e9,
                           electricity_mix_zone=ZONE)

    assert call().energy is not None
    lots = []
    for _ in range(30):
        began = time.process_time()
        for _ in range(200):
            call()
        lots.append((time.process_time() - began) / 200 * 1e6)
    return statistics.median(lots)


def sobria():
    """Microseconds per call: the median that `cargo bench` prints."""
    out = subprocess.run(
        ["cargo", "bench", "-q", "-p", "sobria-estimate", "--bench", "estimate", "--", "one_llm_estimate"],
        check=True, capture_output=True, text=True).stdout
    line = next(line for line in out.splitlines() if "one_llm_estimate" in line)
    median = line.split("│")[2].strip()
    number, unit = re.match(r"([\d.]+) (\w+)", median).groups()
    return float(number) * {"ns": 1e-3, "µs": 1, "ms": 1e3}[unit]


def process(command):
    """Milliseconds of processor and megabytes of a whole process: medians of fifteen."""
    times, peaks = [], []
    # GNU time between them: the peak that the system tells of a child begins with the memory of its parent.
    command = ["/usr/bin/time", "-f", "%M"] + command
    for _ in range(15):
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        told = child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = status
        assert status == 0, command
        times.append((usage.ru_utime + usage.ru_stime) * 1e3)
        peaks.append(int(told.split()[-1]) / 1024)
    return statistics.median(times), statistics.median(peaks)


def main():
    theirs, ours = ecologits(), sobria()
    print(f"one estimate: EcoLogits {theirs:.0f} µs, Sobria {ours:.2f} µs, {theirs / ours:.0f} times faster")
    if len(sys.argv) > 1:
        command = [sys.argv[1], "estimate", "llm", "--provider", PROVIDER, "--model", MODEL,
                   "--output-tokens", str(TOKENS), "--zone", ZONE]
        (slow, large), (quick, small) = process([sys.executable, "-c", ONE]), process(command)
        print(f"one process: EcoLogits {slow:.0f} ms of processor and {large:.0f} MB, "
              f"Sobria {quick:.1f} ms and {small:.1f} MB")


if __name__ == "__main__":
    main()
