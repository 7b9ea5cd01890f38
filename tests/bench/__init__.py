"""`make bench`: what reading and planning cost, as ratios and growth. Nothing here is asserted."""
