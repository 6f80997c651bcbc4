"""Pictures: the PNG files that a release names, and no other file of the study's folder."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from flask import Flask, Response

from dashboard.context import Visitor
from dashboard.published import NotPublishedError, Published, frame
from dashboard.router import opened
from protocol.load import ProtocolError
from warehouse.errors import WarehouseError

FOLDER = Path("work") / "pictures"
"""Where pictures lie below a study's folder; a row that names a file elsewhere is not served."""


def register(server: Flask, published: Published, visitor: Callable[[], Visitor], trusted: bool) -> None:
    """The address /picture/STUDY/SHA256.png, open to those who may see the study."""

    @server.get("/picture/<study>/<content>.png")
    def picture(study: str, content: str) -> Response:
        try:
            found = opened(published, study, visitor(), trusted)
            named = frame(published.release(found.name), "from core.picture where sha256 = $content", content=content)
            image = next((read for path in named["path"] if (read := kept(found.path, path, content))), None)
        except (NotPublishedError, ProtocolError, WarehouseError) as error:
            return Response(str(error), 404, mimetype="text/plain")
        if image is None:
            return Response("There is no such picture; a refresh draws it anew.", 404, mimetype="text/plain")
        return Response(image, mimetype="image/png", headers={"Cache-Control": "private, max-age=86400, immutable"})


def kept(study: Path, path: str, content: str) -> bytes | None:
    """The file at ``path`` below the study's picture folder, if it is there and still has that SHA-256."""
    folder, file = (study / FOLDER).resolve(), (study / path).resolve()
    if file.suffix != ".png" or not file.is_relative_to(folder) or not file.is_file():
        return None
    image = file.read_bytes()
    return image if sha256(image).hexdigest() == content else None
