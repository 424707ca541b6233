"""Working days of England by people who have nothing to do with the hub.

Reads {"from": year, "to": year, "starts": [seconds since 1970], "days": [how many working days], "opening": [how many working days
from when the office is open], "times": [times of the next working day], "opens": time, "closes": time} and writes
{"working": [the working days], "due": ..., "opening": ..., "times": ...}, each of them {what was asked: [seconds since 1970 for each start]}.
"""

import json
import sys
from bisect import bisect_right
from datetime import date, datetime, time, timedelta, timezone
from functools import cache
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


OPENS, CLOSES = (time.fromisoformat(asked[name]) for name in ("opens", "closes"))
is_working = set(working)


@cache
def opening(local):
    """The first morning, from this moment on, at which the office opens."""
    morning = datetime.combine(local.date(), OPENS)
    while morning < local or morning.date() not in is_working:
        morning = datetime.combine(morning.date() + timedelta(days=1), OPENS)
    return morning


@cache
def here(start):
    return datetime.fromtimestamp(start, timezone.utc).astimezone(LONDON).replace(tzinfo=None)


def seconds(local):
    return int(local.replace(tzinfo=LONDON, microsecond=0).timestamp())


def due_from_opening(start, days):
    """So many working days from the start while the office is open, and otherwise from when it opens next."""
    local = here(start)
    is_open = local.date() in is_working and OPENS <= local.time() < CLOSES
    counted = local if is_open else opening(local)
    for _ in range(days):
        counted += timedelta(days=1)
        while counted.date() not in is_working:
            counted += timedelta(days=1)
    return seconds(counted)


def due_at(start, at):
    return seconds(datetime.combine(opening(here(start)).date(), time.fromisoformat(at)))


def each(work, asked_for):
    return {str(one): [work(start, one) for start in asked["starts"]] for one in asked_for}


json.dump(
    {
        "working": [day.isoformat() for day in working if asked["from"] <= day.year <= asked["to"]],
        "due": each(due, asked["days"]),
        "opening": each(due_from_opening, asked["opening"]),
        "times": each(due_at, asked["times"]),
    },
    sys.stdout,
)
