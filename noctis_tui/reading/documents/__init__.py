"""Instances that are no images: reports, documents, waveforms and plans, as text or as pictures."""
