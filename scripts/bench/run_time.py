"""Runs a command with its output discarded: wall and CPU seconds and peak memory in bytes, as JSON.  run_time.py COMMAND ARGUMENT..."""
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
used = resource.getrusage(resource.RUSAGE_CHILDREN)
cpu_s = used.ru_utime + used.ru_stime
print(json.dumps({"seconds": seconds, "cpu_s": cpu_s, "peak_bytes": used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)}))
