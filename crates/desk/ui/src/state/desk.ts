/**
 * What the page knows of the call centre: the snapshot, and the changes after it. A plain value; no document, no
 * network, no clock. Times are the server's, UTC microseconds; `offsetUs` turns this computer's clock into it.
 */
import type {
  AgentLive,
  CallLive,
  Change,
  Me,
  NotReadyReason,
  Offer,
  QueueLive,
  Snapshot,
  Storage,
  StreamMessage,
  SwitchLive,
} from '../api/types'
import type { Link } from '../api/stream'

export interface OfferEnd {
  call: string
  offer: number
  outcome: string
}

export interface Desk {
  link: Link
  /** False until the first snapshot. */
  known: boolean
  me: Me | null
  storage: Storage
  switches: SwitchLive[]
  agents: Record<string, AgentLive>
  queues: QueueLive[]
  calls: Record<string, CallLive>
  reasons: NotReadyReason[]
  offer: Offer | null
  lastOfferEnd: OfferEnd | null
  /** Recordings that were written or began while the page was open, by call. */
  recordings: Record<string, string[]>
  /** Server's clock minus this computer's, microseconds. */
  offsetUs: number
  /** When the last message came, this computer's clock, milliseconds. */
  heardMs: number
}

export function emptyDesk(): Desk {
  return {
    link: 'closed',
    known: false,
    me: null,
    storage: 'ok',
    switches: [],
    agents: {},
    queues: [],
    calls: {},
    reasons: [],
    offer: null,
    lastOfferEnd: null,
    recordings: {},
    offsetUs: 0,
    heardMs: 0,
  }
}

/** The desk after a message that came at `nowMs` of this computer's clock. The stream has checked its number. */
export function reduce(desk: Desk, message: StreamMessage, nowMs: number): Desk {
  const heard = { ...desk, heardMs: nowMs }
  return message.kind === 'snapshot' ? fromSnapshot(heard, message, nowMs) : apply(heard, message)
}

export function withLink(desk: Desk, link: Link): Desk {
  return { ...desk, link }
}

function fromSnapshot(desk: Desk, snapshot: Snapshot, nowMs: number): Desk {
  return {
    ...desk,
    known: true,
    me: snapshot.me,
    storage: snapshot.storage,
    switches: snapshot.switches,
    agents: keyed(snapshot.agents, (agent) => agent.agent),
    queues: snapshot.queues,
    calls: keyed(snapshot.calls, (call) => call.call),
    reasons: snapshot.not_ready_codes,
    offer: snapshot.offer ?? null,
    lastOfferEnd: null,
    offsetUs: snapshot.server_time_us - nowMs * 1000,
  }
}

function apply(desk: Desk, change: Change): Desk {
  switch (change.kind) {
    case 'call':
      return { ...desk, calls: { ...desk.calls, [change.call.call]: change.call } }
    case 'call_gone':
      return withoutCall(desk, change.call)
    case 'agent':
      return { ...desk, agents: { ...desk.agents, [change.agent.agent]: change.agent } }
    case 'queue':
      return { ...desk, queues: replaced(desk.queues, change.queue, (queue) => queue.queue) }
    case 'switch':
      return { ...desk, switches: replaced(desk.switches, change.switch, (one) => one.id) }
    case 'storage':
      return { ...desk, storage: change.storage }
    case 'offer':
      return { ...desk, offer: change.offer }
    case 'offer_ended':
      return {
        ...desk,
        offer: desk.offer !== null && sameOffer(desk.offer, change) ? null : desk.offer,
        lastOfferEnd: { call: change.call, offer: change.offer, outcome: change.outcome },
      }
    case 'recording':
      return { ...desk, recordings: withRecording(desk.recordings, change.call, change.recording) }
    case 'superseded':
    case 'pong':
      return desk
  }
  // A newer desk may say what this page does not know yet; it changes nothing here.
  return desk
}

function sameOffer(offer: Offer, end: OfferEnd): boolean {
  return offer.call === end.call && offer.offer === end.offer
}

function withoutCall(desk: Desk, call: string): Desk {
  const { [call]: _gone, ...calls } = desk.calls
  return { ...desk, calls, offer: desk.offer?.call === call ? null : desk.offer }
}

function withRecording(all: Record<string, string[]>, call: string, recording: string): Record<string, string[]> {
  const before = all[call] ?? []
  return before.includes(recording) ? all : { ...all, [call]: [...before, recording] }
}

function keyed<T>(items: T[], key: (item: T) => string): Record<string, T> {
  return Object.fromEntries(items.map((item) => [key(item), item]))
}

function replaced<T>(items: T[], item: T, key: (item: T) => string): T[] {
  const known = items.some((other) => key(other) === key(item))
  return known ? items.map((other) => (key(other) === key(item) ? item : other)) : [...items, item]
}
