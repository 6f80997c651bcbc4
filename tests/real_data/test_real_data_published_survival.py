"""Times to event from collected responses against the published ADTTE: OS 254, PFS 254, RSD (our DOR) 4.

The published data set censors at the last assessment, without regard to missed visits or new therapy: profile
``ema_itt`` corresponds. Under ``fda`` two deaths long after randomisation without any assessment are censored.
"""

from __future__ import annotations

from collections import Counter

import polars as pl
import pytest

from criteria.event_time import overall_survival
from criteria.registry import CRITERIA
from criteria.side_by_side import all_event_times
from tests.real_data.adam import time_parameters
from tests.real_data.study import SMALL, Study

COLUMNS = ("AVAL", "STARTDT", "ADT", "CNSR")
KEY = ["USUBJID", "PARAMCD"]
RECIST = [CRITERIA["RECIST 1.1"]]
INTERVAL_DAYS, WINDOW_DAYS = 21, 7
FOLLOW_UP = "last known alive: end of participation (DM.RFPENDTC), later than the published LSTALVDT"
MISSED = "death more than two missed assessments after randomisation is censored under fda"


def collected(table: pl.DataFrame) -> pl.DataFrame:
    return table.filter(origin="RECORDED", criterion="RECIST 1.1", evaluator="INVESTIGATOR")


def paired(study: Study, profile: str, subjects: pl.DataFrame | None = None) -> pl.DataFrame:
    subjects = study.forms(SMALL).subject.frame if subjects is None else subjects
    responses, best = collected(study.responses(SMALL)), collected(study.best(SMALL))
    times = all_event_times(responses, best, subjects, RECIST, [profile], INTERVAL_DAYS, WINDOW_DAYS)
    return study.expected("adtte_onco").join(
        time_parameters(times), on=KEY, how="full", coalesce=True, suffix="_ours", validate="1:1"
    )


def differing(pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.filter(pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_ours")) for name in COLUMNS))


def test_progression_free_survival_and_duration_of_response_equal_the_published_ones(study):
    pairs = paired(study, "ema_itt").filter(pl.col("PARAMCD") != "OS")
    assert Counter(pairs["PARAMCD"]) == {"PFS": 254, "RSD": 4}
    assert differing(pairs).is_empty()
    assert Counter(pairs.select("PARAMCD", "EVNTDESC", "reason").iter_rows()) == {
        ("PFS", "Disease Progression", "Disease progression"): 3,
        ("PFS", "Death", "Death"): 3,
        ("PFS", "Last Tumor Assessment", "No progression"): 5,
        ("PFS", "Randomization", "No post-baseline assessment"): 243,
        ("RSD", "Disease Progression", "Disease progression"): 1,
        ("RSD", "Last Tumor Assessment", "No progression"): 3,
    }


def test_under_fda_only_the_deaths_after_missed_assessments_differ(study):
    other = differing(paired(study, "fda").filter(pl.col("PARAMCD") != "OS"))
    accepted = {("01-701-1211", "PFS"): MISSED, ("01-704-1445", "PFS"): MISSED}
    assert set(other.select(KEY).iter_rows()) == set(accepted)
    assert other["EVNTDESC"].unique().to_list() == ["Death"]
    assert other["reason"].unique().to_list() == ["Two or more missed assessments"]
    assert (other["ADT_ours"] == other["STARTDT"]).all()


def test_overall_survival_differs_only_where_follow_up_ends_later_than_published(study):
    pairs = paired(study, "ema_itt").filter(PARAMCD="OS")
    assert pairs.height == 254 and pairs.filter(CNSR_ours=0).height == pairs.filter(CNSR=0).height == 3
    other = differing(pairs)
    participation = study.received(SMALL)["DM"].select("USUBJID", end=pl.col("RFPENDTC").str.head(10).str.to_date())
    accepted = participation.join(pairs, on="USUBJID").filter((pl.col("CNSR") == 1) & (pl.col("end") > pl.col("ADT")))
    reasons = dict.fromkeys(accepted["USUBJID"], FOLLOW_UP)
    assert set(other["USUBJID"]) == set(reasons) and len(reasons) == 92
    assert other.join(accepted, on="USUBJID").select((pl.col("ADT_ours") == pl.col("end")).all()).item()


@pytest.mark.parametrize("profile", ["fda", "ema_itt"])
def test_overall_survival_equals_the_published_one_with_its_last_known_alive_date(study, profile):
    published = study.expected("adrs_onco").with_columns(alive=pl.max_horizontal("LSTALVDT", "RANDDT"))
    alive = published.group_by(subject_id="USUBJID").agg(pl.col("alive").max())
    subjects = study.forms(SMALL).subject.frame.join(alive, on="subject_id", validate="1:1")
    times = overall_survival(subjects.with_columns(last_alive_date="alive"), profile)
    pairs = (
        study.expected("adtte_onco")
        .filter(PARAMCD="OS")
        .join(time_parameters(times), on=KEY, suffix="_ours", how="full", coalesce=True)
    )
    assert pairs.height == 254 and differing(pairs).is_empty()
