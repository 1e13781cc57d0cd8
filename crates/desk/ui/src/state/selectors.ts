/** Questions that pages ask of the desk's state. */
import type { AgentLive, CallLive, QueueLive, Work } from '../api/types'
import type { Desk } from './desk'

/** The signed-in agent, when the switch knows one. */
export function myAgent(desk: Desk): AgentLive | null {
  const id = desk.me?.agent
  return id ? (desk.agents[id] ?? null) : null
}

/** The call that rings at, talks to, is dialled or passed on by the signed-in agent. */
export function myCall(desk: Desk): CallLive | null {
  const id = desk.me?.agent
  if (!id) return null
  return Object.values(desk.calls).find((call) => call.agent === id && inHand(call)) ?? null
}

function inHand(call: CallLive): boolean {
  return call.stage !== 'flow' && call.stage !== 'queued'
}

/** Patients have a file that opens by itself; colleagues have none. */
export function hasFile(call: CallLive): boolean {
  return call.direction !== 'internal'
}

/** One word for what an agent is: the work when there is any, otherwise the wish. */
export type StateWord = Exclude<Work, 'idle'> | 'logged_out' | 'ready' | 'not_ready' | 'device_lost'

export function stateWord(agent: AgentLive): StateWord {
  if (agent.work !== 'idle') return agent.work
  if (agent.intent === 'ready' && (agent.device === 'none' || agent.device === 'lost')) return 'device_lost'
  return agent.intent
}

/** Calls for the supervisor: who waits comes first, and among those who waits longest. */
export function callsInOrder(desk: Desk): CallLive[] {
  const rank = { queued: 0, transferring: 1, offered: 2, dialling: 3, flow: 4, talking: 5 } as const
  return Object.values(desk.calls).sort(
    (a, b) => rank[a.stage] - rank[b.stage] || a.stage_since_us - b.stage_since_us || a.call.localeCompare(b.call),
  )
}

export function agentsInOrder(desk: Desk): AgentLive[] {
  return Object.values(desk.agents).sort((a, b) => a.agent.localeCompare(b.agent))
}

export function queueName(queues: QueueLive[], id: string | null | undefined): string {
  if (!id) return ''
  return queues.find((queue) => queue.queue === id)?.name ?? id
}

/** True while commands can be given: the page sees what is so now. */
export function isLive(desk: Desk): boolean {
  return desk.link === 'live'
}

export function awaySwitches(desk: Desk): string[] {
  return desk.switches.filter((one) => !one.connected).map((one) => one.id)
}
