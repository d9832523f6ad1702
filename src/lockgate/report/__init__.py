"""What people and other programs read afterwards: values in, text out; no I/O."""
