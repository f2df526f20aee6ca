"""Foreign clients, each run as its users run it, against PostgreSQL 15 and fedgate over the same schema: `tools/test clients`.

A client is a folder of `clients/`: `client.toml` (definition.py says what is in it) and a program that prints what it saw. The page
`docs/reference/clients.md` says how it went.
"""
