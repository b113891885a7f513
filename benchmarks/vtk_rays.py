"""VTK's software ray casting, `vtkFixedPointVolumeRayCastMapper`, into an array and without a window."""

from __future__ import annotations

import numpy as np
from volume_peers import to_vtk

COMPOSITE, MAXIMUM = 0, 1


class Rays:
    """A volume that VTK looks through; samples one voxel apart, a ray for each pixel.

    `threshold` draws a shaded surface, None the maximum. The picture shows all of the volume, as ours do.
    """

    def __init__(self, volume, side, threshold=None):
        import vtkmodules.vtkRenderingOpenGL2
        import vtkmodules.vtkRenderingVolumeOpenGL2  # noqa: F401 - both fill VTK's object factory
        from vtkmodules.vtkCommonDataModel import vtkImageData, vtkPiecewiseFunction
        from vtkmodules.vtkRenderingCore import vtkColorTransferFunction, vtkVolume, vtkVolumeProperty
        from vtkmodules.vtkRenderingVolume import vtkFixedPointVolumeRayCastMapper

        self.mapper = vtkFixedPointVolumeRayCastMapper()
        self.mapper.SetInputData(to_vtk(volume))
        self.mapper.AutoAdjustSampleDistancesOff()
        self.mapper.SetSampleDistance(min(volume.spacing_mm))
        self.mapper.SetImageSampleDistance(1)
        opacity, color = vtkPiecewiseFunction(), vtkColorTransferFunction()
        for value, opaque in ((-2000, 0), ((threshold or 0) - 1, 0), (threshold or 0, 1), (4000, 1)):
            opacity.AddPoint(value, opaque)
            color.AddRGBPoint(value, *[(value + 2000) / 6000 if threshold is None else 1] * 3)
        looks = vtkVolumeProperty()
        looks.SetInterpolationTypeToLinear()
        looks.SetShade(threshold is not None)
        looks.SetScalarOpacity(opacity)
        looks.SetColor(color)
        self.seen = vtkVolume()
        self.seen.SetMapper(self.mapper)
        self.seen.SetProperty(looks)
        self.picture = vtkImageData()
        self.picture.SetDimensions(side, side, 1)
        self.picture.AllocateScalars(3, 3)
        self.blend = MAXIMUM if threshold is None else COMPOSITE

    def draw(self, view):
        """Draw the volume as a view of ours shows it."""
        up = tuple(-np.array(view.plane.column_direction))
        self.mapper.CreateCanonicalView(self.seen, self.picture, self.blend, view.plane.normal, up)

    def array(self):
        """What was drawn last, uint8 [rows, columns]."""
        from vtkmodules.util.numpy_support import vtk_to_numpy

        columns, rows, _ = self.picture.GetDimensions()
        colors = vtk_to_numpy(self.picture.GetPointData().GetScalars())
        return colors[:, 0].reshape(rows, columns)[::-1]
