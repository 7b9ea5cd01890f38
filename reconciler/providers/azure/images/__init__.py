"""The three ways to an image: built in the workspace, packaged there, or prebuilt elsewhere."""
