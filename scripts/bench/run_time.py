"""Runs a command with its output discarded: wall seconds and peak memory in bytes, as JSON.  run_time.py COMMAND ARGUMENT..."""
import json
import resource
import subprocess
import sys
import time

start = time.perf_counter()
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
seconds = time.perf_counter() - start
if status != 0:
    raise SystemExit("'%s' ended with status %d" % (" ".join(sys.argv[1:]), status))
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps({"seconds": seconds, "peak_bytes": peak * (1 if sys.platform == "darwin" else 1024)}))
