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
  his: '/his',
  nothing: '/nothing',
} as const

/** Who may be at which address; the desk asks again with each request. */
export const allowed: Record<(typeof ways)[number] | 'nothing', (me: Me) => boolean> = {
  desk: (me) => me.may.includes('set_own_state'),
  live: (me) => me.may.includes('watch') && !me.may.includes('set_own_state'),
  calls: (me) => me.may.includes('read_calls'),
  accounts: (me) => me.may.includes('read_accounts'),
  audit: (me) => me.may.includes('read_audit'),
  persons: (me) => me.may.includes('read_person'),
  merges: (me) => me.may.includes('read_duplicates'),
  his: (me) => me.may.includes('read_his'),
  nothing: () => true,
}

/** What the head of a page leads to, in this order, for whom it is. */
export const ways = ['desk', 'live', 'calls', 'persons', 'merges', 'his', 'accounts', 'audit'] as const

/** One person's file. */
export function personPath(person: string): string {
  return `${paths.persons}/${encodeURIComponent(person)}`
}

/** Where somebody works: the first of these. */
export function homeOf(me: Me): string {
  const order = ['desk', 'live', 'calls', 'audit', 'accounts', 'his', 'nothing'] as const
  return paths[order.find((name) => allowed[name](me)) ?? 'nothing']
}
