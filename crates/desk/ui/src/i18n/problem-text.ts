/** A problem in the reader's language: our words for what we know, the desk's words for the rest. */
import type { Problem } from '../api/problem'
import { i18n } from './index'

export function problemText(problem: Problem): string {
  const { t, te } = i18n.global
  if (problem.code === 'locked') {
    return problem.retryAfterSeconds === null
      ? t('problem.locked_plain')
      : t('problem.locked', { seconds: problem.retryAfterSeconds })
  }
  const isOurs = problem.code === 'unreachable' || problem.code === 'sign_in_refused'
  if (isOurs) return t(`problem.${problem.code}`)
  if (problem.detail !== '') return problem.detail
  return te(`problem.${problem.code}`) ? t(`problem.${problem.code}`) : t('problem.other', { code: problem.code })
}
