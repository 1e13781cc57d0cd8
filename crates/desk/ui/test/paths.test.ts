import { expect, test } from 'vitest'
import type { Action, Me, Role } from '../src/api/types'
import { allowed, homeOf } from '../src/util/paths'

function me(roles: Role[], may: Action[], agent: string | null = null): Me {
  return { account: 'a', login: 'a', name: 'a', roles, may: ['be_here', ...may], agent }
}

const agent = me(['agent'], ['set_own_state', 'watch', 'read_calls'], '1001')
const supervisor = me(['supervisor'], ['watch', 'read_calls', 'read_board', 'read_his'])
const quality = me(['quality'], ['read_calls', 'hear_recording'])
const security = me(['security_admin'], ['read_accounts', 'change_accounts'])
const audit = me(['audit_admin'], ['read_accounts', 'read_audit'])
const manager = me(['manager'], ['read_reports', 'read_board'])

test('everybody comes to the page of the own work', () => {
  const homes = [agent, supervisor, quality, security, audit, manager].map(homeOf)
  expect(homes).toEqual(['/desk', '/live', '/calls', '/accounts', '/audit', '/nothing'])
})

test('nobody may go to a page whose contents are refused', () => {
  expect([supervisor, quality, manager].map(allowed.accounts)).toEqual([false, false, false])
  expect([agent, security].map(allowed.audit)).toEqual([false, false])
  expect([security, audit].map(allowed.calls)).toEqual([false, false])
  expect(allowed.live(agent)).toBe(false)
  expect([agent, supervisor, quality, audit].map(allowed.his)).toEqual([false, true, false, false])
})
