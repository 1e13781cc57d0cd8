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
  nothing: '/nothing',
} as const

/** Who may be at which address; the desk asks again with each request. */
export const allowed: Record<'desk' | 'live' | 'calls' | 'accounts' | 'audit' | 'nothing', (me: Me) => boolean> = {
  desk: (me) => me.may.includes('set_own_state'),
  live: (me) => me.may.includes('watch') && !me.may.includes('set_own_state'),
  calls: (me) => me.may.includes('read_calls'),
  accounts: (me) => me.may.includes('read_accounts'),
  audit: (me) => me.may.includes('read_audit'),
  nothing: () => true,
}

/** Where somebody works: the first of these. */
export function homeOf(me: Me): string {
  const order = ['desk', 'live', 'calls', 'audit', 'accounts', 'nothing'] as const
  return paths[order.find((name) => allowed[name](me)) ?? 'nothing']
}
