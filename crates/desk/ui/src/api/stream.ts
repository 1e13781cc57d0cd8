/**
 * The stream of live changes: opens the socket, checks that no message is missing, and opens it again with a growing
 * pause when it ends. It decides nothing about calls; whoever owns it gets messages and the state of the link.
 *
 * A gap in `seq` is never patched over: the connection is given up, and the next one begins with a snapshot.
 */
import type { PageMessage, StreamMessage } from './types'

export type Link = 'connecting' | 'live' | 'lost' | 'superseded' | 'closed'

/** First pause before opening again, milliseconds; it doubles up to the longest. */
export const PAUSE_FIRST_MS = 250
export const PAUSE_LONGEST_MS = 5_000
/**
 * A ping is sent so often, also while messages come: the desk hears by it that the page is there. A connection that
 * brings nothing between two beats, or does not open within one, is given up.
 */
export const BEAT_MS = 8_000
/** The desk closes with it when a newer page of this account took over. */
export const CLOSE_SUPERSEDED = 4001

/** The part of a WebSocket that is used. */
export interface Socket {
  onopen: (() => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: ((event: { code: number }) => void) | null
  send(text: string): void
  close(): void
}

export interface StreamWorld {
  open(): Socket
  setTimer(run: () => void, afterMs: number): unknown
  clearTimer(timer: unknown): void
  /** 0 to 1: spreads the pauses of many pages after a restart of the desk. */
  random(): number
}

export interface StreamOwner {
  onMessage(message: StreamMessage): void
  onLink(link: Link): void
  /** The connection never opened: perhaps nobody is signed in any more. */
  onRefused(): void
}

export class Stream {
  private socket: Socket | null = null
  private seq = 0
  private failures = 0
  private opened = false
  private heard = false
  private link: Link = 'closed'
  private timer: unknown = null

  private readonly world: StreamWorld
  private readonly owner: StreamOwner

  constructor(world: StreamWorld, owner: StreamOwner) {
    this.world = world
    this.owner = owner
  }

  /** Opens the stream, or opens it again at once. */
  connect(): void {
    this.drop()
    if (this.link !== 'lost') this.setLink('connecting')
    this.seq = 0
    this.opened = false
    const socket = this.world.open()
    this.socket = socket
    this.heard = false
    this.timer = this.world.setTimer(() => this.again(), BEAT_MS)
    socket.onopen = () => {
      this.opened = true
      this.beat()
    }
    socket.onmessage = (event) => this.receive(event.data)
    socket.onclose = (event) => this.ended(event.code)
  }

  close(): void {
    this.drop()
    this.setLink('closed')
  }

  /** Says something; what cannot be said because the stream is down is dropped (false). */
  say(message: PageMessage): boolean {
    if (this.socket === null || this.link !== 'live') return false
    this.socket.send(JSON.stringify(message))
    return true
  }

  private receive(data: unknown): void {
    const message = parse(data)
    if (message === null || message.seq !== this.seq + 1 || (this.seq === 0 && !opensStream(message))) {
      this.again()
      return
    }
    this.seq = message.seq
    this.failures = 0
    this.heard = true
    if (message.kind === 'superseded') {
      this.drop()
      this.owner.onMessage(message)
      this.setLink('superseded')
      return
    }
    this.owner.onMessage(message)
    if (message.kind === 'snapshot') this.setLink('live')
  }

  private ended(code: number): void {
    if (code === CLOSE_SUPERSEDED) {
      this.drop()
      this.setLink('superseded')
      return
    }
    if (!this.opened) this.owner.onRefused()
    this.again()
  }

  private again(): void {
    if (this.link === 'closed') return
    this.drop()
    this.setLink('lost')
    const longest = Math.min(PAUSE_LONGEST_MS, PAUSE_FIRST_MS * 2 ** Math.min(this.failures, 10))
    this.failures += 1
    this.timer = this.world.setTimer(() => this.connect(), longest * (0.5 + this.world.random() / 2))
  }

  private beat(): void {
    this.clearTimer()
    this.heard = false
    this.socket?.send(JSON.stringify({ kind: 'ping' } satisfies PageMessage))
    this.timer = this.world.setTimer(() => (this.heard ? this.beat() : this.again()), BEAT_MS)
  }

  private drop(): void {
    this.clearTimer()
    const socket = this.socket
    this.socket = null
    if (socket === null) return
    socket.onopen = null
    socket.onmessage = null
    socket.onclose = null
    socket.close()
  }

  private clearTimer(): void {
    if (this.timer !== null) this.world.clearTimer(this.timer)
    this.timer = null
  }

  private setLink(link: Link): void {
    if (this.link === link) return
    this.link = link
    this.owner.onLink(link)
  }
}

/** A stream begins with the snapshot, or with the word that another page has it. */
function opensStream(message: StreamMessage): boolean {
  return message.kind === 'snapshot' || message.kind === 'superseded'
}

function parse(data: unknown): StreamMessage | null {
  if (typeof data !== 'string') return null
  try {
    const value: unknown = JSON.parse(data)
    if (typeof value !== 'object' || value === null) return null
    const { seq, kind } = value as { seq?: unknown; kind?: unknown }
    if (typeof seq !== 'number' || typeof kind !== 'string') return null
    return value as StreamMessage
  } catch {
    return null
  }
}
