/** One clock for all timers of a page: it ticks twice a second; what it shows comes from the server's times. */
import { defineStore } from 'pinia'
import { ref } from 'vue'

const TICK_MS = 500

export const useClock = defineStore('clock', () => {
  const nowMs = ref(Date.now())
  setInterval(() => {
    nowMs.value = Date.now()
  }, TICK_MS)
  return { nowMs }
})
