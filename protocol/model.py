"""A study's protocol as validated data: what protocol.yaml may say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError, model_validator

from criteria.assessment_schedule import GapRule, PlannedVisit, Schedule
from criteria.censoring import (
    PROFILES,
    ClinicalPolicy,
    DiscontinuationPolicy,
    MissedAssessmentsPolicy,
    NewTherapyPolicy,
    NoBaselinePolicy,
    Profile,
    ProgressionDatePolicy,
    profile_named,
)
from criteria.declaration import Morphologic, Options
from criteria.metabolic.declaration import Metabolic
from criteria.metabolic.registry import METABOLIC, metabolic_criterion
from criteria.option_profiles import OPTION_PROFILES, RULE_BOOK
from criteria.registry import CRITERIA, criterion
from protocol.forms import Forms
from protocol.imaging import Imaging
from protocol.nearest import did_you_mean
from protocol.quality import Quality
from protocol.readings import Injection, Markers, Patterns, Pet
from protocol.section import Section as _Section
from protocol.sources import Ingestion

OPTIONS = TypeAdapter(Options)
POLICIES = tuple(name for name in Profile.__dataclass_fields__ if name not in ("name", "source"))
TREATMENT_COLUMNS = ("ARM", "ACTARM", "TRT", "EXTRT")
OPTION_NAMES = tuple(Options.__dataclass_fields__)
OF_SCANS = {name: getattr(Options(), name) for name in ("tp_response_date", "pd_date_rule")}


def _known_criterion(name: str) -> str:
    if name not in CRITERIA and name not in METABOLIC:
        raise ValueError(f"unknown criterion; allowed: {', '.join((*CRITERIA, *METABOLIC))}")
    return name


def _known_profile(name: str) -> str:
    if name not in PROFILES:
        raise ValueError(f"unknown censoring profile; allowed: {', '.join(PROFILES)}")
    return name


def _known_option_profile(name: str) -> str:
    if name not in OPTION_PROFILES:
        raise ValueError(f"unknown profile of options; allowed: {', '.join(OPTION_PROFILES)}")
    return name


def _options_of_any_criterion(options: dict[str, Any]) -> dict[str, Any]:
    problems = [problem for name, value in options.items() if (problem := _option_problem(name, value)) is not None]
    if problems:
        raise ValueError("; ".join(problems))
    return options


def _option_problem(name: str, value: Any) -> str | None:
    """What is wrong with an option that all criteria share: no criterion has it, or it cannot have that value."""
    takes = [declared for declared in CRITERIA.values() if name in declared.option_names]
    if not takes:
        known = sorted({option for declared in CRITERIA.values() for option in declared.option_names})
        return f"unknown option {name!r}" + (did_you_mean(name, known) or f"; options: {', '.join(known)}")
    try:
        CriterionChoice(name=takes[0].name, options={name: value})
    except ValidationError as error:
        return error.errors()[0]["msg"].removeprefix("Value error, ")
    return None


def _with_shared(choice: Any, shared: dict[str, Any]) -> Any:
    """A criterion as it stands in the protocol, with the shared options that it takes."""
    given: Any = {"name": choice} if isinstance(choice, str) else choice
    name = given.get("name") if isinstance(given, dict) else None
    if not isinstance(name, str) or name not in CRITERIA or not isinstance(given.get("options", {}), dict):
        return choice
    taken = {option: value for option, value in shared.items() if option in CRITERIA[name].option_names}
    return given | {"options": taken | given.get("options", {})}


class ScheduledVisit(_Section):
    """One planned tumour assessment and its window around the planned study day."""

    visit: str
    day: int
    before: int = Field(default=7, ge=0)
    after: int = Field(default=7, ge=0)


class IntervalChange(_Section):
    """Another interval between assessments from a study day on (11.3: the interval in force at a gap counts)."""

    from_day: int = Field(gt=1)
    interval_days: int = Field(gt=0)


class Visits(_Section):
    """The assessment schedule (rule book 11.3: interval and window give the longest allowed gap)."""

    interval_days: int = Field(default=56, gt=0)
    window_days: int = Field(default=7, ge=0)
    baseline: tuple[str, ...] = ()
    baseline_max_age_days: int = Field(default=28, gt=0)
    interval_changes: tuple[IntervalChange, ...] = ()
    schedule: tuple[ScheduledVisit, ...] = ()

    def declared(self, known: Sequence[PlannedVisit] = ()) -> Schedule:
        """The schedule; ``known`` are visits planned in the data, where the protocol itself plans none."""
        own = [PlannedVisit(visit.day, visit.before, visit.after) for visit in self.schedule]
        return Schedule(
            self.interval_days,
            self.window_days,
            tuple((change.from_day, change.interval_days) for change in self.interval_changes),
            tuple(visit for visit in own or known if visit.day > 1),
        )

    @model_validator(mode="after")
    def _changes_once(self) -> Visits:
        days = [change.from_day for change in self.interval_changes]
        repeated = sorted({day for day in days if days.count(day) > 1})
        if repeated:
            raise ValueError(f"interval_changes has study day {repeated[0]} more than once")
        return self

    @model_validator(mode="after")
    def _distinct(self) -> Visits:
        names = [planned.visit for planned in self.schedule]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"visit {repeated[0]!r} is scheduled more than once")
        return self


class CriterionChoice(_Section):
    """A criterion of the study with the options that differ from the rule book's defaults.

    Morphologic rule book section 14, metabolic section 11.
    """

    name: Annotated[str, AfterValidator(_known_criterion)]
    options: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _bare_name(cls, given: Any) -> Any:
        return {"name": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _options(self) -> CriterionChoice:
        try:
            self.declared()
        except ValidationError as error:
            first = error.errors()[0]
            raise ValueError(f"option {first['loc'][0]}: {first['msg']}, not {first['input']!r}") from error
        return self

    def declared(self) -> Morphologic | Metabolic:
        """The criterion's declaration with these options."""
        if self.name in METABOLIC:
            return metabolic_criterion(self.name, **self.options)
        of_engine = {name: value for name, value in self.options.items() if name in OPTION_NAMES}
        read = OPTIONS.validate_python(of_engine)
        return criterion(self.name, **self.options | {name: getattr(read, name) for name in of_engine})


