"""Make cavity.tif: the bowl that a resection leaves, as depth in mm over x and y."""

import numpy as np
import tifffile

EDGE_mm, VOXEL_mm = 24.0, 0.5
DEPTH_mm, WIDTH_mm = 3.5, 7.0  # of the bowl; its walls fall off as a Gaussian

axis = np.arange(-EDGE_mm / 2 + VOXEL_mm / 2, EDGE_mm / 2, VOXEL_mm)
away = np.hypot(*np.meshgrid(axis, axis))
bowl = 0.5 + DEPTH_mm * np.exp(-0.5 * (away / WIDTH_mm) ** 2)
tifffile.imwrite("cavity.tif", bowl.astype(np.float32), compression="zlib")
