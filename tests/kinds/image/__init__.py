"""What an Image says about itself."""
