import { expect, test } from 'vitest'
import type { CallLive, Offer, Snapshot, StreamMessage } from '../src/api/types'
import { emptyDesk, reduce } from '../src/state/desk'
import { callsInOrder, myCall } from '../src/state/selectors'

const call = (id: string, more: Partial<CallLive> = {}): CallLive => ({
  call: id,
  direction: 'in',
  caller_masked: '138****2345',
  caller_name: '',
  line: 'main',
  medium: '',
  stage: 'queued',
  offered_us: 1,
  stage_since_us: 1,
  label: '',
  ...more,
})
const snapshot = (more: Partial<Snapshot> = {}): StreamMessage => ({
  seq: 1,
  kind: 'snapshot',
  server_time_us: 5_000_000,
  me: { account: 'a', login: '1001', name: '张敏', roles: ['agent'], may: ['set_own_state'], agent: '1001' },
  storage: 'ok',
  switches: [],
  agents: [],
  queues: [],
  calls: [call('c1')],
  not_ready_codes: [],
  ...more,
})

test('a snapshot replaces everything, and changes follow it', () => {
  let desk = reduce(emptyDesk(), snapshot(), 1_000)
  expect(desk.offsetUs).toBe(4_000_000)
  desk = reduce(desk, { seq: 2, kind: 'call', call: call('c2', { stage: 'talking', agent: '1001' }) }, 1_001)
  expect(myCall(desk)?.call).toBe('c2')
  expect(callsInOrder(desk).map((one) => one.call)).toEqual(['c1', 'c2'])
  desk = reduce(desk, { seq: 3, kind: 'call_gone', call: 'c2' }, 1_002)
  expect(myCall(desk)).toBeNull()
  desk = reduce(desk, snapshot({ calls: [] }), 1_003)
  expect(callsInOrder(desk)).toEqual([])
})

test('an offer ends with its own end, not with that of an older one', () => {
  const offer = { call: 'c1', offer: 7 } as Offer
  let desk = reduce(emptyDesk(), snapshot({ offer }), 0)
  desk = reduce(desk, { seq: 2, kind: 'offer_ended', call: 'c1', offer: 6, outcome: 'no_answer' }, 0)
  expect(desk.offer).toEqual(offer)
  desk = reduce(desk, { seq: 3, kind: 'offer_ended', call: 'c1', offer: 7, outcome: 'answered' }, 0)
  expect(desk.offer).toBeNull()
})

test('what a newer desk says and this page does not know changes nothing', () => {
  const desk = reduce(emptyDesk(), snapshot(), 0)
  expect(reduce(desk, { seq: 2, kind: 'wallboard' } as unknown as StreamMessage, 0)).toEqual(desk)
})
