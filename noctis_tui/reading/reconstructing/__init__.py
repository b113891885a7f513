"""Reconstructions as jobs: what is asked for, the images that it makes, and the process that makes them."""
