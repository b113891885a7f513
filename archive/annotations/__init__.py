"""What readers draw on images and say about them: shapes, layers, key images, and what they measure."""
