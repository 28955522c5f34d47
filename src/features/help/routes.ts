import { Router } from 'express'
import { page } from '../../platform/http/page.ts'
import { SHORTCUTS } from './shortcuts.ts'

export const helpRoutes = Router()

helpRoutes.get('/shortcuts', async (_req, res) => {
  await page(res, 'help/shortcuts', { shortcuts: SHORTCUTS })
})
