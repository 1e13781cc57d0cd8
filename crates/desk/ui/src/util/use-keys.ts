/** Keys of a page for as long as it is shown. */
import { onBeforeUnmount, onMounted } from 'vue'
import type { KeyAction, KeyPlace } from '../state/keys'
import { actionOf, keyPressOf } from '../state/keys'

export function useKeys(digits: () => KeyPlace['digits'], act: (action: KeyAction) => void): void {
  function pressed(event: KeyboardEvent): void {
    const at = event.target
    const action = actionOf(keyPressOf(event), {
      typing: at instanceof HTMLTextAreaElement || at instanceof HTMLSelectElement || isTextField(at),
      onControl: at instanceof HTMLButtonElement || at instanceof HTMLAnchorElement,
      digits: digits(),
    })
    if (action === null) return
    event.preventDefault()
    act(action)
  }
  onMounted(() => window.addEventListener('keydown', pressed))
  onBeforeUnmount(() => window.removeEventListener('keydown', pressed))
}

function isTextField(at: EventTarget | null): boolean {
  return at instanceof HTMLInputElement && !['button', 'checkbox', 'radio', 'range'].includes(at.type)
}
