"""Seconds of a float32 product of two square matrices in numpy, which leaves it to its BLAS: numpy_product.py SIZE."""
import json
import statistics
import sys
import time

import numpy as np

size = int(sys.argv[1])
a, b = (np.random.default_rng(i).uniform(-1, 1, (size, size)).astype(np.float32) for i in range(2))
c = np.empty_like(a)
seconds = []
for _ in range(20):
    start = time.perf_counter()
    np.dot(a, b, out=c)
    seconds.append(time.perf_counter() - start)
print(json.dumps({"seconds": statistics.median(seconds[2:]), "least": min(seconds)}))
