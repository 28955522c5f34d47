// @ts-check
import { nameOf } from 'js/board-places.js'
import { post } from 'js/board-requests.js'

/**
 * @typedef {import('js/board-requests.js').Answer} Answer
 * @typedef {import('js/board-requests.js').Refused} Refused
 */

/**
 * Asks when a deal was won, or when and why it was lost, and closes it. Answers what the server said in the end; null when whoever was asked
 * thought better of it. While it is refused the dialog stays, with what was typed.
 * @param {HTMLElement} card
 * @param {string} end "won" or "lost"
 * @param {Record<string, string>} fields what goes along
 * @param {(answer: Refused) => string} wordsFor why it was refused
 * @returns {Promise<Answer | null>}
 */
export function askAndClose(card, end, fields, wordsFor) {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById(`close-${end}`))
  const form = /** @type {HTMLFormElement} */ (dialog.querySelector('form'))
  const url = String(form.dataset['url']).replace(':id', String(card.dataset['id']))
  form.reset()
  showErrors(form, {})
  showProblem(form, '')
  const name = form.querySelector('[data-name]')
  if (name) name.textContent = nameOf(card)

  return new Promise((resolve) => {
    const over = new AbortController()
    const { signal } = over
    /** @type {Refused | null} */
    let refused = null
    /** @param {Answer | null} answer */
    const end = (answer) => {
      over.abort()
      dialog.close()
      resolve(answer)
    }
    form.addEventListener('submit', (event) => void submit(event), { signal })
    form.querySelector('[data-cancel]')?.addEventListener('click', () => end(refused), { signal })
    // By Escape, or by leaving the page.
    dialog.addEventListener('close', () => end(refused), { signal })
    dialog.showModal()
    form.querySelector('textarea')?.focus()

    /** @param {Event} event */
    async function submit(event) {
      event.preventDefault()
      if (form.ariaBusy === 'true') return
      form.ariaBusy = 'true'
      const typed = Object.fromEntries([...new FormData(form)].map(([field, value]) => [field, String(value)]))
      const answer = await post(url, { ...fields, ...typed })
      form.ariaBusy = null
      if (answer.ok) {
        end(answer)
        return
      }
      const isAtFields = Object.keys(answer.errors).length > 0
      refused = isAtFields ? null : answer
      showProblem(form, isAtFields ? '' : wordsFor(answer))
      showErrors(form, answer.errors)
    }
  })
}

/** @param {HTMLFormElement} form @param {string} words */
function showProblem(form, words) {
  const problem = /** @type {HTMLElement} */ (form.querySelector('[data-problem]'))
  problem.textContent = words
}

/**
 * Each at its field, as the server draws them on a page.
 * @param {HTMLFormElement} form
 * @param {Record<string, string[]>} errors
 */
function showErrors(form, errors) {
  for (const shown of form.querySelectorAll('.field-error')) shown.remove()
  for (const input of form.querySelectorAll('.input')) {
    if (!(input instanceof HTMLInputElement || input instanceof HTMLTextAreaElement)) continue
    const said = errors[input.name]
    const hint = document.getElementById(`${input.id}-hint`) ? `${input.id}-hint` : ''
    input.setAttribute('aria-describedby', [hint, said ? `${input.id}-error` : ''].filter(Boolean).join(' '))
    if (!said) {
      input.removeAttribute('aria-invalid')
      continue
    }
    input.setAttribute('aria-invalid', 'true')
    const line = document.createElement('p')
    line.className = 'field-error'
    line.id = `${input.id}-error`
    line.textContent = said.join(' ')
    input.after(line)
  }
  const first = form.querySelector('[aria-invalid]')
  if (first instanceof HTMLElement) first.focus()
}
