"""Oracle of staging and expected loss: IFRS 9 and CECL written again with numpy arrays, from the formulas, not from the TypeScript.

Reads {settings, loans: [{history: [[dpd, pd]...], originationPd, balance, remaining, rate}]} from stdin, writes
[{stages, twelveMonth, lifetime, ifrs9, cecl}] to stdout.
"""
import json
import sys

import numpy as np


def stages_of(history, origination_pd, s):
    """Stage by stage from the definitions: in stage 3 from a default month until the last of `cureMonths` clean months in a row."""
    days = np.array([month[0] for month in history])
    pds = np.array([month[1] for month in history])
    in_default = days >= s["defaultDaysPastDue"]
    clean = days <= s["sicrDaysPastDue"]
    impaired = np.zeros(len(days), dtype=bool)
    for i in range(len(days)):
        before = np.flatnonzero(in_default[: i + 1])
        if len(before) == 0:
            continue
        after = clean[before[-1] + 1 : i + 1]
        # cured when some run of cureMonths clean months lies between the last default and now
        runs = np.convolve(after, np.ones(s["cureMonths"]), "valid") if len(after) >= s["cureMonths"] else np.array([])
        impaired[i] = not np.any(runs >= s["cureMonths"])
    stage = np.ones(len(days), dtype=int)
    stage[days > s["sicrDaysPastDue"]] = 2
    if s["sicrPdFactor"] is not None:
        grown = (pds >= s["sicrPdFactor"] * origination_pd) & (pds - origination_pd >= s["sicrPdIncrease"]) & (pds > s["lowRiskPd"])
        stage[grown] = 2
    stage[impaired] = 3
    return stage


def scenario_loss(loan, pd, s, scenario):
    n = max(1, loan["remaining"])
    t = np.arange(1, n + 1)
    f, r = scenario["forecastMonths"], scenario["reversionMonths"]
    weight = np.where(t <= f, 1.0, np.clip(1 - (t - f) / (r + 1), 0, 1))
    if 0 < pd < 1:
        pds = 1 / (1 + np.exp(-(np.log(pd) - np.log1p(-pd) + scenario["logOddsShift"] * weight)))
    else:
        pds = np.full(n, float(pd))
    hazard = -np.expm1(np.log1p(-pds) / 12) if pd < 1 else np.ones(n)
    stays = np.cumprod((1 - hazard) * (1 - s["prepaymentMonthly"]))
    survive = np.concatenate([[1.0], stays[:-1]])
    i = loan["rate"] / 12
    # what is owed at the beginning of month t: the present value of the instalments that are left
    if i == 0:
        owed = loan["balance"] * (n - t + 1) / n
    else:
        instalment = loan["balance"] * i / (1 - (1 + i) ** -n)
        owed = instalment * (1 - (1 + i) ** -(n - t + 1.0)) / i
    discount = (1 + i) ** -t.astype(float) if s["discounted"] else np.ones(n)
    loss = survive * hazard * s["lgd"] * owed * discount
    return loss[:12].sum(), loss.sum()


def main():
    request = json.load(sys.stdin)
    s = request["settings"]
    out = []
    for loan in request["loans"]:
        stage = stages_of(loan["history"], loan["originationPd"], s)
        days, pd = loan["history"][-1]
        weighted = np.zeros(2)
        for scenario in s["scenarios"]:
            weighted += scenario["weight"] * np.array(scenario_loss(loan, pd, s, scenario))
        impaired = s["lgd"] * loan["balance"]
        out.append(
            {
                "stages": stage.tolist(),
                "twelveMonth": weighted[0],
                "lifetime": weighted[1],
                "ifrs9": impaired if stage[-1] == 3 else weighted[stage[-1] - 1],
                "cecl": impaired if days >= s["defaultDaysPastDue"] else weighted[1],
            }
        )
    json.dump(out, sys.stdout)


main()
