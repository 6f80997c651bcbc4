"""One partition a study: a study refreshes whole, on its own, beside the others."""

import dagster as dg

studies = dg.DynamicPartitionsDefinition(name="study")
