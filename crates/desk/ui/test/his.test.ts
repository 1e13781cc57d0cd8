import { expect, test } from 'vitest'
import type { HisDoor } from '../src/api/types'
import { isMissing, isOverdue, marked, waitingOf } from '../src/state/his'

const segments = ['MSH|^~\\&|HIS|H|CARE|LINE|2026||ADT^A08|1|P|2.4', 'PID|||7^^^HIS^MR||王^芳', 'PV1||I']

function wrong(path: string | null): string[] {
  return marked(segments, path).map((segment) => segment.wrong)
}

test('the place that is named is marked, and nothing is lost', () => {
  expect(wrong('PID-3')).toEqual(['', '7^^^HIS^MR', ''])
  expect(wrong('PID-5')).toEqual(['', '王^芳', ''])
  expect(wrong('MSH-9')).toEqual(['ADT^A08', '', ''])
  expect(wrong('MSH-12')).toEqual(['2.4', '', ''])
  expect(wrong('PV1')).toEqual(['', '', 'PV1||I'])
  for (const path of ['PID-3', 'PID-5', 'MSH-9', 'MSH-12', 'PV1', 'PV1-2', null, '', 'ZZZ-1', 'MSH-1', 'PID-x']) {
    const whole = marked(segments, path).map((segment) => segment.before + segment.wrong + segment.after)
    expect([path, whole]).toEqual([path, segments])
  }
})

test('what is not there is marked where it should be', () => {
  expect(marked(segments, 'PID-4')[1]).toEqual({ before: 'PID|||7^^^HIS^MR|', wrong: '…', after: '|王^芳' })
  expect(marked(segments, 'PV1-19')[2]).toEqual({ before: 'PV1||I', wrong: '…', after: '' })
  expect([isMissing(segments, 'SCH-1'), isMissing(segments, 'PID-4'), isMissing(segments, null)]).toEqual([true, false, false])
  expect(marked([], 'PID-3')).toEqual([])
})

test('a door with many or old messages is one to look at', () => {
  const door = (parked: number, oldest_us: number | null): HisDoor => ({
    source: 'his',
    listen: '127.0.0.1:2575',
    encrypted: false,
    counts: [{ state: 'parked', messages: parked }, { state: 'applied', messages: 9 }],
    last_us: 1,
    oldest_us,
  })
  const now = 10_000_000_000
  expect(waitingOf(door(3, now))).toBe(3)
  expect([door(51, now), door(50, now), door(1, now - 16 * 60_000_000), door(0, null)].map((one) => isOverdue(one, now))).toEqual([
    true,
    false,
    true,
    false,
  ])
})
