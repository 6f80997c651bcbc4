"""All declared tables of a study's working file, collected from the packages that make them."""

from cohorts.tables import TABLES as MART_TABLES
from criteria.injected_tables import TABLES as INJECTED_TABLES
from criteria.pattern_tables import TABLES as PATTERN_TABLES
from criteria.table import Table
from criteria.tables import TABLES as ANALYSIS_TABLES
from ingestion.change_table import TABLES as TRANSFER_TABLES
from ingestion.dicom.tables import TABLES as SCAN_TABLES
from ingestion.pet_tables import TABLES as PET_TABLES
from ingestion.tables import TABLES as RECEIVED_TABLES
from quality.tables import TABLES as QUALITY_TABLES

TABLES: tuple[Table, ...] = (
    *RECEIVED_TABLES,
    *TRANSFER_TABLES,
    *PET_TABLES,
    *SCAN_TABLES,
    *ANALYSIS_TABLES,
    *INJECTED_TABLES,
    *PATTERN_TABLES,
    *MART_TABLES,
    *QUALITY_TABLES,
)
BY_NAME = {table.name: table for table in TABLES}
