import { expect, test } from 'vitest'
import type { Note } from '../src/api/types'
import type { NoteState } from '../src/state/note'
import { NOTE_PAUSE_MS, NOTE_RETRY_FIRST_MS } from '../src/state/note'
import type { NoteConflict, NoteWorld } from '../src/state/note-keeper'
import { NoteKeeper } from '../src/state/note-keeper'

/** A desk, a clock and a browser's storage, all by hand. */
class World implements NoteWorld {
  answer: () => Promise<Note | NoteConflict> = () => Promise.resolve({ text: '', version: 1, at_us: 9 })
  saves: [string, number][] = []
  drafts = new Map<string, { text: string; version: number }>()
  timers: { run: () => void; afterMs: number }[] = []
  load = (): Promise<Note> => Promise.resolve({ text: '', version: 0, at_us: null })
  save = (_call: string, text: string, version: number): Promise<Note | NoteConflict> => {
    this.saves.push([text, version])
    return this.answer()
  }
  setTimer = (run: () => void, afterMs: number): unknown => {
    const timer = { run, afterMs }
    this.timers.push(timer)
    return timer
  }
  clearTimer = (timer: unknown): void => {
    this.timers = this.timers.filter((one) => one !== timer)
  }
  readDraft = (call: string): { text: string; version: number } | null => this.drafts.get(call) ?? null
  keepDraft = (call: string, draft: { text: string; version: number }): void => void this.drafts.set(call, draft)
  dropDraft = (call: string): void => void this.drafts.delete(call)

  /** The next timer rings. */
  async ring(): Promise<number> {
    const timer = this.timers.shift()
    timer?.run()
    await settled()
    return timer?.afterMs ?? -1
  }
}

const settled = (): Promise<void> => new Promise((done) => setTimeout(done, 0))

async function opened(world: World): Promise<{ keeper: NoteKeeper; state: () => NoteState }> {
  let state: NoteState | null = null
  const keeper = new NoteKeeper('c1', world, (next) => {
    state = next
  })
  keeper.open()
  await settled()
  return { keeper, state: () => state as unknown as NoteState }
}

test('what is typed is saved after a pause, once', async () => {
  const world = new World()
  const { keeper, state } = await opened(world)
  keeper.type('复')
  keeper.type('复诊')
  expect(await world.ring()).toBe(NOTE_PAUSE_MS)
  expect(world.saves).toEqual([['复诊', 0]])
  expect(state().status).toBe('saved')
  expect(world.drafts.size).toBe(0)
})

test('what cannot be saved stays in the browser and is tried again', async () => {
  const world = new World()
  world.answer = () => Promise.reject(new Error('away'))
  const { keeper, state } = await opened(world)
  keeper.type('疼痛')
  await world.ring()
  expect(state().status).toBe('failed')
  expect(world.drafts.get('c1')?.text).toBe('疼痛')
  world.answer = () => Promise.resolve({ text: '疼痛', version: 1, at_us: 9 })
  expect(await world.ring()).toBe(NOTE_RETRY_FIRST_MS)
  expect(state().status).toBe('saved')
})

test('of two texts the reader decides', async () => {
  const world = new World()
  world.answer = () => Promise.resolve({ conflict: { text: '别人写的', version: 4, at_us: 9 } })
  const { keeper, state } = await opened(world)
  keeper.type('我写的')
  await world.ring()
  expect([state().status, state().text, state().theirs?.text]).toEqual(['conflict', '我写的', '别人写的'])
  world.answer = () => Promise.resolve({ text: '我写的', version: 5, at_us: 9 })
  keeper.resolve('keep_mine')
  await settled()
  if (world.timers.length > 0) await world.ring()
  expect(world.saves.at(-1)).toEqual(['我写的', 4])
})
