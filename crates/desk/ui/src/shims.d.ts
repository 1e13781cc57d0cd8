/// <reference types="vite/client" />

interface Window {
  /** For measurements: the last pop that was really on the screen. `at` is epoch milliseconds. */
  __careline?: { lastPainted: { call: string; offer: number; at: number } | null }
}
