/**
 * Which key does what. Keys belong to nobody while an input method composes; digits and single letters belong to the
 * field in which somebody types. No key is one that a browser on Windows keeps for itself.
 */
export interface KeyPress {
  key: string
  code: string
  alt: boolean
  ctrl: boolean
  meta: boolean
  shift: boolean
  /** An input method composes, or the key belongs to it (key code 229). */
  composing: boolean
  repeat: boolean
}

export interface KeyPlace {
  /** The focus is in a field that takes text. */
  typing: boolean
  /** The focus is on something that space or Enter presses. */
  onControl: boolean
  /** What digits choose from now. */
  digits: 'reasons' | 'sources' | 'candidates' | 'none'
}

export type KeyAction =
  | { kind: 'ready' }
  | { kind: 'reasons' }
  | { kind: 'hang_up' }
  | { kind: 'pick_reason'; index: number }
  | { kind: 'pick_source'; index: number }
  | { kind: 'pick_candidate'; index: number }
  | { kind: 'new_person' }
  | { kind: 'search' }
  | { kind: 'note' }
  | { kind: 'pop' }
  | { kind: 'done' }
  | { kind: 'play' }
  | { kind: 'escape' }
  | { kind: 'help' }

/** Two presses within this time end a conversation, milliseconds. */
export const HANG_UP_TWICE_MS = 1_000

/** Every key with its words in `keys.*` of the texts, for the help and for `aria-keyshortcuts`. */
export const KEYS = {
  ready: 'Alt+R',
  reasons: 'Alt+B',
  hang_up: 'F4',
  candidates: '1…9',
  new_person: '0',
  search: '/',
  pop: 'Alt+1',
  note: 'Alt+M',
  done: 'Ctrl+Enter',
  play: 'Space',
  escape: 'Esc',
  help: '?',
} as const

export function keyPressOf(event: KeyboardEvent): KeyPress {
  return {
    key: event.key,
    code: event.code,
    alt: event.altKey,
    ctrl: event.ctrlKey,
    meta: event.metaKey,
    shift: event.shiftKey,
    composing: event.isComposing || event.keyCode === 229,
    repeat: event.repeat,
  }
}

export function actionOf(press: KeyPress, place: KeyPlace): KeyAction | null {
  if (press.composing || press.repeat || press.meta) return null
  if (press.alt) return press.ctrl ? null : withAlt(press.code)
  if (press.ctrl) return press.key === 'Enter' ? { kind: 'done' } : null
  if (press.key === 'F4') return { kind: 'hang_up' }
  if (press.key === 'Escape') return { kind: 'escape' }
  if (place.typing) return null
  if (press.key === ' ') return place.onControl ? null : { kind: 'play' }
  if (press.key === '?') return { kind: 'help' }
  if (press.key === '/') return { kind: 'search' }
  return withDigit(press, place)
}

function withAlt(code: string): KeyAction | null {
  switch (code) {
    case 'KeyR':
      return { kind: 'ready' }
    case 'KeyB':
      return { kind: 'reasons' }
    case 'KeyM':
      return { kind: 'note' }
    case 'Digit1':
      return { kind: 'pop' }
    default:
      return null
  }
}

function withDigit(press: KeyPress, place: KeyPlace): KeyAction | null {
  if (!/^[0-9]$/.test(press.key)) return null
  const index = Number(press.key) - 1
  switch (place.digits) {
    case 'reasons':
      return index >= 0 ? { kind: 'pick_reason', index } : null
    case 'sources':
      return index >= 0 ? { kind: 'pick_source', index } : null
    case 'candidates':
      return index >= 0 ? { kind: 'pick_candidate', index } : { kind: 'new_person' }
    case 'none':
      return null
  }
}

/** The second of two presses that are near enough to each other. */
export function isSecondPress(firstMs: number | null, nowMs: number): boolean {
  return firstMs !== null && nowMs - firstMs >= 0 && nowMs - firstMs <= HANG_UP_TWICE_MS
}
