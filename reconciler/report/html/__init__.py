"""The plan as one page that needs nothing but itself. Pure; style and script are handed in."""
