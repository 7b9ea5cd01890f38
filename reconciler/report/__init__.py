"""Plans and outcomes as text for people and as data for programs. Pure."""
