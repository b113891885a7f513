"""The local DICOM archive: receives, keeps and indexes studies; runs headless."""
