/**
 * The note of one call, from its first letter to the disk of the desk. A plain value: it gets what happened and gives
 * back what to do. The text in the field is never replaced while somebody types; what the desk has instead is shown
 * beside it.
 *
 *   loading -> clean -> dirty -> saving -> saved -> dirty ...
 *                         ^        |-> failed (the draft stays, tried again) -> saving
 *                         |        `-> conflict (both texts are shown) -> saving | clean
 */
import type { Note } from '../api/types'

/** Pause in typing after which the note is saved, milliseconds. */
export const NOTE_PAUSE_MS = 600
/** First pause before a failed save is tried again, milliseconds; it doubles up to the longest. */
export const NOTE_RETRY_FIRST_MS = 1_000
export const NOTE_RETRY_LONGEST_MS = 10_000
/** Longest note, characters; the desk refuses more. */
export const NOTE_CHARS_MAX = 4_000

export type NoteStatus = 'loading' | 'clean' | 'dirty' | 'saving' | 'saved' | 'failed' | 'conflict'

export interface NoteState {
  text: string
  /** What the desk has, as far as known. */
  savedText: string
  version: number
  savedAtUs: number | null
  status: NoteStatus
  /** False until the desk said what it has. */
  loaded: boolean
  /** The other text of a conflict. */
  theirs: Note | null
  failures: number
}

export interface Draft {
  text: string
  version: number
}

export type NoteEvent =
  | { kind: 'loaded'; note: Note; draft: Draft | null }
  | { kind: 'typed'; text: string }
  | { kind: 'due' }
  | { kind: 'saved'; text: string; version: number; atUs: number | null }
  | { kind: 'failed' }
  | { kind: 'conflict'; current: Note }
  | { kind: 'keep_mine' }
  | { kind: 'take_theirs' }

export type NoteEffect =
  | { kind: 'load' }
  | { kind: 'save'; text: string; version: number }
  | { kind: 'wake'; afterMs: number }
  | { kind: 'keep_draft'; draft: Draft }
  | { kind: 'drop_draft' }

export type NoteStep = [NoteState, NoteEffect[]]

export function newNote(): NoteState {
  return {
    text: '',
    savedText: '',
    version: 0,
    savedAtUs: null,
    status: 'loading',
    loaded: false,
    theirs: null,
    failures: 0,
  }
}

export function isUnsaved(note: NoteState): boolean {
  return note.status === 'conflict' || note.text !== note.savedText
}

export function stepNote(note: NoteState, event: NoteEvent): NoteStep {
  switch (event.kind) {
    case 'loaded':
      return loaded(note, event.note, event.draft)
    case 'typed':
      return typed(note, event.text)
    case 'due':
      return due(note)
    case 'saved':
      return saved(note, event)
    case 'failed':
      return failed(note)
    case 'conflict':
      return conflict(note, event.current)
    case 'keep_mine':
      return keepMine(note)
    case 'take_theirs':
      return takeTheirs(note)
  }
}

function loaded(note: NoteState, theirs: Note, draft: Draft | null): NoteStep {
  if (note.loaded) return [note, []]
  // What was typed before the answer came is newer than a draft of an earlier visit.
  const mine: Draft | null = note.text === '' ? draft : { text: note.text, version: theirs.text === '' ? theirs.version : -1 }
  const known: NoteState = {
    ...note,
    loaded: true,
    failures: 0,
    savedText: theirs.text,
    version: theirs.version,
    savedAtUs: theirs.at_us ?? null,
  }
  if (mine === null || mine.text === theirs.text) {
    return [{ ...known, text: theirs.text, status: theirs.version > 0 ? 'saved' : 'clean' }, [{ kind: 'drop_draft' }]]
  }
  if (mine.version === theirs.version) {
    return [{ ...known, text: mine.text, status: 'dirty' }, [{ kind: 'wake', afterMs: NOTE_PAUSE_MS }]]
  }
  return conflict({ ...known, text: mine.text }, theirs)
}

function typed(note: NoteState, text: string): NoteStep {
  const next = { ...note, text }
  const keep: NoteEffect = { kind: 'keep_draft', draft: { text, version: note.version } }
  switch (note.status) {
    case 'loading':
    case 'saving':
    case 'conflict':
    case 'failed':
      // Saved when what is under way has ended; a failed one is tried again by its own timer.
      return [next, [keep]]
    case 'clean':
    case 'saved':
    case 'dirty':
      return [{ ...next, status: 'dirty' }, [keep, { kind: 'wake', afterMs: NOTE_PAUSE_MS }]]
  }
}

function due(note: NoteState): NoteStep {
  if (!note.loaded) return [note, [{ kind: 'load' }]]
  if (note.status !== 'dirty' && note.status !== 'failed') return [note, []]
  if (note.text === note.savedText) {
    return [{ ...note, status: note.version > 0 ? 'saved' : 'clean', failures: 0 }, [{ kind: 'drop_draft' }]]
  }
  return [{ ...note, status: 'saving' }, [{ kind: 'save', text: note.text, version: note.version }]]
}

function saved(note: NoteState, event: { text: string; version: number; atUs: number | null }): NoteStep {
  const next: NoteState = {
    ...note,
    savedText: event.text,
    version: event.version,
    savedAtUs: event.atUs,
    failures: 0,
    theirs: null,
  }
  if (note.text === event.text) return [{ ...next, status: 'saved' }, [{ kind: 'drop_draft' }]]
  return [
    { ...next, status: 'dirty' },
    [
      { kind: 'keep_draft', draft: { text: note.text, version: event.version } },
      { kind: 'wake', afterMs: NOTE_PAUSE_MS },
    ],
  ]
}

function failed(note: NoteState): NoteStep {
  const pause = Math.min(NOTE_RETRY_LONGEST_MS, NOTE_RETRY_FIRST_MS * 2 ** Math.min(note.failures, 10))
  const next: NoteState = { ...note, status: note.loaded ? 'failed' : 'loading', failures: note.failures + 1 }
  const effects: NoteEffect[] = [{ kind: 'wake', afterMs: pause }]
  if (note.text !== note.savedText) {
    effects.unshift({ kind: 'keep_draft', draft: { text: note.text, version: note.version } })
  }
  return [next, effects]
}

function conflict(note: NoteState, current: Note): NoteStep {
  if (current.text === note.text) {
    return saved(note, { text: current.text, version: current.version, atUs: current.at_us ?? null })
  }
  return [
    { ...note, status: 'conflict', theirs: current, failures: 0 },
    [{ kind: 'keep_draft', draft: { text: note.text, version: note.version } }],
  ]
}

function keepMine(note: NoteState): NoteStep {
  if (note.theirs === null) return [note, []]
  const { theirs } = note
  return [
    { ...note, status: 'saving', theirs: null, savedText: theirs.text, version: theirs.version },
    [{ kind: 'save', text: note.text, version: theirs.version }],
  ]
}

function takeTheirs(note: NoteState): NoteStep {
  if (note.theirs === null) return [note, []]
  const { text, version, at_us } = note.theirs
  return [
    { ...note, text, savedText: text, version, savedAtUs: at_us ?? null, status: 'saved', theirs: null },
    [{ kind: 'drop_draft' }],
  ]
}
