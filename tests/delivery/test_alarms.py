"""Rules: read strictly, judged on facts that are counted by hand."""

from __future__ import annotations

from typing import Any

import pytest

from reporter.config import load_config
from reporter.delivery.alarms import check_alarms, fired, judge, rule_fault, rule_of, unfired
from reporter.delivery.settings import AlarmSettings
from reporter.errors import UsageError

NAMES = ["Champions", "Loyal", "Cannot Lose Them", "At Risk"]


def facts(replayed: bool = True) -> dict[str, Any]:
    """1,000 rows of two tables, 14 of them rejected; Champions fell from 100 to 95, Loyal came from nothing, At Risk is empty."""
    before = [("Champions", 100, 1000.0), ("Loyal", 0, 0.0), ("Cannot Lose Them", 50, 400.0), ("At Risk", 4, 10.0)]
    now = {"Champions": (95, 1200.0), "Loyal": (7, 70.0), "Cannot Lose Them": (50, 400.0)}
    segments = [
        {"name": name, "customers": n, "monetary": money, "share": n / 152, "monetary_share": money / 1670}
        for name, (n, money) in now.items()
    ]
    replay = [
        {
            "name": name,
            "customers_before": n,
            "monetary_before": money,
            "customers": now.get(name, (0, 0))[0],
            "monetary": now.get(name, (0, 0))[1],
        }
        for name, n, money in before
    ]
    return {
        "gist": {"palette": {name: place for place, name in enumerate(NAMES, 1)}},
        "tables": {
            "transactions": {"read": 900, "rejected": 10, "flagged": 3},
            "customers": {"read": 100, "rejected": 4, "flagged": 0},
        },
        "overview": {
            "changes": [
                {"name": "transactions", "now": 80.0, "before": 100.0},
                {"name": "monetary", "now": 11.0, "before": None},
            ]
        },
        "segments": segments,
    } | ({"replay": {"since": "2024-06-01", "segments": replay}} if replayed else {})


@pytest.mark.parametrize(
    ("rule", "fires", "value"),
    [
        ("Champions customers fall 5 %", True, -0.05),
        ("Champions fall by 5.1%", False, -0.05),
        ("champions fall 5", True, -5),
        ("Champions fall 6", False, -5),
        ("Champions revenue falls 5 %", False, 0.2),
        ("Champions revenue rises 20 %", True, 0.2),
        ("Champions customers rise 1 %", False, -0.05),
        ("Cannot Lose Them customers fall 0 %", False, 0.0),
        ("Cannot Lose Them revenue is below 400", False, 400.0),
        ("Cannot Lose Them revenue is below 400.5", True, 400.0),
        ("At Risk fall 50 %", True, -1.0),
        ("At Risk customers are below 1", True, 0),
        ("Loyal rise 300 %", True, 7),
        ("Loyal fall 5 %", False, 7),
        ("Champions share exceeds 62 %", True, 95 / 152),
        ("Champions share is below 62.5 %", False, 95 / 152),
        ("Champions revenue share exceeds 70 %", True, 1200 / 1670),
        ("rejected rows exceed 1 %", True, 0.014),
        ("rejected rows exceed 1.4 %", False, 0.014),
        ("rejected rows exceed 13", True, 14),
        ("rejected rows are below 14", False, 14),
        ("flagged rows exceed 2", True, 3),
        ("transactions fall 20 %", True, -0.2),
        ("transactions exceed 80", False, 80.0),
    ],
)
def test_a_rule_is_judged(rule: str, fires: bool, value: float):
    assert rule_fault(rule, NAMES) == ""
    (judged,) = judge(AlarmSettings(exit=(rule,)), facts())
    assert judged["value"] == pytest.approx(value)
    assert (judged["fired"], judged["use"]) == (fires, "exit")