class Evaluators(_Section):
    """Who reads, whose reads count for the cohort tables, and what two central readers are compared in (12.1).

    ``readers`` are to read every visit; without them, who read a subject's baseline is to read its other visits.
    """

    default_criterion: Annotated[str, AfterValidator(_known_criterion)] = "RECIST 1.1"
    primary: str | None = None
    readers: tuple[str, ...] = ()
    adjudication: Literal["none", "subject", "timepoint"] = "none"
    accepted_name: str = "ACCEPTED READER"
    adj_unit: Literal["subject", "timepoint", "endpoint"] = "subject"
    adj_vars: tuple[Literal["BOR", "RESPONDER", "RSPDT", "PDDT", "UPDDT"], ...] = ("BOR", "RSPDT", "PDDT")
    adj_date_tol: int = Field(default=0, ge=0)
    agree_choice: Literal["R1", "random"] = "R1"
    agree_seed: int = 0

    @property
    def accepted_reader(self) -> str | None:
        """The evaluator under which the reads of each subject's accepted reader appear once more; else None."""
        return self.accepted_name if self.adjudication == "subject" else None

    @property
    def accepted_timepoints(self) -> str | None:
        """The evaluator under which the responses of each time point's accepted reader appear; else None."""
        return self.accepted_name if self.adjudication == "timepoint" else None


