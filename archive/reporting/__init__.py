"""Annotations as DICOM objects, and back: measurement reports, presentation states, key object selections."""
