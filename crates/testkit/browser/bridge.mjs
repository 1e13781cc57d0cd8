// Drives Chromium for tests: one JSON request a line on standard input, one JSON answer a line on standard output.
//   node bridge.mjs <folder whose node_modules holds playwright-core and axe-core>
// Request {id, op, page?, ...}; answer {id, value} or {id, error}. The browser ends when standard input does.
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const need = createRequire(join(process.argv[2], 'package.json'))
const { chromium } = need('playwright-core')

const browser = await chromium.launch({
  executablePath: process.env.CARELINE_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-gpu', '--autoplay-policy=no-user-gesture-required'],
})
const contexts = new Map()
const pages = new Map()

const byTestId = (page, testid, nth) => {
  const found = page.locator(`[data-testid="${testid}"]`)
  return nth === undefined ? found.first() : found.nth(nth)
}

async function open({ page: name, context: contextName, url, locale }) {
  let context = contexts.get(contextName)
  if (!context) {
    context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: locale ?? 'zh-CN' })
    contexts.set(contextName, context)
  }
  const page = await context.newPage()
  const errors = []
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`${message.text()} (${message.location().url})`)
  })
  pages.set(name, { page, errors })
  await page.goto(url)
}

const ops = {
  open,
  goto: ({ page, url }) => page.goto(url).then(() => null),
  reload: ({ page }) => page.reload().then(() => null),
  click: ({ page, testid, nth, timeout }) => byTestId(page, testid, nth).click({ timeout }),
  fill: ({ page, testid, text, timeout }) => field(page, testid).fill(text, { timeout }),
  type: ({ page, testid, text, timeout }) => field(page, testid).pressSequentially(text, { timeout, delay: 5 }),
  press: ({ page, key }) => page.keyboard.press(key),
  texts: ({ page, testid }) => page.locator(`[data-testid="${testid}"]`).allInnerTexts(),
  attributes: ({ page, testid, name }) =>
    page.locator(`[data-testid="${testid}"]`).evaluateAll((all, key) => all.map((one) => one.getAttribute(key)), name),
  value: ({ page, testid, timeout }) => field(page, testid).inputValue({ timeout }),
  visible: ({ page, testid }) => byTestId(page, testid).isVisible(),
  count: ({ page, testid }) => page.locator(`[data-testid="${testid}"]`).count(),
  body: ({ page }) => page.locator('body').innerText(),
  evaluate: ({ page, script }) => page.evaluate(script),
  screenshot: ({ page, path }) => page.screenshot({ path }).then(() => null),
  errors: ({ errors }) => errors,
  async axe({ page }) {
    await page.evaluate(readFileSync(need.resolve('axe-core/axe.min.js'), 'utf8'))
    return page.evaluate(async () => {
      const { violations } = await globalThis.axe.run(document)
      return violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map((node) => node.html.slice(0, 200)) }))
    })
  },
  close: ({ page }) => page.close(),
}

// A test id may stand on the field itself or on the frame that a component library draws around it.
function field(page, testid) {
  const id = `[data-testid="${testid}"]`
  return page.locator(`input${id}, textarea${id}, ${id} input, ${id} textarea`).first()
}

async function answer(line) {
  let id = null
  try {
    const request = JSON.parse(line)
    id = request.id
    const known = pages.get(request.page)
    const wanted = request.op === 'open' ? request : { ...request, page: known?.page, errors: known?.errors }
    const value = (await ops[request.op](wanted)) ?? null
    process.stdout.write(`${JSON.stringify({ id, value })}\n`)
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ id, error: String(error?.message ?? error) })}\n`)
  }
}

process.stdout.write(`${JSON.stringify({ id: 0, value: browser.version() })}\n`)
const lines = createInterface({ input: process.stdin })
for await (const line of lines) await answer(line)
await browser.close()
process.exit(0)
