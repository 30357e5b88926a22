"""The file formats micrographs come in, one module each.

Every module has `open_image(image) -> OpenImage`: it reads the header only, so
that limits are checked before a pixel is decoded.
"""
