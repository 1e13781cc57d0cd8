// JsSIP as a phone for tests: registers over a WebSocket (RFC 7118), takes it back, and says how each went.
//   node jssip.mjs <folder whose node_modules holds jssip and ws> <ws url> <origin> <user> <password> <domain>
// One line on standard output for each thing that happens: `connected`, `registered`, `refused <status>`,
// `unregistered`, `disconnected`. It leaves when it is unregistered, refused or disconnected.
import { createRequire } from 'node:module'
import { join } from 'node:path'

const [folder, url, origin, user, password, domain] = process.argv.slice(2)
const need = createRequire(join(folder, 'package.json'))
const { UA } = need('jssip')
const WebSocket = need('ws')

const say = (line) => process.stdout.write(`${line}\n`)
const leave = (line) => process.stdout.write(`${line}\n`, () => process.exit())

// What JsSIP asks of a socket, on ws: node 20 has no WebSocket of its own, and none that says its origin.
const { protocol, hostname, port } = new URL(url)
const socket = {
  url,
  sip_uri: `sip:${hostname}:${port};transport=ws`,
  via_transport: protocol.slice(0, -1).toUpperCase(),
  ws: null,
  connect() {
    this.ws = new WebSocket(url, 'sip', { origin })
    this.ws.on('open', () => {
      say('connected')
      this.onconnect()
    })
    this.ws.on('message', (data) => this.ondata(data.toString()))
    this.ws.on('error', (error) => say(`error ${error.message}`))
    this.ws.on('close', () => leave('disconnected'))
  },
  disconnect() {
    this.ws?.close()
  },
  send(message) {
    if (this.ws?.readyState !== WebSocket.OPEN) return false
    this.ws.send(message)
    return true
  },
}

const ua = new UA({ sockets: [socket], uri: `sip:${user}@${domain}`, password, register: true, register_expires: 60 })
ua.on('registered', () => {
  say('registered')
  ua.unregister()
})
ua.on('unregistered', () => leave('unregistered'))
ua.on('registrationFailed', ({ response }) => leave(`refused ${response?.status_code ?? 'without an answer'}`))
ua.start()
