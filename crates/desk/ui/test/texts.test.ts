import { expect, test } from 'vitest'
import { en } from '../src/i18n/en'
import { zhCN } from '../src/i18n/zh-CN'

function keys(texts: object, before = ''): string[] {
  return Object.entries(texts).flatMap(([key, value]) =>
    typeof value === 'string' ? [`${before}${key}`] : keys(value as object, `${before}${key}.`),
  )
}

function at(texts: object, key: string): string {
  return key.split('.').reduce<unknown>((part, name) => (part as Record<string, unknown>)[name], texts) as string
}

test('both languages have the same texts with the same places to fill', () => {
  expect(keys(en).sort()).toEqual(keys(zhCN).sort())
  const places = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1] ?? '').sort()
  for (const key of keys(zhCN)) expect([key, places(at(en, key))]).toEqual([key, places(at(zhCN, key))])
})

test('no text is empty', () => {
  for (const texts of [zhCN, en]) for (const key of keys(texts)) expect([key, at(texts, key).trim() !== '']).toEqual([key, true])
})
