/** Drafts of notes that the desk does not have yet, in this browser, by account and call. */
import type { Draft } from '../state/note'

const PREFIX = 'careline.note'

export function readDraft(account: string, call: string): Draft | null {
  const kept = localStorage.getItem(keyOf(account, call))
  if (kept === null) return null
  try {
    const value = JSON.parse(kept) as Partial<Draft>
    return typeof value.text === 'string' && typeof value.version === 'number'
      ? { text: value.text, version: value.version }
      : null
  } catch {
    return null
  }
}

export function keepDraft(account: string, call: string, draft: Draft): void {
  try {
    localStorage.setItem(keyOf(account, call), JSON.stringify(draft))
  } catch {
    // The browser's storage is full or forbidden: the text is still in the page, and saving goes on being tried.
  }
}

export function dropDraft(account: string, call: string): void {
  localStorage.removeItem(keyOf(account, call))
}

/** Calls of this account whose note never reached the desk. */
export function draftedCalls(account: string): string[] {
  const prefix = `${PREFIX}.${account}.`
  return Object.keys(localStorage)
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length))
}

function keyOf(account: string, call: string): string {
  return `${PREFIX}.${account}.${call}`
}
