"""Landing: every received file is kept once, by its content, and nothing received is ever overwritten.

A content lies at ``landing/ab/abcdef...`` (its SHA-256); the manifest (`ingestion.tables.LANDING_FILE`) says under
which name, when and in what size it was received, and which content is the newest under each name. Of an archive the
files in it are kept, each under a name of its own, and the archive's hash.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from ingestion.archive_entries import UnusableArchiveError
from ingestion.archives import SUFFIXES, LimitError, is_archive, unpack
from ingestion.blobs import Blobs, LandingError, hash_of
from ingestion.incoming import MEMBER, Found, Unusable, look, unreadable
from ingestion.landing_events import events
from ingestion.tables import LANDING_FILE, REJECT
from protocol.sources import ArchiveLimits

COPIES_AT_ONCE = 8
UNSETTLED = 0
"""Modification time of an archive to be read again at every look: it holds more than the limits of today allow."""

DICOMWEB = "DICOMWEB"
"""The container of files that come from a server and not from incoming/."""

SEEN_SCHEMA = {
    "source_name": pl.String,
    "sha256": pl.String,
    "size": pl.Int64,
    "modified_ns": pl.Int64,
    "container": pl.String,
}


@dataclass(frozen=True, slots=True)
class Landed:
    """What one look at ``incoming/`` found.

    ``manifest``, ``events`` and ``rejects`` are frames of `LANDING_FILE`, `LANDING_EVENT` and `REJECT`; the lists hold
    names below ``incoming/``: new ones, those whose content changed, those no longer there, and those that are as they
    were. The events tell new files further apart.
    """

    manifest: pl.DataFrame
    events: pl.DataFrame
    rejects: pl.DataFrame
    new: list[str]
    changed: list[str]
    removed: list[str]
    unchanged: list[str]

    @property
    def is_news(self) -> bool:
        """Whether any file came, changed or went."""
        return bool(self.new or self.changed or self.removed)


@dataclass(frozen=True, slots=True)
class Seen:
    """A file whose content is kept."""

    source_name: str
    sha256: str
    size: int
    modified_ns: int
    container: str | None = None


class _Known:
    """What the manifest says of the files that are current."""

    def __init__(self, manifest: pl.DataFrame) -> None:
        rows = manifest.filter(pl.col("current") & pl.col("container").ne_missing(DICOMWEB))
        self.files: dict[str, Seen] = {}
        self.members: dict[str, list[Seen]] = {}
        for values in rows.select(list(SEEN_SCHEMA)).iter_rows():
            seen = Seen(*values)
            if seen.container is None:
                self.files[seen.source_name] = seen
            else:
                self.members.setdefault(seen.container, []).append(seen)

    def has(self, file: Found) -> bool:
        """Whether name, size and time are those of a file that is current."""
        before = self.files.get(file.name)
        return before is not None and (before.size, before.modified_ns) == (file.size, file.modified_ns)

    def with_members(self, name: str) -> list[Seen]:
        """The file of that name, and those in it if it is an archive."""
        return [self.files[name], *self.members.get(name, ())]


@dataclass(slots=True)
class _Look:
    """One look at ``incoming/``: what was found, and the archives whose earlier rejects still hold."""

    seen: list[Seen] = field(default_factory=list)
    unusable: list[Unusable] = field(default_factory=list)
    as_before: set[str] = field(default_factory=set)


def land(
    study_id: str,
    incoming: Path,
    landing: Path,
    manifest: pl.DataFrame,
    now: datetime,
    *,
    limits: ArchiveLimits | None = None,
    rejects: pl.DataFrame | None = None,
) -> Landed:
    """Keep what is new in ``incoming`` and bring the manifest up to date; ``now`` is the moment in UTC.

    A file whose name, size and modification time the manifest knows costs a stat, an archive too: what could not be
    used of it stands in ``rejects``, those of the look before. Any other file is hashed, and copied if its content is
    new; of an archive the files are, within the ``limits``. Hidden files, ``*.part``, ``*.tmp`` and links that leave
    the folder are passed over. A file or an archive that cannot be read becomes a reject, and its last known content
    stays current.
    Raises `LandingError` for a missing ``incoming`` and for a full disk; contents kept until then are found again.
    """
    check_utc(now)
    if not incoming.is_dir():
        raise LandingError(f"there is no folder {incoming}: create it and put the received files there")
    before = LANDING_FILE.conform(manifest)
    found = _look(incoming, Blobs(landing), _Known(before), limits or ArchiveLimits())
    fetched = pl.col("container").eq_missing(DICOMWEB)
    after = updated(before, found.seen, study_id, landing.name, now, elsewhere=fetched)
    happened = events(study_id, before, after, now)
    moved = happened.filter(event="MOVED")["other_name"]
    return Landed(
        manifest=after,
        events=happened,
        rejects=pl.concat([rejects_of(study_id, found.unusable), _still(rejects, found.as_before)]),
        new=_names(happened, "ARRIVED", "RETURNED", "MOVED", "DUPLICATE"),
        changed=_names(happened, "REPLACED"),
        removed=sorted([*_names(happened, "DELETED"), *moved]),
        unchanged=sorted({file.source_name for file in found.seen} - set(happened["source_name"])),
    )


def has_news(incoming: Path, manifest: pl.DataFrame) -> bool:
    """Whether some file came, went or may have changed since the manifest was made; costs a stat a file."""
    if not incoming.is_dir():
        return True
    known = _Known(LANDING_FILE.conform(manifest))
    unusable: list[Unusable] = []
    files = list(look(incoming, unusable))
    same_names = {file.name for file in files} == known.files.keys()
    return bool(unusable) or not same_names or not all(known.has(file) for file in files)


def check_utc(now: datetime) -> None:
    """Raise `ValueError` for a moment that is not in UTC."""
    if now.utcoffset() != timedelta(0):
        raise ValueError(f"the moment of landing must be in UTC, got {now.isoformat()}")


def updated(
    known: pl.DataFrame, seen: Iterable[Seen], study_id: str, folder: str, now: datetime, *, elsewhere: pl.Expr
) -> pl.DataFrame:
    """The manifest with the rows of contents never seen under their name, and ``current`` as seen.

    Rows of files that come from ``elsewhere`` stay as they are.
    """
    present = pl.DataFrame([astuple(file) for file in seen], schema=SEEN_SCHEMA, orient="row")
    key = list(LANDING_FILE.key)
    seen_now = present.select(*key, pl.col("modified_ns").alias("seen_ns"))
    moment = pl.lit(pl.Series([[now]], dtype=LANDING_FILE.schema["changed_at"]))
    before = (
        known.join(seen_now, on=key, how="left", maintain_order="left")
        .with_columns(there=pl.when(elsewhere).then("current").otherwise(pl.col("seen_ns").is_not_null()))
        .with_columns(
            current="there",
            changed_at=pl.when(pl.col("current") == pl.col("there"))
            .then("changed_at")
            .otherwise(pl.col("changed_at").fill_null([]).list.concat(moment)),
            modified_ns=pl.coalesce("seen_ns", "modified_ns"),
        )
        .drop("seen_ns", "there")
    )
    lower = pl.col("source_name").str.to_lowercase()
    archive = pl.col("container").is_null() & pl.any_horizontal(lower.str.ends_with(suffix) for suffix in SUFFIXES)
    arrived = (
        present.join(known, on=key, how="anti")
        .sort(key)
        .with_columns(
            study_id=pl.lit(study_id),
            landed_at=pl.lit(now, dtype=LANDING_FILE.schema["landed_at"]),
            landed_path=pl.when(~archive).then(
                pl.format("{}/{}/{}", pl.lit(folder), pl.col("sha256").str.head(2), "sha256")
            ),
            current=pl.lit(True),
        )
    )
    return LANDING_FILE.conform(pl.concat([before, arrived], how="diagonal"))


def rejects_of(study_id: str, unusable: Sequence[Unusable]) -> pl.DataFrame:
    """The rejects (`REJECT`) of what could not be kept."""
    schema = {"source_name": pl.String, "reason": pl.String, "remedy": pl.String, "source_sha256": pl.String}
    frame = pl.DataFrame([item.row() for item in unusable], schema=schema, orient="row")
    stage = pl.lit(LANDING_FILE.name).alias("stage")
    return REJECT.conform(frame.with_columns(pl.lit(study_id).alias("study_id"), stage))


def _still(rejects: pl.DataFrame | None, archives: set[str]) -> pl.DataFrame:
    """The rejects of the look before that belong to archives which were not read again."""
    if rejects is None:
        return REJECT.empty()
    archive = pl.col("source_name").str.split(MEMBER).list.first()
    of_archives = pl.col("source_sha256").is_not_null() & archive.is_in(list(archives))
    return REJECT.conform(rejects).filter((pl.col("stage") == LANDING_FILE.name) & of_archives)


def _names(happened: pl.DataFrame, *kinds: str) -> list[str]:
    return happened.filter(pl.col("event").is_in(kinds))["source_name"].sort().to_list()


def _look(incoming: Path, blobs: Blobs, known: _Known, limits: ArchiveLimits) -> _Look:
    found = _Look()
    files, archives = [], []
    for file in look(incoming, found.unusable):
        if known.has(file):
            found.seen.extend(known.with_members(file.name))
            found.as_before.add(file.name)
        elif is_archive(file.name):
            archives.append(file)
        else:
            files.append(file)
    if files or archives:
        with blobs.open():
            kept = [*_keep_files(files, blobs, found), *_keep_archives(archives, blobs, known, limits, found)]
        blobs.make_durable(file.sha256 for file in kept)
        found.seen.extend(kept)
    names = {file.source_name for file in found.seen}
    lost = {item.name for item in found.unusable} & known.files.keys() - names
    for name in lost:
        found.seen.extend(known.with_members(name))
        found.as_before.add(name)
    return found


def _keep_files(files: Sequence[Found], blobs: Blobs, found: _Look) -> list[Seen]:
    """Hash the files and keep the contents that are not there yet, several at once."""

    def keep(file: Found) -> Seen | Unusable:
        try:
            sha256 = blobs.keep_file(Path(file.path), file.name, file.size).sha256
        except OSError as error:
            return unreadable(file.name, error)
        return Seen(file.name, sha256, file.size, file.modified_ns)

    with ThreadPoolExecutor(COPIES_AT_ONCE) as pool:
        jobs = [pool.submit(keep, file) for file in files]
        try:
            results = [job.result() for job in jobs]
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    found.unusable.extend(result for result in results if isinstance(result, Unusable))
    return [result for result in results if isinstance(result, Seen)]


def _keep_archives(
    archives: Sequence[Found], blobs: Blobs, known: _Known, limits: ArchiveLimits, found: _Look
) -> Iterator[Seen]:
    """The archives, by their hashes, and the files in them; one with the content of before is not read again."""
    for file in archives:
        try:
            sha256 = hash_of(Path(file.path))
        except OSError as error:
            found.unusable.append(unreadable(file.name, error))
            continue
        archive = Seen(file.name, sha256, file.size, file.modified_ns)
        before = known.files.get(file.name)
        if before is not None and before.sha256 == sha256 and before.modified_ns != UNSETTLED:
            found.as_before.add(file.name)
            yield from (archive, *known.members.get(file.name, ()))
            continue
        yield from _unpacked(archive, Path(file.path), blobs, known, limits, found)


def _unpacked(
    archive: Seen, path: Path, blobs: Blobs, known: _Known, limits: ArchiveLimits, found: _Look
) -> Iterator[Seen]:
    name, unusable = archive.source_name, list[Unusable]()
    try:
        members = [
            Seen(member.name, member.sha256, member.size, archive.modified_ns, name)
            for member in unpack(path, name, blobs, limits, unusable)
        ]
    except UnusableArchiveError as error:
        unusable = [Unusable(name, str(error), error.remedy, by_limit=isinstance(error, LimitError))]
        members = known.members.get(name, [])
    found.unusable.extend(replace(item, archive_sha256=archive.sha256) for item in unusable)
    settled = not any(item.by_limit for item in unusable)
    yield archive if settled else replace(archive, modified_ns=UNSETTLED)
    yield from members
