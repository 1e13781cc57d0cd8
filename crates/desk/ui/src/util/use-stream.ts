/** The stream of a page, for as long as the page is shown; signed out means back to the first page. */
import { onBeforeUnmount, onMounted, watch } from 'vue'
import { useRouter } from 'vue-router'
import type { StreamMessage } from '../api/types'
import { useAccount } from '../stores/account'
import { useDesk } from '../stores/desk'
import { useNotices } from '../stores/notices'
import { paths } from './paths'

export function useStream(hear: (message: StreamMessage) => void, forget: () => void): { signOut: () => Promise<void> } {
  const desk = useDesk()
  const account = useAccount()
  const notices = useNotices()
  const router = useRouter()
  let stop = (): void => undefined

  onMounted(() => {
    stop = desk.listen(hear)
    desk.connect()
  })
  onBeforeUnmount(() => {
    stop()
    desk.disconnect()
  })
  watch(
    () => desk.signedOut,
    (is) => {
      if (!is) return
      account.forget()
      forget()
      void router.push(paths.start)
    },
  )

  async function signOut(): Promise<void> {
    try {
      await account.signOut()
      forget()
      await router.push(paths.start)
    } catch (error) {
      notices.problem(error)
    }
  }
  return { signOut }
}
