"""What reconstructions are written as: PNG, NPY, NIfTI, DICOM series and surfaces."""