class CensoringProfile(_Section):
    """A declared censoring profile by its name, or a variant ``based_on`` one under a name of its own (11.3)."""

    name: str = Field(min_length=1)
    based_on: Annotated[str, AfterValidator(_known_profile)] | None = None
    nact: NewTherapyPolicy | None = None
    missed_assessments: MissedAssessmentsPolicy | None = None
    no_baseline: NoBaselinePolicy | None = None
    discontinuation: DiscontinuationPolicy | None = None
    clinical: ClinicalPolicy | None = None
    progression_date: ProgressionDatePolicy | None = None
    gap_max: GapRule | None = None

    @model_validator(mode="before")
    @classmethod
    def _bare_name(cls, given: Any) -> Any:
        return {"name": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _declared_or_based(self) -> CensoringProfile:
        if self.based_on is None:
            if self._policies():
                raise ValueError(f"{self.name!r} with policies needs based_on: one of {', '.join(PROFILES)}")
            _known_profile(self.name)
        elif self.name in PROFILES:
            raise ValueError(f"{self.name!r} is a declared profile; give the variant a name of its own")
        return self

    def _policies(self) -> dict[str, Any]:
        given = {name: getattr(self, name) for name in POLICIES}
        return {name: policy for name, policy in given.items() if policy is not None}

    def declared(self) -> Profile:
        """The profile with these policies."""
        if self.based_on is None:
            return profile_named(self.name)
        source = f"protocol, based on {self.based_on}"
        return replace(profile_named(self.based_on), name=self.name, source=source, **self._policies())


class Censoring(_Section):
    """Censoring profiles under which times to event are computed (rule book 11.3); the first is the main one."""

    profiles: tuple[CensoringProfile, ...] = Field(
        default=(CensoringProfile(name="fda"), CensoringProfile(name="ema_itt")), min_length=1
    )
    gap_max: GapRule = "intervals_and_windows"
    clinical_pd_is_event: bool = False

    @model_validator(mode="after")
    def _profiles_once(self) -> Censoring:
        names = [profile.name for profile in self.profiles]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"censoring profile {repeated[0]!r} is listed more than once")
        return self

    def declared(self) -> tuple[Profile, ...]:
        """The profiles in the order of the protocol."""
        return tuple(self._read(given) for given in self.profiles)

    def _read(self, given: CensoringProfile) -> Profile:
        profile = given.declared()
        if given.gap_max is None and profile.gap_max != self.gap_max:
            profile = replace(profile, gap_max=self.gap_max)
        return profile.with_clinical_events() if self.clinical_pd_is_event else profile


class Dates(_Section):
    """The scans that date responses and progressions, and what partial dates are completed to (11.1)."""

    tp_response_date: Literal["last_scan", "first_scan"] = "last_scan"
    pd_date_rule: Literal["by_trigger", "earliest_scan_in_tp", "last_scan_in_tp"] = "by_trigger"
    pd_impute: Literal["first", "last"] = "first"
    resp_impute: Literal["first", "last"] = "last"


