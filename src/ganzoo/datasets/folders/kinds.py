"""Which kinds of files are read, and what the others are."""

from PIL import Image

# Not everything that Pillow knows: some of its readers start other programs (EPS). TGA, which has
# no mark of its own, is last. HEIF and JXL are there where a package has brought them.
FORMATS = (
    *("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "AVIF", "PPM", "JPEG2000", "ICO", "HEIF", "JXL"),
    "TGA",
)
READ = "JPEG, PNG, GIF, BMP, WebP, TIFF, AVIF, PPM, PGM, TGA, ICO or JPEG 2000"
HEAD = 512  # bytes that tell

HEIC = (
    "HEIC, as iPhones write it: pip install pillow-heif and call "
    "pillow_heif.register_heif_opener(), or export it as JPEG"
)
JXL = "JPEG XL: pip install pillow-jxl-plugin and import pillow_jxl, or export it as PNG"
ZIP = "a zip archive within"
BRANDS = {  # of files of the kind that MP4 has begun
    **dict.fromkeys(("heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"), HEIC),
    "avif": "AVIF, which needs pillow>=11.3",
    "avis": "AVIF, which needs pillow>=11.3",
    "crx ": "raw data of a camera; export it as JPEG",
    **dict.fromkeys(("isom", "iso2", "mp41", "mp42", "qt  ", "M4V ", "avc1"), "a film"),
}
BEGINNINGS = {
    b"version https://git-lfs": "a pointer of Git LFS; fetch the files with: git lfs pull",
    b"\xff\x0a": JXL,
    b"\0\0\0\x0cJXL ": JXL,
    b"%PDF": "PDF; export its pages as PNG",
    b"8BPS": "a Photoshop document; export it as PNG",
    b"%!PS": "PostScript; export it as PNG",
    b"gimp xcf": "a document of GIMP; export it as PNG",
    b"PK\x03\x04": ZIP,
    b"PK\x05\x06": "an empty zip archive",
    b"Rar!": "a RAR archive; unpack it",
    b"7z\xbc\xaf": "a 7z archive; unpack it",
    b"\x1f\x8b": "a gzip archive; unpack it",
    b"\x1aE\xdf\xa3": "a film",
    b"\x93NUMPY": "an array of NumPy; give its path alone",
    b"\x89HDF": "an HDF5 file",
    b"v/1\x01": "OpenEXR; export it as TIFF or PNG",
    b"DDS ": "a texture of DirectX; export it as PNG",
    b"icns": "icons of macOS; export them as PNG",
    b"SIMPLE  =": "FITS, as telescopes write it; export it as TIFF or PNG",
}
TEXTS = (
    (b"<svg", "SVG, a drawing; export it as PNG"),
    (b"<html", "a web page, perhaps in place of a download"),
    (b"<!doctype html", "a web page, perhaps in place of a download"),
    (b"<?xml", "XML text, perhaps in place of a download"),
    (b"{", "text, perhaps in place of a download"),
)


def readable() -> list[str]:
    """Return the formats of `FORMATS` that this Pillow has, with those that packages brought."""
    known = set(Image.registered_extensions().values())
    return [name for name in FORMATS if name in known]


DICOM = "DICOM, as in medicine; export it as PNG of 16 bits, or as arrays"


def what_it_is(head: bytes) -> str:
    """Say what a file is that is none of the formats.

    Args:
        head: its first `HEAD` bytes.
    """
    if head[128:132] == b"DICM":
        return DICOM
    if not head.strip(b"\0"):
        return "nothing but zeros, as a download leaves that was cut off"
    for beginning, kind in BEGINNINGS.items():
        if head.startswith(beginning):
            return kind
    if head[4:8] == b"ftyp":
        return BRANDS.get(head[8:12].decode("latin-1"), "no image, or of an unknown kind")
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for beginning, kind in TEXTS:
        if text.startswith(beginning):
            return TEXTS[0][1] if b"<svg" in text else kind
    return "no image, or of an unknown kind"
