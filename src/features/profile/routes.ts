import { Router } from 'express'
import type { Request, Response } from 'express'
import { page } from '../../platform/http/page.ts'
import { notice, scopeOf } from '../../platform/http/request.ts'
import { formOf, submit } from '../../platform/http/submit.ts'
import type { Form } from '../../platform/http/submit.ts'
import { dayIn } from '../../platform/time.ts'
import { endOtherSessions, endSession } from '../sessions/commands.ts'
import type { SignInLimits } from '../sessions/limits.ts'
import { sessionsOf } from '../sessions/queries.ts'
import { signInAs } from '../sessions/routes.ts'
import { changePassword } from '../users/commands/passwords.ts'
import { disableTwoFactor, enrol, renewRecoveryCodes } from '../users/commands/two-factor.ts'
import { enrolmentUrl, inGroups, isSecret, newSecret } from '../users/totp.ts'
import { updateProfile } from './commands.ts'
import { languageOptions } from './present.ts'
import { qrCode } from './qr.ts'
import { findProfile, profileForm } from './queries.ts'
import { ConfirmInput, EndSessionInput, EnrolInput, PasswordChangeInput, ProfileInput, THEMES } from './schema.ts'
import { TIME_ZONES } from './zones.ts'

const HOME = '/profile'

/** Under /profile: what is one's own, whatever one's role. */
export function profileRoutes(limits: SignInLimits): Router {
  const routes = Router()

  routes.get('/', async (req, res) => {
    await showProfile(req, res)
  })

  routes.post('/', async (req, res) => {
    const saved = await submit(ProfileInput, req.body, (input) => updateProfile(scopeOf(req), input))
    if (!saved.ok) return showProfile(req, res.status(saved.status), saved.form)

    notice(req, 'profile.notices.saved')
    res.redirect(303, HOME)
  })

  routes.get('/password', async (req, res) => {
    await page(res, 'profile/password', { form: formOf(), email: accountOf(req).email })
  })

  routes.post('/password', async (req, res) => {
    const saved = await submit(PasswordChangeInput, req.body, (input) =>
      confirmed(limits, req, () => changePassword(scopeOf(req), input)),
    )
    if (!saved.ok) {
      const form = withoutSecrets(saved.form)
      return page(res.status(saved.status), 'profile/password', { form, email: accountOf(req).email })
    }

    // Every session has ended, this one too: it goes on as a new one, which whoever knew the old one does not know.
    await signInAs(req, Object.assign(accountOf(req), saved.result))
    notice(req, 'profile.notices.passwordChanged')
    res.redirect(303, HOME)
  })

  routes.post('/sessions/end', async (req, res) => {
    const saved = await submit(EndSessionInput, req.body, ({ session }) => endSession(scopeOf(req), session))
    if (!saved.ok) return showProfile(req, res.status(saved.status))

    notice(req, 'profile.notices.sessionEnded')
    res.redirect(303, HOME)
  })

  routes.post('/sessions/end-others', async (req, res) => {
    const count = await endOtherSessions(scopeOf(req), req.sessionID)
    notice(req, 'profile.notices.sessionsEnded', { values: { count } })
    res.redirect(303, HOME)
  })

  routes.get('/two-factor', async (req, res) => {
    await showTwoFactor(req, res, formOf())
  })

  // Recovery codes are shown once, in answer to the form that asked for them. 201, for Turbo: it shows such an answer; a reload leads to the page.
  routes.post('/two-factor', async (req, res) => {
    const saved = await submit(EnrolInput, req.body, (input) =>
      confirmed(limits, req, () => enrol(scopeOf(req), input)),
    )
    if (!saved.ok) return showTwoFactor(req, res.status(saved.status), saved.form)

    await page(res.status(201), 'profile/recovery-codes', { codes: saved.result.recoveryCodes, isNew: true })
  })

  routes.get('/two-factor/codes', async (req, res) => {
    await showTwoFactor(req, res, formOf())
  })

  routes.post('/two-factor/codes', async (req, res) => {
    const saved = await submit(ConfirmInput, req.body, (input) =>
      confirmed(limits, req, () => renewRecoveryCodes(scopeOf(req), input)),
    )
    if (!saved.ok) return showTwoFactor(req, res.status(saved.status), saved.form)

    await page(res.status(201), 'profile/recovery-codes', { codes: saved.result.recoveryCodes, isNew: false })
  })

  routes.post('/two-factor/disable', async (req, res) => {
    const saved = await submit(ConfirmInput, req.body, (input) =>
      confirmed(limits, req, () => disableTwoFactor(scopeOf(req), input)),
    )
    if (!saved.ok) return showTwoFactor(req, res.status(saved.status), saved.form)

    notice(req, 'profile.notices.twoFactorDisabled')
    res.redirect(303, HOME)
  })

  return routes
}

function accountOf(req: Request): Express.User {
  if (!req.user) throw new Error('a profile stands behind requireSignIn')
  return req.user
}

/** What takes the password again is counted as a sign-in is: a session that was left open is no place to guess it. */
async function confirmed<Result>(limits: SignInLimits, req: Request, act: () => Promise<Result>): Promise<Result> {
  const { id } = accountOf(req)
  await limits.countConfirmation(req.ip ?? '', id)
  const result = await act()
  await limits.clearConfirmation(req.ip ?? '', id)
  return result
}

/** Passwords and codes are typed again. */
function withoutSecrets(form: Form): Form {
  return { ...form, values: {} }
}

async function showProfile(req: Request, res: Response, form?: Form): Promise<void> {
  const scope = scopeOf(req)
  const [profile, sessions] = await Promise.all([findProfile(scope), sessionsOf(scope, req.sessionID)])
  await page(res, 'profile/show', {
    profile,
    sessions: sessions.map((session) => ({ ...session, seenOn: dayIn(scope.user.timeZone, session.seenAt) })),
    form: form ?? formOf(profileForm(profile)),
    languages: languageOptions(profile.locale),
    timeZones: TIME_ZONES,
    themes: THEMES,
  })
}

/** The way to a second factor, or what there is to do with the one there is. The secret is stored when its first code was right, not before. */
async function showTwoFactor(req: Request, res: Response, form: Form): Promise<void> {
  const { email, mustEnrol } = accountOf(req)
  const { twoFactor } = await findProfile(scopeOf(req))
  if (twoFactor) return page(res, 'profile/two-factor', { twoFactor, form: withoutSecrets(form) })

  const kept = form.values.secret ?? ''
  const secret = isSecret(kept) ? kept : newSecret()
  const url = enrolmentUrl(secret, email)
  await page(res, 'profile/enrol', {
    form: { ...form, values: { secret } },
    secret: inGroups(secret, ' '),
    url,
    qr: qrCode(url),
    email,
    mustEnrol,
  })
}
