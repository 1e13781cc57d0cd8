import { expect, test } from 'vitest'
import type { StreamMessage } from '../src/api/types'
import type { Link, Socket } from '../src/api/stream'
import { CLOSE_SUPERSEDED, Stream } from '../src/api/stream'

function scene(): { stream: Stream; sockets: Socket[]; heard: number[]; said: string[]; links: Link[]; ring: () => void } {
  const sockets: Socket[] = []
  const heard: number[] = []
  const said: string[] = []
  const links: Link[] = []
  let timers: { run: () => void }[] = []
  const stream = new Stream(
    {
      open: () => {
        const socket: Socket = { onopen: null, onmessage: null, onclose: null, send: (text) => said.push(text), close: () => undefined }
        sockets.push(socket)
        return socket
      },
      setTimer: (run) => {
        const timer = { run }
        timers.push(timer)
        return timer
      },
      clearTimer: (timer) => {
        timers = timers.filter((one) => one !== timer)
      },
      random: () => 0,
    },
    { onMessage: (message: StreamMessage) => heard.push(message.seq), onLink: (link) => links.push(link), onRefused: () => undefined },
  )
  const ring = (): void => timers.splice(0).forEach((timer) => timer.run())
  return { stream, sockets, heard, said, links, ring }
}

const say = (socket: Socket | undefined, seq: number, kind: string): void =>
  socket?.onmessage?.({ data: JSON.stringify({ seq, kind, storage: 'ok' }) })

test('a gap in the numbers is answered with a new connection', () => {
  const { stream, sockets, heard, links, ring } = scene()
  stream.connect()
  sockets[0]?.onopen?.()
  say(sockets[0], 1, 'snapshot')
  say(sockets[0], 2, 'storage')
  expect(links.at(-1)).toBe('live')
  say(sockets[0], 4, 'storage')
  expect(heard).toEqual([1, 2])
  expect(links.at(-1)).toBe('lost')
  ring()
  expect(sockets.length).toBe(2)
})

test('an older page that was told so does not come back by itself', () => {
  const { stream, sockets, links, ring } = scene()
  stream.connect()
  sockets[0]?.onopen?.()
  say(sockets[0], 1, 'snapshot')
  sockets[0]?.onclose?.({ code: CLOSE_SUPERSEDED })
  expect(links.at(-1)).toBe('superseded')
  ring()
  expect(sockets.length).toBe(1)
})

test('a page says that it is there on every beat, also while messages come', () => {
  const { stream, sockets, said, links, ring } = scene()
  stream.connect()
  sockets[0]?.onopen?.()
  say(sockets[0], 1, 'snapshot')
  for (let seq = 2; seq < 5; seq += 1) {
    say(sockets[0], seq, 'storage')
    ring()
  }
  expect(said.filter((text) => text.includes('ping')).length).toBe(4)
  expect(links.at(-1)).toBe('live')
})

test('a connection that brings nothing between two beats is given up, and so is one that does not open', () => {
  const { stream, sockets, links, ring } = scene()
  stream.connect()
  sockets[0]?.onopen?.()
  say(sockets[0], 1, 'snapshot')
  ring()
  ring()
  expect(links.at(-1)).toBe('lost')
  ring()
  expect(sockets.length).toBe(2)
  ring()
  ring()
  expect(sockets.length).toBe(3)
})

test('a snapshot in mid-stream is taken, the numbers go on', () => {
  const { stream, sockets, heard, links } = scene()
  stream.connect()
  sockets[0]?.onopen?.()
  say(sockets[0], 1, 'snapshot')
  say(sockets[0], 2, 'snapshot')
  say(sockets[0], 3, 'storage')
  expect(heard).toEqual([1, 2, 3])
  expect(links.at(-1)).toBe('live')
})
