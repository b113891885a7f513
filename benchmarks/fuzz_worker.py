"""One target under atheris: `fuzz_worker.py TARGET FOLDER CRASHERS INPUTS`; started by `fuzz.py`."""

from __future__ import annotations

import gc
import hashlib
import importlib
import json
import logging
import signal
import subprocess
import sys
import time
import traceback
import tracemalloc
import warnings
from pathlib import Path

SECONDS_AN_INPUT = 5
LONGEST_INPUT = 2_048
REPLAYS = 5
MEMORY_MB = 1_024
DICTIONARY = Path(__file__).with_name("fuzz.dict")


class TooSlow(BaseException):
    """An input took longer than it may, of the processor's time; no check catches this."""


class Run:
    """Counts the inputs of a run and keeps those that fail."""

    def __init__(self, check, crashers):
        self.inputs = 0
        self.slowest = 0.0
        self.failures = {}
        self._check = check
        self._crashers = crashers

    def one(self, data):
        """Check one input; failures are kept, not raised, so that the run goes on."""
        begun = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, SECONDS_AN_INPUT)
        try:
            self._check(data)
        except (Exception, TooSlow) as error:  # noqa: BLE001 - whatever it is, it is a finding
            self._keep(data, error)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        self.inputs += 1
        self.slowest = max(self.slowest, time.process_time() - begun)

    def _keep(self, data, error):
        place = traceback.extract_tb(error.__traceback__)[-1]
        name = f"{type(error).__name__} in {Path(place.filename).name}:{place.lineno}"
        known = self.failures.get(name)
        if known is None or len(data) < known["length"]:
            file = self._crashers / hashlib.sha256(name.encode()).hexdigest()[:16]
            file.write_bytes(data)
            count = known["count"] if known else 0
            known = {"what": str(error)[:300], "file": str(file), "length": len(data), "count": count}
            self.failures[name] = known
        known["count"] += 1


def replay(check, corpus):
    """Read every input again and again; return what memory and objects that cost between the rounds."""
    inputs = [path.read_bytes() for path in corpus.iterdir()]
    tracemalloc.start()
    states = []
    for _ in range(REPLAYS):
        for data in inputs:
            try:
                check(data)
            except Exception:  # noqa: BLE001 - it has been counted
                continue
        gc.collect()
        states.append((len(gc.get_objects()), tracemalloc.get_traced_memory()[0], resident_kb()))
    names = ("objects", "traced_bytes", "resident_kb")
    growth = {name: last - first for name, first, last in zip(names, states[1], states[-1], strict=True)}
    return growth | {"corpus": len(inputs), "rounds": REPLAYS}


def resident_kb():
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


def too_slow(*_):
    raise TooSlow(f"more than {SECONDS_AN_INPUT} s of the processor")


def quiet():
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")


def fuzz(target, folder, crashers, inputs):
    """Run the fuzzer in this process, which it ends."""
    import atheris

    with atheris.instrument_imports(include=["archive", "noctis_tui"]):
        module = importlib.import_module(f"fuzzing.{target}")
    longest = getattr(module, "LONGEST_INPUT", LONGEST_INPUT)
    for number, seed in enumerate(module.seeds()):
        (folder / "corpus" / f"seed-{number:04d}").write_bytes(seed[:longest])
    run = Run(module.check, crashers)
    step = max(inputs // 20, 1)

    def one(data):
        run.one(data)
        if run.inputs % step == 0 or run.inputs >= inputs:
            summary = {"inputs": run.inputs, "slowest": run.slowest, "failures": run.failures}
            (folder / "run.json").write_text(json.dumps(summary))

    options = [f"-runs={inputs}", f"-max_len={longest}", f"-rss_limit_mb={MEMORY_MB}", "-timeout=3600"]
    options += [
        f"-dict={DICTIONARY}",
        f"-artifact_prefix={crashers}/",
        "-print_final_stats=1",
        "-verbosity=0",
    ]
    atheris.Setup([sys.argv[0], *options, str(folder / "corpus")], one)
    atheris.Fuzz()


def main():
    target, folder, crashers, inputs = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
    quiet()
    if sys.argv[5:] == ["fuzz"]:
        signal.signal(signal.SIGPROF, too_slow)
        fuzz(target, folder, crashers, inputs)
    code = subprocess.run([sys.executable, *sys.argv, "fuzz"], check=False).returncode
    if code:
        sys.exit(code)
    check = importlib.import_module(f"fuzzing.{target}").check
    summary = json.loads((folder / "run.json").read_text())
    summary["replay"] = replay(check, folder / "corpus")
    (folder / "report.json").write_text(json.dumps(summary))


if __name__ == "__main__":
    main()
