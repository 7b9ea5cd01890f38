"""The tree keeps its promises."""
