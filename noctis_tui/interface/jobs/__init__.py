"""The jobs screen: what takes its time, how far it is, and what has become of it."""
