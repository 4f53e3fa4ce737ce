// Times as Go's `time.Parse(time.RFC3339, …)` reads them, and so Kubernetes. Beyond RFC 3339 that allows an hour of one digit, a
// comma before the fraction, and offsets up to 24:60; it refuses small letters, leap seconds and 24:00:00.

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))$/;

// Reads a time as seconds since 1970 and nanoseconds; null if it is not one.
export function parseTime(text) {
  const match = RFC3339.exec(text);
  if (match === null) {
    return null;
  }
  const [, , , , , , , fraction = "", sign, ...offset] = match;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  const [offsetHours, offsetMinutes] = sign ? offset.map(Number) : [0, 0];
  // Not by Date.UTC, which takes the years 0 to 99 for 1900 to 1999.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const isDay = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!isDay || hour > 23 || minute > 59 || second > 59 || offsetHours > 24 || offsetMinutes > 60) {
    return null;
  }
  const east = (offsetHours * 60 + offsetMinutes) * (sign === "-" ? -60 : 60);
  return {
    seconds: date.getTime() / 1000 + (hour * 60 + minute) * 60 + second - east,
    // Digits after the ninth are cut off.
    nanoseconds: Number(fraction.padEnd(9, "0").slice(0, 9)),
  };
}

export function isAfter(a, b) {
  return a.seconds > b.seconds || (a.seconds === b.seconds && a.nanoseconds > b.nanoseconds);
}
