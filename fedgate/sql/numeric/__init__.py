"""PostgreSQL's numeric type: its rules on single values (`rules`), transcendental functions (`functions`), and both on columns
(`columns`).
"""
