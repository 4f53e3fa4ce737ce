"""Times as Go's `time.Parse(time.RFC3339, …)` reads them, and so Kubernetes.

Beyond RFC 3339 that allows an hour of one digit, a comma before the fraction, and offsets up to 24:60; it refuses small letters,
leap seconds and 24:00:00.
"""

import re
from datetime import date

RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))",
    re.ASCII,
)

Instant = tuple[int, int]
"""Seconds since the day before 0001-01-01, and nanoseconds."""


def parse(text: str) -> Instant | None:
    """Reads a time; none if it is not one."""
    match = RFC3339.fullmatch(text)
    if not match:
        return None
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    fraction, sign, *offset = match.groups(default="0")[6:]
    offset_hours, offset_minutes = map(int, offset)
    if hour > 23 or minute > 59 or second > 59 or offset_hours > 24 or offset_minutes > 60:
        return None
    try:
        # date() has no year 0, but the calendar repeats every 400 years.
        days = date(2000 + year % 400, month, day).toordinal() + (year // 400 - 5) * 146_097
    except ValueError:
        return None
    east = (offset_hours * 60 + offset_minutes) * (-60 if sign == "-" else 60)
    # Digits after the ninth are cut off.
    return days * 86_400 + (hour * 60 + minute) * 60 + second - east, int(fraction[:9].ljust(9, "0"))
