"""TID 1500 reports of uptake on PET, made by highdicom on the segments that a reader drew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import highdicom as hd
import pydicom
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.uid import generate_uid

from ingestion.dicom.index import ScanFile

BODY_WEIGHT = Code("126410", "DCM", "SUV body weight calculation method")
SEGMENTED = Code("126030", "DCM", "Sum of segmented voxel volumes")
GRAMS_PER_ML = Code("{SUVbw}g/ml", "UCUM", "Standardized Uptake Value body weight")
DERIVATIONS = {"suv_mean": codes.SCT.Mean, "suv_max": codes.SCT.Maximum, "suv_peak": codes.DCM.PeakValueWithinROI}


def _measurement(name: str, value: float) -> hd.sr.Measurement:
    if name in DERIVATIONS:
        return hd.sr.Measurement(codes.DCM.Suvbw, value, GRAMS_PER_ML, derivation=DERIVATIONS[name], method=BODY_WEIGHT)
    if name == "tlg_g":
        return hd.sr.Measurement(codes.DCM.TotalLesionGlycolysis, value, codes.UCUM.Gram, method=BODY_WEIGHT)
    return hd.sr.Measurement(codes.SCT.Volume, value, Code("ml", "UCUM", "milliliter"), method=SEGMENTED)


def write_report(
    path: Path,
    pet: Sequence[ScanFile],
    seg: ScanFile,
    lesions: Mapping[str, Mapping[str, float]],
    observer: str = "READER^ONE",
) -> ScanFile:
    """A report of ``lesions`` by tracking identifier, each with values by their column of core.pet_lesion."""
    drawn, images = pydicom.dcmread(seg.path), [pydicom.dcmread(file.path) for file in pet]
    person = hd.sr.ObserverContext(codes.DCM.Person, hd.sr.PersonObserverIdentifyingAttributes(observer))
    groups = [
        hd.sr.VolumetricROIMeasurementsAndQualitativeEvaluations(
            hd.sr.TrackingIdentifier(generate_uid(entropy_srcs=[lesion]), lesion),
            referenced_segment=hd.sr.ReferencedSegment.from_segmentation(drawn, segment_number=1),
            finding_type=codes.SCT.Neoplasm,
            finding_sites=[hd.sr.FindingSite(codes.SCT.Lung)],
            measurements=[_measurement(name, value) for name, value in values.items()],
        )
        for lesion, values in lesions.items()
    ]
    content = hd.sr.MeasurementReport(
        observation_context=hd.sr.ObservationContext(observer_person_context=person),
        procedure_reported=codes.LN.CTUnspecifiedBodyRegion,
        imaging_measurements=groups,
    )
    report = hd.sr.ComprehensiveSR(
        evidence=[drawn, *images],
        content=content[0],
        series_number=20,
        series_instance_uid=generate_uid(entropy_srcs=[str(path), "series"]),
        sop_instance_uid=generate_uid(entropy_srcs=[str(path)]),
        instance_number=1,
        manufacturer="NADIR",
        is_complete=True,
    )
    report.ContentDate, report.ContentTime = "20240401", "120000"
    report.save_as(path)
    return ScanFile(path, path.name, path.name)
