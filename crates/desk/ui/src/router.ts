/** Every address in one place, and who may be there. */
import { createRouter, createWebHistory } from 'vue-router'
import type { Role } from './api/types'
import { homeOf, paths } from './util/paths'
import { useAccount } from './stores/account'

declare module 'vue-router' {
  interface RouteMeta {
    title: 'start' | 'sign_in' | 'desk' | 'live'
    role?: Role
  }
}

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    {
      path: paths.start,
      component: () => import('./pages/start/StartPage.vue'),
      meta: { title: 'start' },
    },
    {
      path: paths.signIn,
      component: () => import('./pages/sign-in/SignInPage.vue'),
      meta: { title: 'sign_in' },
    },
    {
      path: paths.desk,
      component: () => import('./pages/desk/DeskPage.vue'),
      meta: { title: 'desk', role: 'agent' },
    },
    {
      path: paths.live,
      component: () => import('./pages/live/LivePage.vue'),
      meta: { title: 'live', role: 'supervisor' },
    },
    { path: '/:rest(.*)*', redirect: paths.start },
  ],
})

router.beforeEach(async (to) => {
  const account = useAccount()
  if (to.meta.role === undefined) return true
  const me = await account.restore().catch(() => null)
  if (me === null) return paths.start
  return me.role === to.meta.role ? true : homeOf(me.role)
})
