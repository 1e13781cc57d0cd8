/** Which recording is open in the player. One at a time. */
import { defineStore } from 'pinia'
import { ref } from 'vue'

export interface Playing {
  recording: string
  /** Who and when, for the player's heading. */
  title: string
  /** Grows with each wish to play, so that the same button starts it again. */
  wish: number
}

export const usePlayer = defineStore('player', () => {
  const playing = ref<Playing | null>(null)
  const toggles = ref(0)

  function play(recording: string, title: string): void {
    playing.value = { recording, title, wish: (playing.value?.wish ?? 0) + 1 }
  }

  function close(): void {
    playing.value = null
  }

  /** The space key, pressed outside of any field. */
  function toggle(): void {
    if (playing.value !== null) toggles.value += 1
  }

  return { playing, toggles, play, close, toggle }
})
