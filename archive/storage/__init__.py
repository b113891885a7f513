"""Bytes on disk: durable, under paths of the archive's own making."""
