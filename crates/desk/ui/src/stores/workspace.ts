/** The calls on an agent's page: tabs, who the caller was, and what follows from the stream. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { deskApi } from '../api/desk-api'
import { asProblem } from '../api/problem'
import type { Candidate, PersonCard, StreamMessage } from '../api/types'
import { i18n } from '../i18n'
import { hasFile } from '../state/selectors'
import type { Work } from '../state/tabs'
import {
  addFound,
  choosePerson,
  chosenPerson,
  closeTab,
  dropMissed,
  inHand,
  noTabs,
  openTab,
  phaseOf,
  selectTab,
  tabOf,
} from '../state/tabs'
import { transferText } from '../state/transfer'
import { useDesk } from './desk'
import { useHistory } from './history'
import { useNotes } from './notes'
import { useNotices } from './notices'

export const useWorkspace = defineStore('workspace', () => {
  const desk = useDesk()
  const notes = useNotes()
  const notices = useNotices()
  const history = useHistory()
  const tabs = shallowRef(noTabs())
  const formOpen = ref(false)
  /** Choices that could not be saved; sent again when the database is back. */
  const unsavedChoices = new Map<string, string>()

  const work = (): Work => ({ editing: notes.editing, unsaved: notes.unsaved })

  function hear(message: StreamMessage): void {
    switch (message.kind) {
      case 'snapshot':
        if (message.offer) show(message.offer.pop, message.offer)
        else void showCallInHand()
        retryChoices()
        history.changed()
        return
      case 'offer':
        show(message.offer.pop, message.offer)
        return
      case 'offer_ended':
        if (message.outcome !== 'answered') missed(message.call, message.outcome)
        return
      case 'transfer_ended':
        notices.tell(transferText(message, i18n.global.t))
        return
      case 'storage':
        if (message.storage !== 'ok') return
        retryChoices()
        notes.hurryAll()
        history.changed()
        return
      case 'call':
      case 'agent':
        if (desk.call !== null && hasFile(desk.call) && tabOf(tabs.value, desk.call.call) === null) void showCallInHand()
        return
      case 'call_gone':
      case 'recording':
        history.changed()
        return
      default:
        return
    }
  }

  function show(pop: Parameters<typeof openTab>[1], offer: Parameters<typeof openTab>[2]): void {
    const before = tabs.value.shown
    tabs.value = openTab(tabs.value, pop, offer, work())
    if (tabs.value.shown !== before) formOpen.value = false
    closeNotesWithoutTab()
    notes.open(pop.call)
  }

  /** After a reload: the pop of the call that goes on, or that is written up. */
  async function showCallInHand(): Promise<void> {
    if (desk.call !== null && !hasFile(desk.call)) return
    const call = desk.call?.call ?? (desk.agent?.work === 'wrap_up' ? desk.agent.call : null)
    if (!call || tabOf(tabs.value, call) !== null) return
    const pop = await deskApi.pop(call).catch(() => null)
    if (pop !== null && tabOf(tabs.value, call) === null) show(pop, null)
  }

  function missed(call: string, outcome: string): void {
    const tab = tabOf(tabs.value, call)
    const { t, te } = i18n.global
    const caller = tab?.pop.caller_masked || t('call.withheld')
    const word = te(`outcome.${outcome}`) ? t(`outcome.${outcome}`) : outcome
    notices.tell(t('call.missed', { caller, outcome: word }))
    tabs.value = dropMissed(tabs.value, call, work())
    closeNotesWithoutTab()
    history.changed()
  }

  async function choose(call: string, person: string): Promise<void> {
    tabs.value = choosePerson(tabs.value, call, person)
    unsavedChoices.set(call, person)
    try {
      await deskApi.choosePerson(call, person)
      if (unsavedChoices.get(call) === person) unsavedChoices.delete(call)
      history.changed()
    } catch (error) {
      const problem = asProblem(error)
      if (problem.status >= 400 && problem.status < 500) {
        unsavedChoices.delete(call)
        notices.problem(problem)
      } else notices.tell(i18n.global.t('problem.chosen_kept'))
    }
  }

  function retryChoices(): void {
    for (const [call, person] of [...unsavedChoices]) void choose(call, person)
  }

  /** Somebody who was found by search: the whole file, then the choice. */
  async function chooseFound(call: string, card: PersonCard, reason: 'found' | 'new'): Promise<void> {
    const contacts = reason === 'new' ? [] : await deskApi.person(card.person).then((file) => file.contacts, () => [])
    const person: Candidate = { ...card, reasons: [reason], score: 0, contacts: contacts.slice(0, 5) }
    tabs.value = addFound(tabs.value, call, person)
    if (reason === 'new') {
      tabs.value = choosePerson(tabs.value, call, card.person)
      history.changed()
    } else await choose(call, card.person)
  }

  function close(call: string): void {
    if (notes.unsaved.has(call) || inHand(phaseOf(desk.desk, call))) return
    tabs.value = closeTab(tabs.value, call)
    closeNotesWithoutTab()
    history.changed()
  }

  function closeNotesWithoutTab(): void {
    for (const call of [...notes.states.keys()]) {
      if (tabOf(tabs.value, call) === null && !notes.unsaved.has(call)) notes.close(call)
    }
  }

  function forget(): void {
    tabs.value = noTabs()
    formOpen.value = false
    unsavedChoices.clear()
    notes.closeAll()
    history.forget()
  }

  const shown = computed(() => tabOf(tabs.value, tabs.value.shown))
  const noted = computed(() => tabOf(tabs.value, tabs.value.noted))
  return {
    tabs,
    formOpen,
    shown,
    noted,
    chosen: computed(() => (shown.value === null ? null : chosenPerson(shown.value))),
    hear,
    choose,
    chooseFound,
    close,
    forget,
    select: (call: string) => {
      tabs.value = selectTab(tabs.value, call)
      formOpen.value = false
    },
  }
})
