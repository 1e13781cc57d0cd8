/** What went wrong, in one shape: an RFC 9457 answer of the desk, or the lack of any answer. */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly body: Record<string, unknown>
  readonly retryAfterSeconds: number | null

  constructor(status: number, body: Record<string, unknown>, retryAfter: string | null = null) {
    const code = text(body.code) || (status === 0 ? 'unreachable' : `http_${status}`)
    super(code)
    this.status = status
    this.code = code
    this.detail = text(body.detail) || text(body.title)
    this.body = body
    const seconds = Number(retryAfter)
    this.retryAfterSeconds = retryAfter !== null && Number.isFinite(seconds) ? seconds : null
  }

  static of(response: Response, body: unknown): Problem {
    const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
    return new Problem(response.status, fields, response.headers.get('Retry-After'))
  }

  /** Nobody answered: no network, or no desk. */
  static unreachable(): Problem {
    return new Problem(0, {})
  }
}

export function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : Problem.unreachable()
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
