"""Objects that were derived from images: segments, contours, doses and presentation states over them.

Everything is read with the archive's own lazy reader: the objects of strangers have limits before anything is
allocated for them, and what one element gets wrong costs that element.
"""
