"""Working days of England by people who have nothing to do with the hub.

Reads {"from": year, "to": year, "starts": [seconds since 1970], "days": [how many working days]} and writes
{"working": [the working days], "due": {days: [seconds since 1970 for each start]}}.
"""

import json
import sys
from bisect import bisect_right
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import holidays

LONDON = ZoneInfo("Europe/London")
asked = json.load(sys.stdin)

bank_holidays = holidays.country_holidays("GB", subdiv="ENG", years=range(asked["from"] - 1, asked["to"] + 2))
day, end, working = date(asked["from"] - 1, 1, 1), date(asked["to"] + 1, 12, 31), []
while day <= end:
    if day.weekday() < 5 and day not in bank_holidays:
        working.append(day)
    day += timedelta(days=1)


def due(start, days):
    """The same local time so many working days later. What comes on another day came in the last second of the one before."""
    local = datetime.fromtimestamp(start, timezone.utc).astimezone(LONDON)
    place = bisect_right(working, local.date()) - 1
    at = local.time().replace(microsecond=0) if working[place] == local.date() else time(23, 59, 59)
    ends = datetime.combine(working[place + days], at, LONDON)
    return int(ends.timestamp())


json.dump(
    {
        "working": [day.isoformat() for day in working if asked["from"] <= day.year <= asked["to"]],
        "due": {str(days): [due(start, days) for start in asked["starts"]] for days in asked["days"]},
    },
    sys.stdout,
)
