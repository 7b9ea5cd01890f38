"""The services where people review changes: the one comment on a pull request, and its status."""
