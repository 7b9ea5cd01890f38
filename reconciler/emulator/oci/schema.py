"""The registry's tables."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS oci_manifest (
    host TEXT, repository TEXT, digest TEXT, media_type TEXT, body BLOB,
    PRIMARY KEY (host, repository, digest)
);
CREATE TABLE IF NOT EXISTS oci_tag (
    host TEXT, repository TEXT, tag TEXT, digest TEXT,
    PRIMARY KEY (host, repository, tag)
);
CREATE TABLE IF NOT EXISTS oci_blob (
    host TEXT, repository TEXT, digest TEXT, media_type TEXT, size INTEGER,
    PRIMARY KEY (host, repository, digest)
);
CREATE TABLE IF NOT EXISTS registry_password (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
