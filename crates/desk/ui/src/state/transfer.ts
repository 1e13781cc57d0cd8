/** Transfers in words. */
import type { Change, Transfer } from '../api/types'

type Say = (key: string, places?: Record<string, string>) => string

/** What the history says of one: who passed the call on, how, to whom, and what came of it. */
export function transferLine(transfer: Transfer, say: Say): string {
  return say('transfer.line', {
    agent: transfer.agent_name,
    kind: say(transfer.attended ? 'transfer.attended' : 'transfer.blind'),
    to: transfer.to,
    outcome: say(`transfer.${transfer.outcome ?? 'open'}`),
  })
}

/** What the agent who passed a call on is told. */
export function transferText(ended: Extract<Change, { kind: 'transfer_ended' }>, say: Say): string {
  const { to, outcome } = ended
  if (outcome === 'connected') return say('call.passed_on', { to })
  return say('call.not_passed_on', { to, outcome: say(`transfer.${outcome}`) })
}