@pytest.mark.parametrize(
    "rule", ["Champions fall 5 %", "Champions rise 5", "revenue falls 5 %", "new customers fall 5 %"]
)
def test_what_cannot_be_judged_counts_as_fired_and_says_so(rule: str):
    """No before: the replay found none, the overview has none. Nobody shall take silence for all is well."""
    alarms = judge(AlarmSettings(mail=(rule,)), facts(replayed=False))
    assert alarms[0]["value"] is None
    assert fired(alarms, "mail") == [f"“{rule}” cannot be judged: the report has nothing before to compare with."]
    assert fired(alarms, "exit") == []


def test_what_is_told():
    rules = ("Champions fall 5 %", "rejected rows exceed 1 %", "At Risk fall 3", "Champions revenue rises 100")
    assert fired(judge(AlarmSettings(exit=rules), facts()), "exit") == [
        "“Champions fall 5 %”: it is -5.0 % since 2024-06-01.",
        "“rejected rows exceed 1 %”: it is 1.4 %.",
        "“At Risk fall 3”: it is -4 since 2024-06-01.",
        "“Champions revenue rises 100”: it is +200 since 2024-06-01.",
    ]
    assert unfired(judge(AlarmSettings(mail=("Champions fall 9 %",)), facts())) == (
        "none of the alarms for it fired. “Champions fall 9 %”: it is -5.0 % since 2024-06-01."
    )


@pytest.mark.parametrize(
    ("rule", "advice"),
    [
        ("Champion customers fall 5 %", "Did you mean “Champions customers”?"),
        ("Cannot Loose Them revenue falls 5 %", "Did you mean “Cannot Lose Them revenue”?"),
        ("rejectd rows exceed 1 %", "Did you mean “rejected rows”?"),
        ("Champions customers drop 5 %", "Write a measure and a limit"),
        ("Champions customers fal 5 %", "Did you mean “fall”?"),
        ("rejected rows exced 1 %", "Did you mean “exceed"),
        ("Champions fall", "Write a measure and a limit"),
        ("Champions fall five %", "Write a measure and a limit"),
        ("Champions fall -5 %", "Write a measure and a limit"),
        ("", "Write a measure and a limit"),
        ("weather exceeds 3", "There are rejected rows, flagged rows, active customers"),
        ("Champions customers exceed 5 %", "Per cent of what?"),
        ("Champions share falls 5 %", "A share is compared with a level"),
        ("Champions share exceeds 5", "A share is compared with a level"),
        ("rejected rows rise 5 %", "Rows are compared with a level"),
    ],
)
def test_what_is_no_rule_is_told_with_the_mending(rule: str, advice: str):
    assert advice in rule_fault(rule, NAMES)


def test_a_rule_is_read_whatever_its_blanks_and_capitals():
    assert rule_of("  Champions   CUSTOMERS  Fall By 5%") == rule_of("  Champions   CUSTOMERS  Fall By 5%")
    rule = rule_of("Champions  customers Falls BY 5%")
    assert (rule.measure, rule.verb, rule.number, rule.per_cent) == ("champions customers", "fall", 0.05, True)


def test_a_faulty_rule_is_a_fault_of_the_configuration():
    with pytest.raises(UsageError, match=r"alarms\.exit: .*There is no measure “Champion”\. Did you mean “Champions”"):
        load_config(overrides=['alarms.exit=["Champion fall 5 %"]'])
    config, _ = load_config(overrides=['alarms.exit=["Champions fall 5 %"]', "rfm.grid=eleven"])
    assert config.alarms.exit == ("Champions fall 5 %",)
    with pytest.raises(UsageError, match="Premium"):
        load_config(overrides=['alarms.mail=["Premium fall 5 %"]'])


def test_a_faulty_rule_that_comes_from_python_is_refused_too():
    with pytest.raises(UsageError, match="Did you mean “Champions customers”"):
        check_alarms(AlarmSettings(exit=("Champion customers fall 5 %",)), "eleven")
    check_alarms(AlarmSettings(exit=("Champions customers fall 5 %",)), "eleven")
