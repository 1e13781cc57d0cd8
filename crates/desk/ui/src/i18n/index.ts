/** The texts and the language in which they are shown. */
import { createI18n } from 'vue-i18n'
import { speakLanguage } from '../api/client'
import { en } from './en'
import { zhCN } from './zh-CN'

export type Language = 'zh-CN' | 'en'

const KEPT_AS = 'careline.language'

export const i18n = createI18n({
  legacy: false,
  locale: keptLanguage(),
  fallbackLocale: 'zh-CN',
  messages: { 'zh-CN': zhCN, en },
})

export function setLanguage(language: Language): void {
  i18n.global.locale.value = language
  localStorage.setItem(KEPT_AS, language)
  announce(language)
}

export function startLanguage(): void {
  announce(i18n.global.locale.value as Language)
}

function announce(language: Language): void {
  document.documentElement.lang = language
  speakLanguage(language)
}

function keptLanguage(): Language {
  return localStorage.getItem(KEPT_AS) === 'en' ? 'en' : 'zh-CN'
}
