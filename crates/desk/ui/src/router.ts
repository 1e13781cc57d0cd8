/** Every address in one place, and who may be there. */
import { createRouter, createWebHistory } from 'vue-router'
import { allowed, homeOf, paths } from './util/paths'
import { useAccount } from './stores/account'

declare module 'vue-router' {
  interface RouteMeta {
    title: 'start' | 'sign_in' | keyof typeof allowed
    /** Only for who is signed in and may be there. */
    guarded?: boolean
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
      meta: { title: 'desk', guarded: true },
    },
    {
      path: paths.live,
      component: () => import('./pages/live/LivePage.vue'),
      meta: { title: 'live', guarded: true },
    },
    {
      path: paths.calls,
      component: () => import('./pages/calls/CallsPage.vue'),
      meta: { title: 'calls', guarded: true },
    },
    {
      path: paths.accounts,
      component: () => import('./pages/accounts/AccountsPage.vue'),
      meta: { title: 'accounts', guarded: true },
    },
    {
      path: paths.audit,
      component: () => import('./pages/audit/AuditPage.vue'),
      meta: { title: 'audit', guarded: true },
    },
    {
      path: `${paths.persons}/:id?`,
      component: () => import('./pages/persons/PersonsPage.vue'),
      meta: { title: 'persons', guarded: true },
    },
    {
      path: paths.merges,
      component: () => import('./pages/merges/MergesPage.vue'),
      meta: { title: 'merges', guarded: true },
    },
    {
      path: paths.his,
      component: () => import('./pages/his/HisPage.vue'),
      meta: { title: 'his', guarded: true },
    },
    {
      path: paths.nothing,
      component: () => import('./pages/nothing/NothingPage.vue'),
      meta: { title: 'nothing', guarded: true },
    },
    { path: '/:rest(.*)*', redirect: paths.start },
  ],
})

router.beforeEach(async (to) => {
  const account = useAccount()
  const { title } = to.meta
  if (to.meta.guarded !== true || title === 'start' || title === 'sign_in') return true
  const me = await account.restore().catch(() => null)
  if (me === null) return paths.start
  return allowed[title](me) ? true : homeOf(me)
})
