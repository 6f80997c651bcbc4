"""What readers leave on the scans: segmentations, one segment a lesion, and structured reports of diameters."""

from __future__ import annotations

from collections.abc import Sequence

import highdicom as hd
import numpy as np
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from criteria.vocabulary import ReferenceRegion
from simulation.draws import Booleans
from simulation.identity import uid
from simulation.lesions import ADRENAL, BONE, LIVER, LUNG, NODE, PLEURA, SKIN
from simulation.reading import NOTHING
from simulation.records import lesion_ids
from simulation.scans.anatomy import Place, reference_regions
from simulation.scans.header import Scan, identify, stable
from simulation.settings import WORKSTATIONS

SITES = {
    LUNG: Code("39607008", "SCT", "Lung"),
    LIVER: Code("10200004", "SCT", "Liver"),
    NODE: Code("59441001", "SCT", "Lymph node"),
    ADRENAL: Code("23451007", "SCT", "Adrenal gland"),
    SKIN: Code("39937001", "SCT", "Skin"),
    BONE: Code("272673000", "SCT", "Bone"),
    PLEURA: Code("3120008", "SCT", "Pleura"),
}
ORGANS = {
    ReferenceRegion.LIVER: Code("10200004", "SCT", "Liver"),
    ReferenceRegion.BLOOD_POOL: Code("15825003", "SCT", "Aorta"),
    ReferenceRegion.SPLEEN: Code("78961009", "SCT", "Spleen"),
    ReferenceRegion.MARROW: Code("14016003", "SCT", "Bone marrow"),
}
STRUCTURE = Code("91723000", "SCT", "Anatomical Structure")
ABNORMAL = Code("49755003", "SCT", "Morphologically Abnormal Structure")
NEOPLASM = Code("108369006", "SCT", "Neoplasm")
MANUFACTURER, MODEL, VERSION = "NADIR", "Simulation", "1.0"


def segmentation(
    scan: Scan, reader: str, images: Sequence[Dataset], masks: dict[int, Booleans], modality: str
) -> Dataset | None:
    """A reader's segmentation of the lesions, and on PET of the reference regions; None where nothing is seen.

    It does not name the reader, as the Basic Profile asks.
    """
    names = _names(scan, reader)
    described: list[tuple[str, Code, Code, Code | None, Booleans]] = [
        (names[place], ABNORMAL, NEOPLASM, SITES[int(scan.trial.lesions.organ[scan.subject, place])], mask)
        for place, mask in masks.items()
        if place in names
    ]
    if modality == "PT":
        regions = reference_regions()
        described += [(region.value, STRUCTURE, ORGANS[region], None, regions[region]) for region in ORGANS]
    if not described:
        return None
    segments = [
        hd.seg.SegmentDescription(
            number,
            name,
            category,
            kind,
            algorithm_type="MANUAL",
            tracking_id=name,
            tracking_uid=str(uid(scan.trial.settings, "tracking", scan.subject_id, name)),
            anatomic_regions=[site] if site else None,
        )
        for number, (name, category, kind, site, _) in enumerate(described, start=1)
    ]
    pixels = np.stack([mask for *_, mask in described], axis=-1).astype(np.uint8)
    made = hd.seg.Segmentation(
        source_images=images,
        pixel_array=pixels,
        segmentation_type="BINARY",
        segment_descriptions=segments,
        series_instance_uid=str(scan.series_uid(f"SEG {modality} {reader}")),
        series_number=10,
        sop_instance_uid=str(scan.instance_uid(f"SEG {modality} {reader}", 1)),
        instance_number=1,
        device_serial_number=scan.site,
        content_label="LESIONS",
        content_description="Lesions",
        manufacturer=MANUFACTURER,
        manufacturer_model_name=MODEL,
        software_versions=VERSION,
    )
    return _finished(made, scan, f"SEG {modality} {reader}")


def report(scan: Scan, reader: str, images: Sequence[Dataset], places: Sequence[Place]) -> Dataset | None:
    """A reader's TID 1500 report on the CT: long and short axis of every lesion with a size; None without one.

    The reader's workstation is the observer (`WORKSTATIONS`), since the Basic Profile leaves no names of people.
    """
    names, seen = _names(scan, reader), scan.trial.reads[reader]
    at = (scan.subject, scan.visit_index)
    groups = []
    for each in places:
        longest, across = seen.longest[at][each.place], seen.across[at][each.place]
        if each.place not in names or not longest > 0:
            continue
        source = min(images, key=lambda image: abs(float(image.ImagePositionPatient[2]) - each.centre[2]))
        name = names[each.place]
        groups.append(
            hd.sr.MeasurementsAndQualitativeEvaluations(
                tracking_identifier=hd.sr.TrackingIdentifier(
                    uid=str(uid(scan.trial.settings, "tracking", scan.subject_id, name)), identifier=name
                ),
                finding_type=NEOPLASM,
                finding_sites=[hd.sr.FindingSite(SITES[int(scan.trial.lesions.organ[scan.subject, each.place])])],
                measurements=[
                    hd.sr.Measurement(codes.SCT.LongAxis, float(longest), codes.UCUM.Millimeter),
                    hd.sr.Measurement(codes.SCT.ShortAxis, float(across), codes.UCUM.Millimeter),
                ],
                source_images=[hd.sr.SourceImageForMeasurementGroup.from_source_image(source)],
            )
        )
    if not groups:
        return None
    device = hd.sr.DeviceObserverIdentifyingAttributes(
        uid=str(uid(scan.trial.settings, "workstation", reader)), name=WORKSTATIONS[reader]
    )
    observer = hd.sr.ObserverContext(observer_type=codes.DCM.Device, observer_identifying_attributes=device)
    content = hd.sr.MeasurementReport(
        observation_context=hd.sr.ObservationContext(observer_device_context=observer),
        procedure_reported=codes.LN.CTUnspecifiedBodyRegion,
        imaging_measurements=groups,
    )
    made = hd.sr.Comprehensive3DSR(
        evidence=images,
        content=content,
        series_instance_uid=str(scan.series_uid(f"SR {reader}")),
        series_number=20,
        sop_instance_uid=str(scan.instance_uid(f"SR {reader}", 1)),
        instance_number=1,
        manufacturer=MANUFACTURER,
        is_complete=True,
        is_final=True,
    )
    return _finished(made, scan, f"SR {reader}")


def _names(scan: Scan, reader: str) -> dict[int, str]:
    """The reader's identifiers of the lesions recorded by this visit, by place."""
    seen = scan.trial.reads[reader]
    recorded = (seen.state[scan.subject, : scan.visit_index + 1] != NOTHING).any(axis=0)
    place = np.nonzero(recorded)[0]
    ids = lesion_ids(scan.trial.readers[reader], seen, np.full(place.shape, scan.subject), place)
    return dict(zip(place.tolist(), ids.to_list(), strict=True))


def _finished(made: Dataset, scan: Scan, kind: str) -> Dataset:
    identify(made, scan)
    stable(made, scan, kind)
    return made
