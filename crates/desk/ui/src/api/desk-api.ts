/** Everything that pages ask of the desk by request. */
import type { NoteConflict, SavedNote } from '../state/note-keeper'
import { answer, client } from './client'
import { Problem } from './problem'
import type { HisMessage, Hospital, NewAccount, NewPerson, Note, PairSide, Role } from './types'

export const deskApi = {
  hospital: () => answer(client.GET('/api/hospital')) as Promise<unknown> as Promise<Hospital>,
  demoAccounts: () => answer(client.GET('/api/demo/accounts')),
  demoSignIn: (login: string) => answer(client.POST('/api/demo/sign-in', { body: { login } })),
  signIn: (login: string, password: string) => answer(client.POST('/api/session', { body: { login, password } })),
  me: () => answer(client.GET('/api/session')),
  signOut: () => answer(client.DELETE('/api/session')),

  ready: () => answer(client.PUT('/api/me/state', { body: { intent: 'ready' } })),
  notReady: (code: string) => answer(client.PUT('/api/me/state', { body: { intent: 'not_ready', code } })),
  hangUp: (call: string) => answer(client.POST('/api/calls/{call}/hang-up', { params: { path: { call } } })),

  calls: (limit: number, beforeUs?: number) =>
    answer(client.GET('/api/calls', { params: { query: { limit, before_us: beforeUs } } })).then((list) => list.calls),
  pop: (call: string) => answer(client.GET('/api/calls/{call}/pop', { params: { path: { call } } })),
  choosePerson: (call: string, person: string) =>
    answer(client.PUT('/api/calls/{call}/person', { params: { path: { call } }, body: { person, reason: 'chosen' } })),

  note: (call: string) => answer(client.GET('/api/calls/{call}/note', { params: { path: { call } } })),
  saveNote: async (call: string, text: string, version: number): Promise<SavedNote | NoteConflict> => {
    try {
      return await answer(client.PUT('/api/calls/{call}/note', { params: { path: { call } }, body: { text, version } }))
    } catch (error) {
      if (error instanceof Problem && error.status === 409) return { conflict: currentNote(error) }
      throw error
    }
  },

  searchPersons: (text: string) =>
    answer(client.GET('/api/persons', { params: { query: { q: text } } })).then((list) => list.persons),
  person: (id: string) => answer(client.GET('/api/persons/{id}', { params: { path: { id } } })),
  addPerson: (person: NewPerson) => answer(client.POST('/api/persons', { body: person })),

  reveal: (id: string, field: 'id_number' | 'address', reason: string) =>
    answer(client.POST('/api/persons/{id}/reveal', { params: { path: { id } }, body: { field, reason } })),
  duplicates: (state: 'open' | 'later') => answer(client.GET('/api/duplicates', { params: { query: { state } } })),
  decidePair: (a: string, b: string, decision: 'not_duplicate' | 'later' | 'open') =>
    answer(client.PUT('/api/duplicates/{a}/{b}', { params: { path: { a, b } }, body: { decision } })),
  merge: (survivor: PairSide, loser: PairSide, reason: string) =>
    answer(
      client.POST('/api/merges', {
        body: {
          survivor: survivor.card.person,
          survivor_version: survivor.version,
          loser: loser.card.person,
          loser_version: loser.version,
          reason,
        },
      }),
    ),
  merges: () => answer(client.GET('/api/merges')).then((list) => list.merges),
  reverseMerge: (merge: string) => answer(client.POST('/api/merges/{merge}/reverse', { params: { path: { merge } } })),

  accounts: () => answer(client.GET('/api/accounts')).then((list) => list.accounts),
  addAccount: (account: NewAccount) => answer(client.POST('/api/accounts', { body: account })),
  setRoles: (id: string, roles: Role[]) =>
    answer(client.PUT('/api/accounts/{id}/roles', { params: { path: { id } }, body: { roles } })),
  setAccountState: (id: string, disabled: boolean) =>
    answer(client.PUT('/api/accounts/{id}/state', { params: { path: { id } }, body: { disabled } })),
  setPassword: (id: string, password: string) =>
    answer(client.PUT('/api/accounts/{id}/password', { params: { path: { id } }, body: { password } })),
  audit: (query: { before?: number; account?: string; entity?: string; id?: string }) =>
    answer(client.GET('/api/audit', { params: { query } })).then((list) => list.entries),
  auditChain: (noted?: string) => answer(client.GET('/api/audit/chain', { params: { query: { noted } } })),

  hisDoors: () => answer(client.GET('/api/his/doors')).then((list) => list.doors),
  hisMessages: (query: { source?: string; state?: string; after?: string }) =>
    answer(client.GET('/api/his/messages', { params: { query } })),
  hisMessage: (id: string) => answer(client.GET('/api/his/messages/{id}', { params: { path: { id } } })),
  hisReplay: (id: string) => answer(client.POST('/api/his/messages/{id}/replay', { params: { path: { id } } })),
  /** All that wait for the same reason as this one, a part of them at a time. */
  hisReplayAll: (like: HisMessage, after?: string) => {
    const { source, code, path, reason } = like
    return answer(client.POST('/api/his/replays', { body: { source, code: code ?? 0, path: path ?? '', reason: reason ?? '', after } }))
  },
  hisDiscard: (id: string, reason: string) =>
    answer(client.POST('/api/his/messages/{id}/discard', { params: { path: { id } }, body: { reason } })),

  peaks: (id: string) => answer(client.GET('/api/recordings/{id}/peaks', { params: { path: { id } } })),
  audioUrl: (id: string) => `/api/recordings/${encodeURIComponent(id)}/audio`,
}

/** The note that the desk has instead, from the refusal of ours. */
function currentNote(problem: Problem): Note {
  const current = problem.body.current as Partial<Note> | null | undefined
  return { text: current?.text ?? '', version: current?.version ?? 0, at_us: current?.at_us ?? null }
}
