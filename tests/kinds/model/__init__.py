"""What a Model says about itself."""
