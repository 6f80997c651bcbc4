"""The digital phantom of the IBSI with its reference values (3.10 f): what software must give before it is believed."""

from __future__ import annotations

import numpy as np

from pet.volume import Floats

VOXEL_MM = 2.0
OUTSIDE = 0

_ROWS = """
14411 14611 41641 44641
14411 11611 01311 44611
14400 11111 11011 11611
14400 11111 11111 11611
"""


def phantom() -> Floats:
    """4 slices x 4 rows x 5 columns; 0 lies outside of the region of 74 voxels."""
    slices = [[[int(value) for value in row] for row in line.split()] for line in _ROWS.split("\n") if line]
    return np.array(slices, dtype=np.float64)


REFERENCE: dict[str, tuple[float, float]] = {
    "morph_volume": (556, 4),
    "morph_vol_approx": (592, 4),
    "morph_integ_int": (1200, 10),
    "stat_mean": (2.15, 0.005),
    "stat_var": (3.05, 0.005),
    "stat_skew": (1.08, 0.005),
    "stat_kurt": (-0.355, 0.0005),
    "stat_median": (1, 0),
    "stat_min": (1, 0),
    "stat_p10": (1, 0),
    "stat_p90": (4, 0),
    "stat_max": (6, 0),
    "stat_iqr": (3, 0),
    "stat_range": (5, 0),
    "stat_mad": (1.55, 0.005),
    "stat_rmad": (1.11, 0.005),
    "stat_medad": (1.15, 0.005),
    "stat_cov": (0.812, 0.0005),
    "stat_qcod": (0.6, 1e-6),
    "stat_energy": (567, 0.5),
    "stat_rms": (2.77, 0.005),
    "cm_joint_entr_d1_3d_avg": (2.40, 0.005),
    "cm_joint_entr_d1_3d_v_mrg": (2.57, 0.005),
    "rlm_sre_2d_avg": (0.641, 0.0005),
    "rlm_sre_2d_s_mrg": (0.661, 0.0005),
    "rlm_sre_2.5d_d_mrg": (0.665, 0.0005),
    "rlm_sre_2.5d_v_mrg": (0.680, 0.0005),
    "rlm_sre_3d_avg": (0.705, 0.0005),
}
"""Value and tolerance by feature; where the rule book states no tolerance, half of the last printed digit."""
