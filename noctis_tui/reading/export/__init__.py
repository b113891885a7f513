"""Studies, series and images as files for others: pictures, clips, volumes, DICOM itself."""
