/** Every address of the pages; links are built nowhere else. */
import type { Role } from '../api/types'

export const paths = {
  start: '/',
  signIn: '/sign-in',
  desk: '/desk',
  live: '/live',
} as const

/** Where somebody works. */
export function homeOf(role: Role): string {
  return role === 'supervisor' ? paths.live : paths.desk
}
