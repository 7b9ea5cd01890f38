"""From files to drafts: the only package that reads the fleet's repository."""
