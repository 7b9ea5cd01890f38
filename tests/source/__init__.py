"""From files to drafts."""
