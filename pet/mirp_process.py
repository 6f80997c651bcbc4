"""IBSI features by mirp, as a process of its own: ``python mirp_process.py FOLDER``.

It runs in the interpreter that has mirp (EUPL-1.2) and imports nothing of nadir, and nadir never imports mirp. The
folder holds ``request.json`` and one ``N.npz`` a lesion (``suv`` in g/ml and ``mask``, slices x rows x columns); the
answer is ``answer.json``: the version of mirp, and per lesion its features by mirp's names, or an error.
"""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Any


def answer(folder: Path) -> dict[str, Any]:
    """The features of every lesion of the request."""
    from importlib.metadata import version  # noqa: PLC0415

    request = json.loads((folder / "request.json").read_text("utf-8"))
    found = [_features(folder / f"{number}.npz", lesion) for number, lesion in enumerate(request)]
    return {"version": version("mirp"), "lesions": found}


def _features(path: Path, lesion: dict[str, Any]) -> dict[str, Any]:
    import itk  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415
    from mirp import extract_features  # noqa: PLC0415

    arrays = np.load(path)
    images = {name: str(path.with_suffix(f".{name}.nrrd")) for name in ("image", "mask")}
    spacing = [float(side) for side in reversed(lesion["spacing_mm"])]
    for name, array in (("image", arrays["suv"].astype(np.float32)), ("mask", arrays["mask"].astype(np.uint8))):
        image = itk.GetImageFromArray(array)
        image.SetSpacing(spacing)
        itk.imwrite(image, images[name])
    try:
        (table,) = extract_features(**images, image_modality="pet", **lesion["settings"])
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
    row = {name: value for name, value in table.iloc[0].items() if not name.startswith(("image_", "sample_"))}
    numbers = {name: float(value) for name, value in row.items() if isinstance(value, int | float | np.number)}
    return {"features": {name: value for name, value in numbers.items() if np.isfinite(value)}}


if __name__ == "__main__":
    logging.disable()
    place = Path(sys.argv[1])
    (place / "answer.json").write_text(json.dumps(answer(place)), "utf-8")
