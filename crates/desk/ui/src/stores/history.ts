/** Finished and running calls as the desk has written them down, newest first. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import { deskApi } from '../api/desk-api'
import type { CallRow } from '../api/types'

const PAGE_ROWS = 50
/** Changes of a call come in bursts: the list is asked for once per burst. */
const BURST_MS = 700

export const useHistory = defineStore('history', () => {
  const rows = ref<CallRow[]>([])
  const more = ref(false)
  const loaded = ref(false)
  let timer: ReturnType<typeof setTimeout> | null = null

  async function load(): Promise<void> {
    const fresh = await deskApi.calls(PAGE_ROWS).catch(() => null)
    if (fresh === null) return
    const oldest = fresh[fresh.length - 1]?.offered_us ?? 0
    const known = new Set(fresh.map((row) => row.call))
    const older = rows.value.filter((row) => row.offered_us < oldest && !known.has(row.call))
    if (older.length === 0) more.value = fresh.length === PAGE_ROWS
    rows.value = [...fresh, ...older]
    loaded.value = true
  }

  async function loadMore(): Promise<void> {
    const last = rows.value[rows.value.length - 1]
    if (last === undefined) return
    const older = await deskApi.calls(PAGE_ROWS, last.offered_us)
    more.value = older.length === PAGE_ROWS
    const known = new Set(rows.value.map((row) => row.call))
    rows.value = [...rows.value, ...older.filter((row) => !known.has(row.call))]
  }

  function changed(): void {
    if (timer !== null) return
    timer = setTimeout(() => {
      timer = null
      void load()
    }, BURST_MS)
  }

  function forget(): void {
    rows.value = []
    loaded.value = false
  }

  return { rows, more, loaded, load, loadMore, changed, forget }
})
