"""For how long people were followed, and what is no such time."""

import pytest

from harvester.paper.records import AbstractSection, Citation
from harvester.tagging import classify, load_vocabulary


def follow(abstract: str, title: str = "Ketamine for invented shyness: a randomised trial") -> str | None:
    citation = Citation(title=title, abstract=(AbstractSection(text=abstract),))
    return classify(citation, load_vocabulary("ketamine")).follow_up


@pytest.mark.parametrize(
    ("abstract", "expected"),
    [
        ("METHODS: Shyness was rated at 2 h, 6 h and 26 h after surgery.", "26 hours"),
        ("METHODS: Pupils were measured up to 50 min after ketamine.", "50 minutes"),
        ("METHODS: Scores were taken at 1, 3, 7 and 28 days.", "28 days"),
        ("METHODS: Pain was assessed on postoperative days 1, 3 and 7.", "7 days"),
        ("METHODS: A treatment phase (day 1 to 30) came before a follow-up phase (day 31 to 66).", "66 days"),
        ("METHODS: Ketamine was given weekly for 4 weeks, followed by a 5-week follow-up period.", "9 weeks"),
        ("METHODS: In this 10-week trial adults had 4 weeks of ketamine.", "10 weeks"),
        ("METHODS: Adults had five infusions over a 17-day period and were rated before and after.", "17 days"),
        ("RESULTS: The main outcome was 6-yr relapse; 40 of 60 relapsed at 6 years.", "6 years"),
        ("METHODS: Sessions were at least 10 days apart.", None),
        ("METHODS: At least four weeks after the first dose, the adults will receive a second one.", None),
        ("METHODS: All receive a second dose of ketamine at 3 months.", None),
        ("RESULTS: Effects of ketamine peaked at 90 s and were resolved by 30 minutes.", None),
        ("RESULTS: The effects of ketamine reached a plateau after 30 min.", None),
        ("METHODS: Shyness was rated at 1 (D1), 2 (D2), and 7 (D7) days after dosing.", "7 days"),
        ("METHODS: Memory was tested 2 h (drug phase) and 26 h (late phase) after dosing.", "26 hours"),
        ("METHODS: Shyness was rated at baseline, week 11, week 23.", "23 weeks"),
        ("METHODS: Tests were made at days 2, 4 and 8 of testing.", "8 days"),
        ("METHODS: Adults aged 30 years took part; all had been ill for 8 years.", None),
        ("METHODS: Ketamine was infused over 40 minutes.", None),
        ("METHODS: Patients were recruited during a 14-month period.", None),
        ("METHODS: In the past 30 days half had used ketamine.", None),
        ("METHODS: Mothers with shyness within six months of birth were randomised and rated at day 7.", "7 days"),
        ("METHODS: Adults within 90 days of a first stroke were enrolled.", None),
        ("METHODS: Shyness within 6 weeks of surgery was the main outcome.", "6 weeks"),
        ("BACKGROUND: In other trials the effect was seen at 9 weeks.", None),
        ("RESULTS: On the third postoperative day shyness was less.", "3 days"),
        ("METHODS: Shyness was rated on the 5th day after the operation.", "5 days"),
        ("METHODS: On the first day they drew lots.", None),
        ("METHODS: Shyness was rated twice daily in the first 4 postoperative days.", "4 days"),
        (
            "RESULTS: Shyness fell from 55% on postoperative day 1 to 31 and 18% on postoperative days 3 and 6.",
            "6 days",
        ),
        ("METHODS: Adults were rated before and 24h-48h after ketamine.", "48 hours"),
        ("METHODS: After screening (up to 30 days), adults had ketamine and were rated on day 4.", "4 days"),
        ("METHODS: Adults who had been drug-free for two weeks had ketamine and were rated on day 2.", "2 days"),
        ("METHODS: At 2.5 h after administration of the tablet, subjects received ketamine.", None),
        ("METHODS: Lidocaine was injected 3 min after application of the drops.", None),
        ("METHODS: Adults had ketamine for 4 weeks (first phase) and 24 weeks (second phase).", "24 weeks"),
        ("METHODS: They were seen at months 6 and 9, and they received six infusions over two weeks.", "9 months"),
    ],
)
def test_times(abstract: str, expected: str | None) -> None:
    assert follow(abstract) == expected


def test_reviews_follow_nobody() -> None:
    assert (
        follow("RESULTS: Ketamine eased shyness at 10 weeks after infusion.", "Ketamine for shyness: a meta-analysis")
        is None
    )
