/** Requests to the desk, typed by its own description: an answer, or a `Problem`. */
import createClient from 'openapi-fetch'
import { Problem } from './problem'
import type { paths } from './schema'

/** The language in which the desk words its problems; the texts set it. */
let language = 'zh-CN'

export function speakLanguage(tag: string): void {
  language = tag
}

/** A request that takes longer is given up, milliseconds. */
export const REQUEST_LIMIT_MS = 10_000

export const client = createClient<paths>({
  baseUrl: location.origin,
  credentials: 'same-origin',
  cache: 'no-store',
  fetch: (request: Request) => fetch(request, { signal: AbortSignal.timeout(REQUEST_LIMIT_MS) }),
})

client.use({
  onRequest({ request }) {
    request.headers.set('Accept-Language', language)
    // The desk takes changes as JSON only, also where there is nothing to say: other sites cannot send that.
    if (request.method !== 'GET') request.headers.set('Content-Type', 'application/json')
    return request
  },
})

interface Answered<T> {
  data?: T
  error?: unknown
  response: Response
}

/** The answer of a request; throws the problem when there is none. */
export async function answer<T>(request: Promise<Answered<T>>): Promise<T> {
  const { data, error, response } = await request.catch(() => {
    throw Problem.unreachable()
  })
  if (!response.ok) throw Problem.of(response, error)
  return data as T
}
