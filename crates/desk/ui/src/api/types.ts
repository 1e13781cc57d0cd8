/** What the desk sends and takes. Numbers of telephones arrive masked; all text is text, never markup. */

export type Role = 'agent' | 'supervisor'
export type Intent = 'logged_out' | 'ready' | 'not_ready'
export type Work = 'idle' | 'reserved' | 'ringing' | 'connecting' | 'talking' | 'dialing' | 'wrap_up'
export type Device = 'none' | 'registered' | 'in_use' | 'lost'
export type Stage = 'flow' | 'queued' | 'offered' | 'talking'
export type Storage = 'ok' | 'locked' | 'read_only' | 'failed'
export type Sex = 'male' | 'female' | 'unknown'

export interface Named {
  code: string
  name: string
  name_en?: string | null
}

export interface Hospital {
  name: string
  demo: boolean
  sources: Named[]
  media: Named[]
  lines: Named[]
  version: string
}

export interface DemoAccount {
  login: string
  name: string
  role: Role
  agent?: string | null
}

export interface Me {
  account: string
  login: string
  name: string
  role: Role
  agent?: string | null
}

export interface AgentLive {
  agent: string
  name: string
  intent: Intent
  code?: string | null
  work: Work
  device: Device
  call?: string | null
  since_us: number
}

export interface QueueLive {
  queue: string
  name: string
  waiting: number
  longest_since_us?: number | null
  agents_routable: number
}

export interface CallLive {
  call: string
  caller_masked: string
  caller_name: string
  line: string
  medium: string
  stage: Stage
  queue?: string | null
  agent?: string | null
  offered_us: number
  stage_since_us: number
  persons?: number | null
  label: string
}

export interface SwitchLive {
  id: string
  connected: boolean
}

export interface NotReadyReason {
  code: string
  name: string
  productive: boolean
}

export interface Contact {
  call: string
  offered_us: number
  answered: boolean
  agent_name: string
  queue?: string | null
  line: string
  medium: string
  talk_ms: number
  note?: string | null
  recordings: string[]
  end_cause?: string | null
}

export interface PersonCard {
  person: string
  name: string
  sex: Sex
  age?: number | null
  record_number?: string | null
  alert: string
  deceased: boolean
  phones: string[]
}

export interface PersonFile {
  card: PersonCard
  contacts: Contact[]
}

export interface Candidate extends PersonCard {
  relation?: string | null
  reasons: string[]
  score: number
  contacts: Contact[]
}

export interface Pop {
  call: string
  caller_masked: string
  withheld: boolean
  caller_name: string
  place: string
  line: string
  medium: string
  queue?: string | null
  waited_since_us?: number | null
  ivr: string[]
  candidates: Candidate[]
  number_contacts: Contact[]
  chosen?: string | null
  stale: boolean
}

export interface Offer {
  call: string
  offer: number
  agent: string
  offered_us: number
  pop: Pop
}

/** One line of the history. */
export interface CallRow extends Contact {
  caller_masked: string
  caller_name: string
  person?: { id: string; name: string } | null
  wait_ms: number
}

export interface Note {
  text: string
  version: number
  at_us?: number | null
}

export interface Peaks {
  per_second: number
  left: number[]
  right: number[]
  duration_ms: number
}

export interface NewPerson {
  name?: string
  sex?: Sex
  birth_date?: string
  source: string
  call?: string
}

export interface Snapshot {
  kind: 'snapshot'
  server_time_us: number
  me: Me
  storage: Storage
  switches: SwitchLive[]
  agents: AgentLive[]
  queues: QueueLive[]
  calls: CallLive[]
  not_ready_codes: NotReadyReason[]
  offer?: Offer | null
}

/** What changes after the snapshot. */
export type Change =
  | { kind: 'call'; call: CallLive }
  | { kind: 'call_gone'; call: string }
  | { kind: 'agent'; agent: AgentLive }
  | { kind: 'queue'; queue: QueueLive }
  | { kind: 'switch'; switch: SwitchLive }
  | { kind: 'storage'; storage: Storage }
  | { kind: 'offer'; offer: Offer }
  | { kind: 'offer_ended'; call: string; offer: number; outcome: string }
  | { kind: 'recording'; call: string; recording: string; finished: boolean }
  | { kind: 'superseded' }
  | { kind: 'pong' }

/** One message of the stream; `seq` counts from 1 on each connection. */
export type StreamMessage = (Snapshot | Change) & { seq: number }

/** What the page says on the stream. */
export type PageMessage = { kind: 'painted'; call: string; offer: number } | { kind: 'ping' }
