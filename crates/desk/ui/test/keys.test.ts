import { expect, test } from 'vitest'
import type { KeyPlace, KeyPress } from '../src/state/keys'
import { HANG_UP_TWICE_MS, actionOf, isSecondPress } from '../src/state/keys'

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  code: key.length === 1 ? `Key${key.toUpperCase()}` : key,
  alt: false,
  ctrl: false,
  meta: false,
  shift: false,
  composing: false,
  repeat: false,
  ...more,
})
const place = (more: Partial<KeyPlace> = {}): KeyPlace => ({ typing: false, onControl: false, digits: 'candidates', ...more })

test('digits choose a candidate, and 0 registers a stranger', () => {
  expect(actionOf(press('2'), place())).toEqual({ kind: 'pick_candidate', index: 1 })
  expect(actionOf(press('0'), place())).toEqual({ kind: 'new_person' })
  expect(actionOf(press('3'), place({ digits: 'sources' }))).toEqual({ kind: 'pick_source', index: 2 })
})

test('a field in which somebody types keeps its digits and letters', () => {
  for (const key of ['1', '0', '/', '?', ' ']) expect(actionOf(press(key), place({ typing: true }))).toBeNull()
  expect(actionOf(press('r', { alt: true, code: 'KeyR' }), place({ typing: true }))).toEqual({ kind: 'ready' })
})

test('no key does anything while an input method composes, or while it is held down', () => {
  expect(actionOf(press('1', { composing: true }), place())).toBeNull()
  expect(actionOf(press('F4', { repeat: true }), place())).toBeNull()
})

test('a conversation ends with the second press within a second', () => {
  expect(isSecondPress(null, 5_000)).toBe(false)
  expect(isSecondPress(5_000, 5_000 + HANG_UP_TWICE_MS)).toBe(true)
  expect(isSecondPress(5_000, 5_001 + HANG_UP_TWICE_MS)).toBe(false)
})
