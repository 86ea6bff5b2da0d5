"""`make bench`: every measurement, one after the other."""

from benchmarks import cold_start, package_memory

if __name__ == "__main__":
    cold_start.main()
    package_memory.main()
