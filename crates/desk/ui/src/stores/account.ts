/** The hospital whose desk this is, and who is signed in. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import { deskApi } from '../api/desk-api'
import { asProblem } from '../api/problem'
import type { Hospital, Me, Named } from '../api/types'
import { i18n } from '../i18n'

export const useAccount = defineStore('account', () => {
  const hospital = ref<Hospital | null>(null)
  const me = ref<Me | null>(null)
  const asked = ref(false)

  async function loadHospital(): Promise<void> {
    hospital.value = await deskApi.hospital()
  }

  /** Who is signed in, by the browser's cookie; asked once. */
  async function restore(): Promise<Me | null> {
    if (asked.value) return me.value
    try {
      me.value = await deskApi.me()
      asked.value = true
    } catch (error) {
      if (asProblem(error).status !== 401) throw error
      asked.value = true
    }
    return me.value
  }

  /** Asks again: the sign-in may have ended. */
  async function isStillSignedIn(): Promise<boolean> {
    try {
      await deskApi.me()
      return true
    } catch (error) {
      return asProblem(error).status !== 401
    }
  }

  async function signIn(login: string, password: string): Promise<Me> {
    return entered(await deskApi.signIn(login, password))
  }

  async function demoSignIn(login: string): Promise<Me> {
    return entered(await deskApi.demoSignIn(login))
  }

  async function signOut(): Promise<void> {
    await deskApi.signOut()
    forget()
  }

  function entered(who: Me): Me {
    me.value = who
    asked.value = true
    return who
  }

  function forget(): void {
    me.value = null
    asked.value = true
  }

  /** The name of a code in the reader's language; the code when nobody named it. */
  function nameOf(list: 'sources' | 'media' | 'lines', code: string): string {
    const named = hospital.value?.[list].find((one) => one.code === code)
    return named === undefined ? code : ownName(named)
  }

  function ownName(named: Named): string {
    return i18n.global.locale.value === 'en' && named.name_en ? named.name_en : named.name
  }

  return {
    hospital,
    me,
    loadHospital,
    restore,
    isStillSignedIn,
    signIn,
    demoSignIn,
    signOut,
    forget,
    nameOf,
    ownName,
  }
})