class Grouping(_Section):
    """A subgroup or stratum: a column of DM or SUPPDM, a number cut into intervals where ``cuts`` are given."""

    name: str = Field(min_length=1)
    column: str = Field(min_length=1)
    cuts: tuple[float, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _bare_column(cls, given: Any) -> Any:
        return {"name": given, "column": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _ascending(self) -> Grouping:
        if list(self.cuts) != sorted(set(self.cuts)):
            raise ValueError(f"cuts of {self.name!r} must ascend, not {list(self.cuts)}")
        if self.name in ("ALL", "ARM", "COHORT"):
            raise ValueError(f"{self.name!r} is a grouping of its own; give the subgroup another name")
        return self


class Cohorts(_Section):
    """How subjects are grouped beside their arm, how the groups are compared, and who counts in rates (11.2)."""

    column: str | None = None
    reference_arm: str | None = None
    subgroups: tuple[Grouping, ...] = ()
    strata: tuple[Grouping, ...] = ()
    landmarks_months: tuple[Annotated[float, Field(gt=0)], ...] = (6, 12, 18, 24)
    restricted_mean_months: float | None = Field(default=None, gt=0)
    smallest_cell: int = Field(default=0, ge=0)
    orr_population: Literal["itt", "treated", "measurable"] = "itt"

    @property
    def groupings(self) -> tuple[Grouping, ...]:
        """Subgroups and strata, each name once."""
        named = {grouping.name: grouping for grouping in (*self.subgroups, *self.strata)}
        return tuple(named.values())

    @property
    def stratum_names(self) -> tuple[str, ...]:
        """The names of the strata."""
        return tuple(grouping.name for grouping in self.strata)

    @model_validator(mode="after")
    def _one_meaning_a_name(self) -> Cohorts:
        named: dict[str, Grouping] = {}
        for grouping in (*self.subgroups, *self.strata):
            if named.setdefault(grouping.name, grouping) != grouping:
                raise ValueError(f"subgroup {grouping.name!r} is defined twice, and not the same way")
        return self


class Blinding(_Section):
    """Whether the study is blinded: then the open release carries no arm and nothing by arm."""

    blinded: bool = False


class Dashboard(_Section):
    """Who may see the study in a dashboard that trusts a proxy: one of these groups; everybody without any.

    Of a blinded study, the release with arms is shown to one of the unblinded groups only, where there are any.
    """

    groups: tuple[str, ...] = ()
    unblinded_groups: tuple[str, ...] = ()


class Protocol(_Section):
    """The whole of a study's protocol.yaml."""

    title: str = ""
    visits: Visits = Field(default_factory=Visits)
    criteria_profile: Annotated[str, AfterValidator(_known_option_profile)] = RULE_BOOK
    options: Annotated[dict[str, Any], AfterValidator(_options_of_any_criterion)] = Field(default_factory=dict)
    dates: Dates = Field(default_factory=Dates)
    criteria: tuple[CriterionChoice, ...] = Field(min_length=1)
    evaluators: Evaluators = Field(default_factory=Evaluators)
    censoring: Censoring = Field(default_factory=Censoring)
    cohorts: Cohorts = Field(default_factory=Cohorts)
    forms: Forms = Field(default_factory=Forms)
    data_cutoff: date | None = None
    patterns: Patterns = Field(default_factory=Patterns)
    pet: Pet = Field(default_factory=Pet)
    markers: Markers = Field(default_factory=Markers)
    injection: Injection = Field(default_factory=Injection)
    ingestion: Ingestion = Field(default_factory=Ingestion)
    blinding: Blinding = Field(default_factory=Blinding)
    dashboard: Dashboard = Field(default_factory=Dashboard)
    imaging: Imaging = Field(default_factory=Imaging)
    quality: Quality = Field(default_factory=Quality)

    @property
    def morphologic(self) -> list[Morphologic]:
        """The criteria on lesion sizes, with the study's options."""
        declared = (choice.declared() for choice in self.criteria)
        return [each for each in declared if isinstance(each, Morphologic)]

    @property
    def metabolic(self) -> list[Metabolic]:
        """The criteria on PET lesions, with the study's options."""
        declared = (choice.declared() for choice in self.criteria)
        return [each for each in declared if isinstance(each, Metabolic)]

    @model_validator(mode="before")
    @classmethod
    def _shared_options(cls, given: Any) -> Any:
        """Gives every criterion the options of profile, dates and study that it takes; its own come first."""
        if not isinstance(given, dict) or not isinstance(given.get("criteria"), list):
            return given
        of_study, dates = given.get("options"), given.get("dates")
        profile = given.get("criteria_profile")
        shared = dict(OPTION_PROFILES.get(profile, {})) if isinstance(profile, str) else {}
        if isinstance(dates, dict):
            shared |= {name: dates[name] for name in OF_SCANS if dates.get(name, OF_SCANS[name]) != OF_SCANS[name]}
        if isinstance(of_study, dict):
            shared |= of_study
        usable = {name: value for name, value in shared.items() if _option_problem(name, value) is None}
        return {**given, "criteria": [_with_shared(choice, usable) for choice in given["criteria"]]}

    @model_validator(mode="after")
    def _cohort_keeps_the_blind(self) -> Protocol:
        columns = [self.cohorts.column, *(grouping.column for grouping in self.cohorts.groupings)]
        for column in columns:
            if self.blinding.blinded and column is not None and column.upper().startswith(TREATMENT_COLUMNS):
                raise ValueError(f"cohorts: {column!r} names the treatment; a blinded study needs another column")
        return self

    @model_validator(mode="after")
    def _criteria_once(self) -> Protocol:
        names = [choice.name for choice in self.criteria]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"criterion {repeated[0]!r} is listed more than once")
        return self
