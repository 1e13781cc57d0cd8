/** The notes of the calls that are open on this page, each with its keeper. */
import { defineStore } from 'pinia'
import { computed, ref, shallowReactive } from 'vue'
import { deskApi } from '../api/desk-api'
import type { NoteState } from '../state/note'
import { isUnsaved } from '../state/note'
import type { NoteWorld } from '../state/note-keeper'
import { NoteKeeper } from '../state/note-keeper'
import { draftedCalls, dropDraft, keepDraft, readDraft } from '../util/drafts'

export const useNotes = defineStore('notes', () => {
  const states = shallowReactive(new Map<string, NoteState>())
  const keepers = new Map<string, NoteKeeper>()
  const account = ref('')
  /** The call whose note has the cursor. */
  const editing = ref<string | null>(null)

  const world: NoteWorld = {
    load: (call) => deskApi.note(call),
    save: (call, text, version) => deskApi.saveNote(call, text, version),
    setTimer: (run, afterMs) => setTimeout(run, afterMs),
    clearTimer: (timer) => clearTimeout(timer as number),
    readDraft: (call) => readDraft(account.value, call),
    keepDraft: (call, draft) => keepDraft(account.value, call, draft),
    dropDraft: (call) => dropDraft(account.value, call),
  }

  function open(call: string): void {
    if (keepers.has(call)) return
    const keeper = new NoteKeeper(call, world, (state) => states.set(call, state))
    keepers.set(call, keeper)
    keeper.open()
  }

  /** Sends what an earlier visit could not. */
  function recover(who: string): void {
    account.value = who
    for (const call of draftedCalls(who)) open(call)
  }

  function close(call: string): void {
    keepers.get(call)?.close()
    keepers.delete(call)
    states.delete(call)
  }

  function closeAll(): void {
    for (const call of [...keepers.keys()]) close(call)
    editing.value = null
  }

  return {
    states,
    editing,
    open,
    recover,
    close,
    closeAll,
    type: (call: string, text: string) => keepers.get(call)?.type(text),
    resolve: (call: string, choice: 'keep_mine' | 'take_theirs') => keepers.get(call)?.resolve(choice),
    hurry: (call: string) => keepers.get(call)?.hurry(),
    hurryAll: () => keepers.forEach((keeper) => keeper.hurry()),
    unsaved: computed(
      () => new Set([...states].filter(([, state]) => isUnsaved(state)).map(([call]) => call)),
    ),
  }
})
