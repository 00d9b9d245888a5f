"""Figures of the Berka tables that the simulated bank is calibrated on (src/simulation/bank/calibration.ts).

Usage: python calibrate_bank.py DATA_DIRECTORY   (needs pandas)

Uses the transactions before the loan of 1997-1998: 354 accounts with whole histories.
"""

import sys
from pathlib import Path

import pandas as pd

berka = Path(sys.argv[1]) / "berka"
transactions = pd.read_csv(berka / "trans_before_loan_1997_1998.csv.gz", sep=";")
transactions["day"] = pd.to_datetime("19" + transactions["date"].astype(str))
transactions["month"] = transactions["day"].dt.to_period("M")
debits = transactions[transactions["type"] != "credit"]
income = transactions[transactions["operation"] == "collection from another bank"]


def title(text):
    print(f"\n{text}")


title("transactions an account and month")
print(round(len(transactions) / transactions.groupby(["account_id", "month"]).ngroups, 2))

title("season: debits of a month over the account's mean month, first and last month of each account left out")
spent = debits.groupby(["account_id", "month"])["amount"].sum().reset_index()
edge = spent.groupby("account_id")["month"].agg(["min", "max"])
spent = spent.join(edge, on="account_id")
spent = spent[(spent["month"] > spent["min"]) & (spent["month"] < spent["max"])]
spent["relative"] = spent["amount"] / spent.groupby("account_id")["amount"].transform("mean")
print(spent.groupby(spent["month"].dt.month)["relative"].mean().round(2).to_dict())

title("regular income by transfer: spread of the day of month within an account, spread of amounts over mean")
print(income.groupby("account_id")["day"].apply(lambda days: days.dt.day.std()).max())
by_account = income.groupby("account_id")["amount"]
print((by_account.std() / by_account.mean()).describe().round(3).to_dict())

title("day of month on which it comes, share")
print(income["day"].dt.day.value_counts(normalize=True).sort_index().round(2).to_dict())

title("mean balance over monthly income by transfer, quantiles over accounts")
monthly = income.groupby("account_id")["amount"].mean()
buffer = (transactions.groupby("account_id")["balance"].mean() / monthly).dropna()
print(buffer.quantile([0.05, 0.25, 0.5, 0.75, 0.95]).round(2).to_dict())

title("accounts ever below zero, share; transactions below zero, share; sanction interest charged, times")
print(round((transactions.groupby("account_id")["balance"].min() < 0).mean(), 3))
print(round((transactions["balance"] < 0).mean(), 4))
print(int((transactions["k_symbol"] == "sanction interest if negative balance").sum()))

title("cash share of debits, by number and by amount")
cash = debits["operation"] == "withdrawal in cash"
print(round(cash.mean(), 2), round(debits.loc[cash, "amount"].sum() / debits["amount"].sum(), 2))

title("standing orders an account that has any")
orders = pd.read_csv(berka / "order.asc", sep=";", encoding="latin1")
print(round(orders.groupby("account_id").size().mean(), 2))

title("districts: unemployment, urban share, entrepreneurs per 1,000, crimes per 1,000, population: lowest and highest")
districts = pd.read_csv(berka / "district.asc", sep=";", encoding="latin1", na_values="?")
crimes = 1000 * districts["A16"] / districts["A4"]
for name, values in (("A13", districts["A13"]), ("A10", districts["A10"]), ("A14", districts["A14"]), ("crimes", crimes), ("A4", districts["A4"])):
    print(name, round(values.min(), 2), round(values.median(), 2), round(values.max(), 2))
