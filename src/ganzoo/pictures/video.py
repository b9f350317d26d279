"""Films as MP4, by PyAV (extra `video`)."""

import math
import os
from collections.abc import Iterable
from fractions import Fraction
from types import ModuleType

from PIL import Image

QUALITY = "18"  # of H.264's 0 to 51; no difference is seen
FINEST = 1001  # a rate is a fraction with no larger denominator, as 30000/1001 is


def write_video(
    path: str | os.PathLike[str], frames: Iterable[Image.Image], seconds: float
) -> None:
    """Write frames that are shown equally long, H.264.

    Args:
        path: where to, ending in `.mp4`.
        frames: of one size; an odd one becomes a pixel larger, in white.
        seconds: how long each is shown.
    """
    av = imported()
    with av.open(os.fspath(path), "w", options={"movflags": "faststart"}) as container:
        stream = None
        for frame in frames:
            picture = av.VideoFrame.from_image(even(frame))
            if stream is None:
                rate = Fraction(1 / seconds).limit_denominator(FINEST)
                stream = container.add_stream("h264", rate=rate, options={"crf": QUALITY})
                stream.width, stream.height = picture.width, picture.height
                stream.pix_fmt = "yuv420p"  # what browsers and phones play
            container.mux(stream.encode(picture))
        container.mux(stream.encode() if stream else [])


def even(picture: Image.Image) -> Image.Image:
    """Return an RGB picture of an even width and height, as H.264 takes them."""
    width, height = (2 * math.ceil(side / 2) for side in picture.size)
    canvas = Image.new("RGB", (width, height), "white")
    canvas.paste(picture)
    return canvas


def imported() -> ModuleType:
    """Return PyAV.

    Raises:
        ImportError: it is not installed; says what to do.
    """
    try:
        import av
    except ImportError as error:
        raise ImportError("An MP4 needs PyAV: pip install av; or write a .gif or .webp.") from error
    return av
