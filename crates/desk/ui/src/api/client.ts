/** One request to the desk: JSON in, JSON or a `Problem` out. */
import { Problem } from './problem'

/** The language in which the desk words its problems; the texts set it. */
let language = 'zh-CN'

export function speakLanguage(tag: string): void {
  language = tag
}

/** A request that takes longer is given up, milliseconds. */
export const REQUEST_LIMIT_MS = 10_000

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

export async function request<T>(method: Method, path: string, body?: object): Promise<T> {
  const headers: Record<string, string> = { 'Accept-Language': language, Accept: 'application/json' }
  if (method !== 'GET') headers['Content-Type'] = 'application/json'
  const response = await fetch(path, {
    method,
    headers,
    body: body === undefined ? null : JSON.stringify(body),
    credentials: 'same-origin',
    cache: 'no-store',
    signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
  }).catch(() => {
    throw Problem.unreachable()
  })
  if (!response.ok) throw await Problem.of(response)
  if (response.status === 204) return undefined as T
  return (await response.json().catch(() => {
    throw Problem.unreachable()
  })) as T
}
