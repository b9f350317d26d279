"""Folders and zip archives of image files, as arrays and batches."""
