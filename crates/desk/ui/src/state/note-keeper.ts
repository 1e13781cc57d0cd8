/** Drives the note of one call: does what `stepNote` asks, with a desk, a timer and a place for drafts given to it. */
import type { Note } from '../api/types'
import type { Draft, NoteEffect, NoteEvent, NoteState } from './note'
import { newNote, stepNote } from './note'

/** The note was saved. */
export interface SavedNote {
  version: number
  at_us?: number | null
}

/** The note was changed by somebody else meanwhile. */
export interface NoteConflict {
  conflict: Note
}

export interface NoteWorld {
  load(call: string): Promise<Note>
  save(call: string, text: string, version: number): Promise<SavedNote | NoteConflict>
  setTimer(run: () => void, afterMs: number): unknown
  clearTimer(timer: unknown): void
  readDraft(call: string): Draft | null
  keepDraft(call: string, draft: Draft): void
  dropDraft(call: string): void
}

export class NoteKeeper {
  private state: NoteState = newNote()
  private timer: unknown = null
  private busy = false

  private readonly call: string
  private readonly world: NoteWorld
  private readonly onChange: (note: NoteState) => void

  constructor(call: string, world: NoteWorld, onChange: (note: NoteState) => void) {
    this.call = call
    this.world = world
    this.onChange = onChange
  }

  open(): void {
    void this.load()
  }

  type(text: string): void {
    this.happen({ kind: 'typed', text })
  }

  resolve(choice: 'keep_mine' | 'take_theirs'): void {
    this.happen({ kind: choice })
  }

  /** Saves now what waits for its time: on leaving the field, at sign-out, or when the database is back. */
  hurry(): void {
    if (this.busy) return
    this.stopTimer()
    this.happen({ kind: 'due' })
  }

  close(): void {
    this.stopTimer()
  }

  private happen(event: NoteEvent): void {
    const [state, effects] = stepNote(this.state, event)
    this.state = state
    this.onChange(state)
    for (const effect of effects) this.act(effect)
  }

  private act(effect: NoteEffect): void {
    switch (effect.kind) {
      case 'load':
        void this.load()
        return
      case 'save':
        void this.save(effect.text, effect.version)
        return
      case 'wake':
        this.stopTimer()
        this.timer = this.world.setTimer(() => this.happen({ kind: 'due' }), effect.afterMs)
        return
      case 'keep_draft':
        this.world.keepDraft(this.call, effect.draft)
        return
      case 'drop_draft':
        this.world.dropDraft(this.call)
        return
    }
  }

  private async load(): Promise<void> {
    if (this.busy) return
    this.busy = true
    const note = await this.world.load(this.call).catch(() => null)
    this.busy = false
    if (note === null) this.happen({ kind: 'failed' })
    else this.happen({ kind: 'loaded', note, draft: this.world.readDraft(this.call) })
  }

  private async save(text: string, version: number): Promise<void> {
    this.busy = true
    const answer = await this.world.save(this.call, text, version).catch(() => null)
    this.busy = false
    if (answer === null) this.happen({ kind: 'failed' })
    else if ('conflict' in answer) this.happen({ kind: 'conflict', current: answer.conflict })
    else this.happen({ kind: 'saved', text, version: answer.version, atUs: answer.at_us ?? null })
  }

  private stopTimer(): void {
    if (this.timer !== null) this.world.clearTimer(this.timer)
    this.timer = null
  }
}
