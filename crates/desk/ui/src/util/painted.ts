/** Tells the desk when a pop is really on the screen: after the frame that has it was drawn. */
import { nextTick } from 'vue'
import type { Offer, PageMessage } from '../api/types'

export function reportPainted(offer: Offer, say: (message: PageMessage) => void): void {
  void nextTick(() => {
    requestAnimationFrame(() => {
      // A message is handled after the frame that this callback belongs to was handed to the screen.
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => {
        const { call, offer: number } = offer
        window.__careline = { lastPainted: { call, offer: number, at: Date.now() } }
        say({ kind: 'painted', call, offer: number })
        port1.close()
      }
      port2.postMessage(null)
    })
  })
}
