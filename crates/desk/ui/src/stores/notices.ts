/** Short words about what just happened. They never cover anything and never ask for a click. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import { problemText } from '../i18n/problem-text'
import { asProblem } from '../api/problem'

export interface Notice {
  id: number
  tone: 'info' | 'problem'
  text: string
}

/** More than these push the oldest out. */
const NOTICES_MAX = 3
const SHOWN_MS = 8_000

export const useNotices = defineStore('notices', () => {
  const notices = ref<Notice[]>([])
  let lastId = 0

  function show(tone: Notice['tone'], text: string): void {
    lastId += 1
    const id = lastId
    notices.value = [...notices.value.filter((notice) => notice.text !== text), { id, tone, text }].slice(-NOTICES_MAX)
    setTimeout(() => close(id), SHOWN_MS)
  }

  function close(id: number): void {
    notices.value = notices.value.filter((notice) => notice.id !== id)
  }

  return {
    notices,
    close,
    tell: (text: string) => show('info', text),
    problem: (error: unknown) => show('problem', problemText(asProblem(error))),
  }
})
