/** Every address of the pages; links are built nowhere else. */
import type { Me } from '../api/types'

export const paths = {
  start: '/',
  signIn: '/sign-in',
  desk: '/desk',
  live: '/live',
  calls: '/calls',
  accounts: '/accounts',
  audit: '/audit',
  persons: '/persons',
  merges: '/merges',
  nothing: '/nothing',
} as const

/** Who may be at which address; the desk asks again with each request. */
export const allowed: Record<'desk' | 'live' | 'calls' | 'accounts' | 'audit' | 'persons' | 'merges' | 'nothing', (me: Me) => boolean> = {
  desk: (me) => me.may.includes('set_own_state'),
  live: (me) => me.may.includes('watch') && !me.may.includes('set_own_state'),
  calls: (me) => me.may.includes('read_calls'),
  accounts: (me) => me.may.includes('read_accounts'),
  audit: (me) => me.may.includes('read_audit'),
  persons: (me) => me.may.includes('read_person'),
  merges: (me) => me.may.includes('read_duplicates'),
  nothing: () => true,
}

/** What the head of a page leads to, in this order, for whom it is. */
export const ways = ['desk', 'live', 'calls', 'persons', 'merges', 'accounts', 'audit'] as const

/** One person's file. */
export function personPath(person: string): string {
  return `${paths.persons}/${encodeURIComponent(person)}`
}

/** Where somebody works: the first of these. */
export function homeOf(me: Me): string {
  const order = ['desk', 'live', 'calls', 'audit', 'accounts', 'nothing'] as const
  return paths[order.find((name) => allowed[name](me)) ?? 'nothing']
}
