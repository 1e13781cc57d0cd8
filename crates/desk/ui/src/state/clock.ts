/** Time as people read it. All times are the server's, UTC microseconds. */

/** The server's present, from this computer's clock and the known offset. */
export function serverNowUs(nowMs: number, offsetUs: number): number {
  return nowMs * 1000 + offsetUs
}

/** Whole seconds between two moments; a clock that is a little behind never shows less than nothing. */
export function secondsSince(sinceUs: number, nowUs: number): number {
  return Math.max(0, Math.floor((nowUs - sinceUs) / 1_000_000))
}

/** `02:14`, or `1:02:14` from one hour on. */
export function asTimer(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const hours = Math.floor(whole / 3600)
  const rest = `${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`
  return hours > 0 ? `${hours}:${rest}` : rest
}

export function timerSince(sinceUs: number, nowUs: number): string {
  return asTimer(secondsSince(sinceUs, nowUs))
}

/** `12:03:05` on this computer's clock face. */
export function asClock(us: number): string {
  const at = new Date(us / 1000)
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}

/** `12:03` today, `11-18 12:03` this year, `2025-11-18 12:03` before. */
export function asMoment(us: number, nowUs: number): string {
  const at = new Date(us / 1000)
  const now = new Date(nowUs / 1000)
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}`
  const day = `${two(at.getMonth() + 1)}-${two(at.getDate())}`
  if (at.getFullYear() !== now.getFullYear()) return `${at.getFullYear()}-${day} ${clock}`
  return isSameDay(us, nowUs) ? clock : `${day} ${clock}`
}

export function isSameDay(aUs: number, bUs: number): boolean {
  return new Date(aUs / 1000).toDateString() === new Date(bUs / 1000).toDateString()
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
