/**
 * What the desk sends and takes, by the names that pages use. The shapes come from the desk's own description
 * (`openapi.json`, written by the desk; `npm run api` makes `schema.d.ts` of it). Numbers of telephones arrive masked;
 * all text is text, never markup.
 */
import type { components } from './schema'

type Schemas = components['schemas']

export type Role = Schemas['Role']
export type Intent = Schemas['IntentWord']
export type Work = Schemas['WorkWord']
export type Device = Schemas['DeviceWord']
export type Stage = Schemas['CallStageWord']
export type Storage = Schemas['StorageHealth']
export type Sex = Schemas['SexWord']

/** A code of the configuration with its names. */
export interface Named {
  code: string
  name: string
  name_en: string
}
/** The description has two shapes by the name `Choice`, so the lists are written here. */
export type Hospital = Omit<Schemas['Hospital'], 'sources' | 'media' | 'lines'> & {
  sources: Named[]
  media: Named[]
  lines: Named[]
}
export type DemoAccount = Schemas['DemoAccount']
export type Me = Schemas['Me']
export type Action = Schemas['Action']
export type Account = Schemas['AccountInfo']
export type NewAccount = Schemas['NewAccountForm']
export type AuditEntry = Schemas['AuditEntry']
export type ChainInfo = Schemas['ChainInfo']
export type HisDoor = Schemas['HisDoorInfo']
export type HisMessage = Schemas['HisMessageInfo']
export type HisMessageDetail = Schemas['HisMessageDetail']

export type Visit = Schemas['VisitInfo']
export type Pair = Schemas['Pair']
export type PairSide = Schemas['PairSide']
export type MergeInfo = Schemas['MergeInfo']

export type AgentLive = Schemas['AgentLive']
export type QueueLive = Schemas['QueueLive']
export type CallLive = Schemas['CallLive']
export type SwitchLive = Schemas['SwitchLive']
export type NotReadyReason = Schemas['NotReadyReason']

export type Contact = Schemas['Contact']
export type Candidate = Schemas['Candidate']
export type Pop = Schemas['Pop']
export type Offer = Schemas['Offer']
export type PersonFile = Schemas['PersonFile']
export type PersonCard = Schemas['PersonCard']
export type NewPerson = Schemas['NewPersonForm']

/** Who passed a call on, and to whom. */
export type Transfer = Schemas['TransferInfo']
/** One line of the history. */
export type CallRow = Schemas['CallSummary']
/** A note as it is saved; version 0 and empty when there is none. */
export type Note = Schemas['NoteText']
/** The two sides of a recording, drawn; 0 to 255. */
export type Peaks = Schemas['Peaks']

/** One message of the stream; `seq` counts from 1 on each connection. */
export type StreamMessage = Schemas['ServerMessage']
export type Snapshot = Extract<StreamMessage, { kind: 'snapshot' }>
/** What changes after a snapshot. */
export type Change = Exclude<StreamMessage, { kind: 'snapshot' }>
/** What the page says on the stream. */
export type PageMessage = Schemas['PageMessage']
