"""What `noctis demo` shows: real studies and a phantom, sent for real."""
