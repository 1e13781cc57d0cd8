/** The hospital's messages as people read them: where one is wrong, and how the doors are. */
import type { HisDoor, HisMessage } from '../api/types'

/** A segment in three parts, the middle one being what is wrong; empty where nothing is. */
export interface Marked {
  before: string
  wrong: string
  after: string
}

/** A door where more than these wait is one that somebody should look at. */
export const WAITING_MANY = 50
/** The same when the oldest of them waits for longer, microseconds. */
export const WAITING_LONG_US = 15 * 60 * 1_000_000

/** The segments with the place of `path` marked: `PID-3`, or a whole segment: `PID`. */
export function marked(segments: readonly string[], path: string | null | undefined): Marked[] {
  const [name, field] = (path ?? '').split('-')
  const bar = segments[0]?.charAt(3) ?? '|'
  const first = segments.findIndex((segment) => name !== '' && segment.split(bar)[0] === name)
  return segments.map((segment, index) => (index === first ? markedOne(segment, bar, field) : plain(segment)))
}

/** Whether the place of `path` is in a segment that the message does not have. */
export function isMissing(segments: readonly string[], path: string | null | undefined): boolean {
  return path != null && path !== '' && marked(segments, path).every((segment) => segment.wrong === '')
}

function plain(segment: string): Marked {
  return { before: segment, wrong: '', after: '' }
}

function markedOne(segment: string, bar: string, field: string | undefined): Marked {
  if (field === undefined) return { before: '', wrong: segment, after: '' }
  const fields = segment.split(bar)
  // The first field of MSH is the bar itself.
  const place = Number.parseInt(field, 10) - (fields[0] === 'MSH' ? 1 : 0)
  if (!(place > 0)) return { before: '', wrong: segment, after: '' }
  if (place >= fields.length) return { before: segment, wrong: '…', after: '' }
  const after = fields.slice(place + 1)
  return {
    before: `${fields.slice(0, place).join(bar)}${bar}`,
    // What is missing is marked too.
    wrong: fields[place] === '' ? '…' : (fields[place] ?? ''),
    after: after.length === 0 ? '' : `${bar}${after.join(bar)}`,
  }
}

/** How many messages of a door are in a state. */
export function countOf(door: HisDoor, state: string): number {
  return door.counts.find((count) => count.state === state)?.messages ?? 0
}

/** How many wait for a person. */
export function waitingOf(door: HisDoor): number {
  return countOf(door, 'parked') + countOf(door, 'refused')
}

/** Whether somebody should look at it now. */
export function isOverdue(door: HisDoor, nowUs: number): boolean {
  const oldest = door.oldest_us ?? nowUs
  return waitingOf(door) > WAITING_MANY || nowUs - oldest > WAITING_LONG_US
}

/** Whether a person may still decide about it. */
export function isOpen(message: HisMessage): boolean {
  return message.state === 'parked' || message.state === 'refused'
}
