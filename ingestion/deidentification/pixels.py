"""Text in the pixels of one frame, by tesseract (extra ``ocr``, and the program tesseract)."""

from __future__ import annotations

import re

import numpy as np
from pydicom.dataset import Dataset

LEAST_LETTERS = 4
CONFIDENT = 60.0
SMALLEST_SIDE = 64


class OcrError(RuntimeError):
    """OCR was asked for and cannot be had."""


def check_ocr() -> None:
    """Raise `OcrError`, with the remedy, when pytesseract or tesseract is not installed."""
    try:
        import pytesseract  # noqa: PLC0415
    except ImportError as error:
        raise OcrError("imaging.deidentification.ocr needs pytesseract: pip install 'nadir[ocr]'") from error
    try:
        pytesseract.get_tesseract_version()
    except pytesseract.TesseractNotFoundError as error:
        raise OcrError("imaging.deidentification.ocr needs the program tesseract: install tesseract-ocr") from error


def words_in_pixels(dataset: Dataset) -> str | None:
    """The words of at least four letters that tesseract is sure of in the middle frame; null without an image."""
    import pytesseract  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    frame = _frame(dataset)
    if frame is None:
        return None
    read = pytesseract.image_to_data(Image.fromarray(frame), output_type=pytesseract.Output.DICT)
    sure = [
        word
        for word, confidence in zip(read["text"], read["conf"], strict=True)
        if float(confidence) >= CONFIDENT and len(re.findall("[A-Za-z]", word)) >= LEAST_LETTERS
    ]
    return " ".join(sure) or None


def _frame(dataset: Dataset) -> np.ndarray | None:
    """The middle frame in 256 grey values; null for what is no image or cannot be decoded."""
    try:
        pixels = dataset.pixel_array
    except Exception:  # no pixel data, or a compression that is not understood
        return None
    samples = int(dataset.get("SamplesPerPixel", 1))
    frames = pixels if pixels.ndim == (3 if samples == 1 else 4) else pixels[np.newaxis]
    frame = frames[len(frames) // 2].astype(float)
    if samples > 1:
        frame = frame.mean(axis=-1)
    if min(frame.shape) < SMALLEST_SIDE or np.ptp(frame) == 0:
        return None
    return ((frame - frame.min()) / np.ptp(frame) * 255).astype(np.uint8)
