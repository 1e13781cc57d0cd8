/**
 * The calls on an agent's page. A call gets a tab when its pop comes and keeps it after the hang-up, so that nothing
 * unsaved is lost. A new pop never takes the field in which somebody is writing: `noted` stays, only `shown` moves.
 */
import type { Candidate, Offer, Pop } from '../api/types'
import { secondsSince } from './clock'
import type { Desk } from './desk'
import { myAgent } from './selectors'

/** More saved tabs than these are closed, the oldest first. Unsaved ones are never closed. */
export const TABS_MAX = 4

export interface CallTab {
  call: string
  offer: number | null
  pop: Pop
  /** How long the caller had waited when the phone was asked to ring; nothing after a reload. */
  waitedS: number | null
  /** The person of this call, when chosen. */
  chosen: string | null
  /** Persons that were found or made by hand in this call. */
  found: Candidate[]
}

export interface Tabs {
  tabs: CallTab[]
  /** The call in the pop. */
  shown: string | null
  /** The call in the note. */
  noted: string | null
}

/** What must not be moved: the call whose note has the cursor, and the calls with unsaved text. */
export interface Work {
  editing: string | null
  unsaved: ReadonlySet<string>
}

export function noTabs(): Tabs {
  return { tabs: [], shown: null, noted: null }
}

export function tabOf(tabs: Tabs, call: string | null): CallTab | null {
  return tabs.tabs.find((tab) => tab.call === call) ?? null
}

/** The pop of an offer, or of the call in hand after a reload. */
export function openTab(tabs: Tabs, pop: Pop, offer: Offer | null, work: Work): Tabs {
  const known = tabOf(tabs, pop.call)
  const again = known !== null && (offer === null || known.offer === offer.offer)
  const tab: CallTab = {
    call: pop.call,
    offer: offer?.offer ?? known?.offer ?? null,
    pop,
    waitedS: offer === null ? (known?.waitedS ?? null) : waitedOf(offer),
    chosen: known?.chosen ?? pop.chosen ?? (pop.candidates.length === 1 ? (pop.candidates[0]?.person ?? null) : null),
    found: known?.found ?? [],
  }
  const others = tabs.tabs.filter((other) => other.call !== pop.call)
  if (again) return { ...tabs, tabs: tabs.tabs.map((other) => (other.call === pop.call ? tab : other)) }
  const kept = settle(others, work)
  return {
    tabs: [...kept, tab],
    shown: pop.call,
    noted: work.editing !== null && tabs.noted === work.editing ? tabs.noted : pop.call,
  }
}

function waitedOf(offer: Offer): number | null {
  const since = offer.pop.waited_since_us
  return since == null ? null : secondsSince(since, offer.offered_us)
}

/** The ringing ended without a conversation: the tab goes, unless something was written. */
export function dropMissed(tabs: Tabs, call: string, work: Work): Tabs {
  return isBusy(call, work) ? tabs : closeTab(tabs, call)
}

export function closeTab(tabs: Tabs, call: string): Tabs {
  const left = tabs.tabs.filter((tab) => tab.call !== call)
  const last = left[left.length - 1]?.call ?? null
  return {
    tabs: left,
    shown: tabs.shown === call ? last : tabs.shown,
    noted: tabs.noted === call ? last : tabs.noted,
  }
}

export function selectTab(tabs: Tabs, call: string): Tabs {
  return tabOf(tabs, call) === null ? tabs : { ...tabs, shown: call, noted: call }
}

export function choosePerson(tabs: Tabs, call: string, person: string): Tabs {
  return change(tabs, call, (tab) => ({ ...tab, chosen: person }))
}

export function addFound(tabs: Tabs, call: string, person: Candidate): Tabs {
  return change(tabs, call, (tab) => ({
    ...tab,
    found: [...tab.found.filter((other) => other.person !== person.person), person],
  }))
}

/** Everybody who may be chosen in a tab: the pop's candidates, then who was found by hand. */
export function personsOf(tab: CallTab): Candidate[] {
  const known = new Set(tab.pop.candidates.map((candidate) => candidate.person))
  return [...tab.pop.candidates, ...tab.found.filter((candidate) => !known.has(candidate.person))]
}

export function chosenPerson(tab: CallTab): Candidate | null {
  return personsOf(tab).find((candidate) => candidate.person === tab.chosen) ?? null
}

export type Phase = 'ringing' | 'talking' | 'dialling' | 'transferring' | 'wrap_up' | 'ended'

/** The call goes on: its tab stays. */
export function inHand(phase: Phase): boolean {
  return phase === 'talking' || phase === 'dialling' || phase === 'transferring'
}

/** Where the call of a tab is, as the desk says. */
export function phaseOf(desk: Desk, call: string): Phase {
  const agent = myAgent(desk)
  const live = desk.calls[call]
  const mine = live !== undefined && live.agent === agent?.agent
  if (mine && (live.stage === 'talking' || live.stage === 'dialling' || live.stage === 'transferring')) return live.stage
  if (mine && live.stage === 'offered') return agent?.work === 'connecting' ? 'talking' : 'ringing'
  if (desk.offer?.call === call) return 'ringing'
  return agent?.work === 'wrap_up' && agent.call === call ? 'wrap_up' : 'ended'
}

function change(tabs: Tabs, call: string, how: (tab: CallTab) => CallTab): Tabs {
  return { ...tabs, tabs: tabs.tabs.map((tab) => (tab.call === call ? how(tab) : tab)) }
}

function isBusy(call: string, work: Work): boolean {
  return work.editing === call || work.unsaved.has(call)
}

/** Saved tabs make room for the next call; the last one stays, so that a late word can be added. */
function settle(tabs: CallTab[], work: Work): CallTab[] {
  const surplus = tabs.length + 1 - TABS_MAX
  if (surplus <= 0) return tabs
  const closing = new Set(
    tabs
      .filter((tab) => !isBusy(tab.call, work))
      .slice(0, surplus)
      .map((tab) => tab.call),
  )
  return tabs.filter((tab) => !closing.has(tab.call))
}
