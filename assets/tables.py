"""All declared tables of a study's working file, collected from the packages that make them."""

from cohorts.tables import TABLES as MART_TABLES
from criteria.injected_tables import TABLES as INJECTED_TABLES
from criteria.injection_tables import TABLES as INJECTION_TABLES
from criteria.metabolic.tables import TABLES as METABOLIC_TABLES
from criteria.pattern_tables import TABLES as PATTERN_TABLES
from criteria.table import Table
from criteria.tables import TABLES as ANALYSIS_TABLES
from ingestion.change_table import TABLES as TRANSFER_TABLES
from ingestion.deidentification.tables import TABLES as DEIDENTIFICATION_TABLES
from ingestion.dicom.tables import TABLES as SCAN_TABLES
from ingestion.imaging.tables import TABLES as IMAGING_TABLES
from ingestion.objects.tables import TABLES as OBJECT_TABLES
from ingestion.pet_tables import TABLES as PET_TABLES
from ingestion.tables import TABLES as RECEIVED_TABLES
from quality.tables import TABLES as QUALITY_TABLES

DECLARED: tuple[Table, ...] = (
    *RECEIVED_TABLES,
    *TRANSFER_TABLES,
    *SCAN_TABLES,
    *PET_TABLES,
    *DEIDENTIFICATION_TABLES,
    *IMAGING_TABLES,
    *OBJECT_TABLES,
    *ANALYSIS_TABLES,
    *INJECTED_TABLES,
    *PATTERN_TABLES,
    *METABOLIC_TABLES,
    *INJECTION_TABLES,
    *MART_TABLES,
    *QUALITY_TABLES,
)
BY_NAME = {table.name: table for table in DECLARED}
TABLES = tuple(BY_NAME.values())
