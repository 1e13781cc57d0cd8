/** Everything that pages ask of the desk by request. */
import type {
  CallRow,
  DemoAccount,
  Hospital,
  Me,
  NewPerson,
  Note,
  Peaks,
  PersonCard,
  PersonFile,
  Pop,
} from './types'
import { request } from './client'
import { Problem } from './problem'
import type { NoteConflict } from '../state/note-keeper'

export const deskApi = {
  hospital: () => request<Hospital>('GET', '/api/hospital'),
  demoAccounts: () => request<DemoAccount[]>('GET', '/api/demo/accounts'),
  demoSignIn: (login: string) => request<Me>('POST', '/api/demo/sign-in', { login }),
  signIn: (login: string, password: string) => request<Me>('POST', '/api/session', { login, password }),
  me: () => request<Me>('GET', '/api/session'),
  signOut: () => request<void>('DELETE', '/api/session'),

  ready: () => request<void>('PUT', '/api/me/state', { intent: 'ready' }),
  notReady: (code: string) => request<void>('PUT', '/api/me/state', { intent: 'not_ready', code }),
  hangUp: (call: string) => request<void>('POST', `/api/calls/${id(call)}/hang-up`),

  calls: async (limit: number, beforeUs?: number) => {
    const before = beforeUs === undefined ? '' : `&before_us=${beforeUs}`
    const answer = await request<{ calls: CallRow[] }>('GET', `/api/calls?limit=${limit}${before}`)
    return answer.calls
  },
  pop: (call: string) => request<Pop>('GET', `/api/calls/${id(call)}/pop`),
  choosePerson: (call: string, person: string) =>
    request<void>('PUT', `/api/calls/${id(call)}/person`, { person, reason: 'chosen' }),

  note: async (call: string): Promise<Note> => {
    try {
      return await request<Note>('GET', `/api/calls/${id(call)}/note`)
    } catch (error) {
      if (error instanceof Problem && error.status === 404) return { text: '', version: 0, at_us: null }
      throw error
    }
  },
  saveNote: async (call: string, text: string, version: number): Promise<Note | NoteConflict> => {
    try {
      return await request<Note>('PUT', `/api/calls/${id(call)}/note`, { text, version })
    } catch (error) {
      if (error instanceof Problem && error.status === 409) return { conflict: currentNote(error) }
      throw error
    }
  },

  searchPersons: async (text: string) => {
    const answer = await request<{ persons: PersonCard[] }>('GET', `/api/persons?q=${encodeURIComponent(text)}`)
    return answer.persons
  },
  person: (person: string) => request<PersonFile>('GET', `/api/persons/${id(person)}`),
  addPerson: (person: NewPerson) => request<PersonCard>('POST', '/api/persons', person),

  peaks: (recording: string) => request<Peaks>('GET', `/api/recordings/${id(recording)}/peaks`),
  audioUrl: (recording: string) => `/api/recordings/${id(recording)}/audio`,
}

function id(text: string): string {
  return encodeURIComponent(text)
}

/** The note that the desk has instead, from the refusal of ours. */
function currentNote(problem: Problem): Note {
  const current = problem.body.current as Partial<Note> | null | undefined
  return { text: current?.text ?? '', version: current?.version ?? 0, at_us: current?.at_us ?? null }
}
