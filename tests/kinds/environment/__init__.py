"""What an Environment says about itself."""
