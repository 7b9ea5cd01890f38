"""The workspace's tables. A record's document is what the service answers, as JSON."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS blob (
    path TEXT PRIMARY KEY, sha256 TEXT, size INTEGER, etag TEXT, modified TEXT
);
CREATE TABLE IF NOT EXISTS block (
    path TEXT, id TEXT, sha256 TEXT, size INTEGER, PRIMARY KEY (path, id)
);
CREATE TABLE IF NOT EXISTS record (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT, id TEXT, name TEXT, version INTEGER, document TEXT,
    UNIQUE (kind, id)
);
CREATE TABLE IF NOT EXISTS last_version (
    kind TEXT, name TEXT, version INTEGER, PRIMARY KEY (kind, name)
);
CREATE TABLE IF NOT EXISTS build (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT UNIQUE, kind TEXT, subject TEXT, reference TEXT, parts TEXT, trouble TEXT,
    created REAL, starts REAL, ends REAL, state TEXT, error TEXT
);
CREATE TABLE IF NOT EXISTS build_rule (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    match TEXT, trouble TEXT, seconds REAL, times INTEGER
);
"""
