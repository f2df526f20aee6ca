"""tools/bench: measurements, not tests. Every answer is compared before its time counts."""
