"""WHO and mWHO (section 1)."""

from __future__ import annotations

from criteria.rulebook.rule import CONVENTION, NOT_READ, Rule, Section

SECTIONS = (
    Section(
        "1",
        "WHO and mWHO",
        ("WHO", "mWHO"),
        (
            Rule(
                "WHO-01",
                "WHO 1979",
                "The size of a lesion is its longest diameter times the longest diameter across it; the products "
                "are added.",
            ),
            Rule(
                "WHO-02",
                "WHO 1979",
                "There is no smallest size and no largest number; mWHO takes the ten largest lesions, five an organ.",
            ),
            Rule(
                "WHO-03",
                "Miller 1981" + NOT_READ,
                "Lymph nodes are measured like any lesion and must vanish like any lesion.",
            ),
            Rule(
                "WHO-04",
                "Miller 1981",
                "Complete response: all disease gone; partial: the sum of products is half the baseline or less; a "
                "new lesion or 25 % growth is progression; all else is no change.",
            ),
            Rule(
                "WHO-05",
                "Miller 1981; Wolchok 2009",
                "The growth of 25 % is that of any single lesion over its own smallest size, or, in mWHO, that of "
                "the sum over its nadir.",
            ),
            Rule(
                "WHO-06",
                "Miller 1981",
                "Disease that cannot be measured is judged by estimate; growth by about a quarter is progression.",
            ),
            Rule(
                "WHO-07",
                "Miller 1981",
                "Complete and partial responses need a second look at least 28 days later, progression needs none; "
                "no change must last 28 days.",
            ),
            Rule(
                "WHO-08",
                CONVENTION,
                "After a nadir of zero any lesion that is seen again is progression; one too small to measure counts "
                "5 mm by 5 mm.",
            ),
            Rule("WHO-09", CONVENTION, "The duration of a response runs from the first response, as in RECIST."),
        ),
    ),
)

ROWS = (
    Rule("WHO-1 row 1", "Miller 1981", "Measured and other disease gone: complete response."),
    Rule("WHO-1 row 2", "Miller 1981", "Measured disease gone, other disease left or not assessed: partial response."),
    Rule("WHO-1 row 3", "Miller 1981", "Measured disease at half or less, no progression elsewhere: partial response."),
    Rule("WHO-1 row 4", "Miller 1981", "Measured disease neither smaller nor larger enough: no change, printed SD."),
    Rule("WHO-1 row 5", "Miller 1981", "Measured disease not all assessed, no progression: not evaluable."),
    Rule("WHO-1 row 6", "Miller 1981", "No measured disease at baseline, other disease gone: complete response."),
    Rule("WHO-1 row 8", "Miller 1981", "No measured disease at baseline, other disease left: no change, printed SD."),
    Rule("WHO-1 row 9", "Miller 1981", "No measured disease at baseline, other disease not assessed: not evaluable."),
    Rule("WHO-1 no disease", CONVENTION, "No disease at baseline and none found: no evidence of disease, else NE."),
)
