-- One row per segment or region.
select
    study_id, subject_id, source_sha256, segment_number, source_name, label, object, referenced_instances, instances_here,
    instances_here = referenced_instances and coalesce(series_here, true) as ok_segmentation_without_images
from core.segmentation
