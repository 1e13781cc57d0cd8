/** The live state of the desk and the stream that feeds it. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { deskApi } from '../api/desk-api'
import type { Socket, StreamOwner } from '../api/stream'
import { Stream } from '../api/stream'
import type { PageMessage, StreamMessage } from '../api/types'
import { serverNowUs } from '../state/clock'
import { emptyDesk, reduce, withLink } from '../state/desk'
import { isLive, myAgent, myCall } from '../state/selectors'
import { useAccount } from './account'
import { useClock } from './clock'

export const useDesk = defineStore('desk', () => {
  const desk = shallowRef(emptyDesk())
  const signedOut = ref(false)
  const listeners = new Set<(message: StreamMessage) => void>()
  const clock = useClock()
  const account = useAccount()

  const owner: StreamOwner = {
    onMessage(message) {
      desk.value = reduce(desk.value, message, Date.now())
      for (const listen of listeners) listen(message)
    },
    onLink(link) {
      desk.value = withLink(desk.value, link)
    },
    onRefused() {
      void account.isStillSignedIn().then((is) => {
        signedOut.value = !is
      })
    },
  }
  const stream = new Stream(
    {
      open: openSocket,
      setTimer: (run, afterMs) => setTimeout(run, afterMs),
      clearTimer: (timer) => clearTimeout(timer as number),
      random: Math.random,
    },
    owner,
  )

  function connect(): void {
    signedOut.value = false
    stream.connect()
  }

  function disconnect(): void {
    stream.close()
    desk.value = emptyDesk()
  }

  /** Hears every message after it has changed the state; gives back how to stop. */
  function listen(to: (message: StreamMessage) => void): () => void {
    listeners.add(to)
    return () => listeners.delete(to)
  }

  return {
    desk,
    signedOut,
    connect,
    disconnect,
    listen,
    say: (message: PageMessage) => stream.say(message),
    nowUs: computed(() => serverNowUs(clock.nowMs, desk.value.offsetUs)),
    live: computed(() => isLive(desk.value)),
    agent: computed(() => myAgent(desk.value)),
    call: computed(() => myCall(desk.value)),
    ready: () => deskApi.ready(),
    notReady: (code: string) => deskApi.notReady(code),
    hangUp: (call: string) => deskApi.hangUp(call),
  }
})

function openSocket(): Socket {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  return new WebSocket(`${scheme}://${location.host}/api/ws`) as Socket
}
