// @ts-check
// Every page works without this file; it makes moving about quicker and a few things handier.
import '@hotwired/turbo'
import { Application } from '@hotwired/stimulus'
import { announceVisits } from 'js/announce.js'
import AutosubmitController from 'js/autosubmit.js'
import BoardController from 'js/board.js'
import ClientPickerController from 'js/client-picker.js'
import ConflictController from 'js/conflict.js'
import ContactsOfClientController from 'js/contacts-of-client.js'
import CopyController from 'js/copy.js'
import DismissController from 'js/dismiss.js'
import FileTextController from 'js/file-text.js'
import LeadDuplicatesController from 'js/lead-duplicates.js'
import MenuController from 'js/menu.js'
import { focusReturnedForms } from 'js/returned-form.js'
import RevealController from 'js/reveal.js'
import SearchController from 'js/search.js'
import { rememberVisits } from 'js/search-recent.js'
import SeeingAsController from 'js/seeing-as.js'
import ShortcutsController, { followShortcuts } from 'js/shortcuts.js'
import SubmitOnceController from 'js/submit-once.js'
import { tellOfUnreachableServer } from 'js/unreachable.js'
import { leaveLinksWithinPageAlone } from 'js/within-page.js'

const application = Application.start()
application.register('autosubmit', AutosubmitController)
application.register('board', BoardController)
application.register('client-picker', ClientPickerController)
application.register('conflict', ConflictController)
application.register('contacts-of-client', ContactsOfClientController)
application.register('copy', CopyController)
application.register('dismiss', DismissController)
application.register('file-text', FileTextController)
application.register('lead-duplicates', LeadDuplicatesController)
application.register('menu', MenuController)
application.register('reveal', RevealController)
application.register('search', SearchController)
application.register('seeing-as', SeeingAsController)
application.register('shortcuts', ShortcutsController)
application.register('submit-once', SubmitOnceController)

announceVisits()
focusReturnedForms()
followShortcuts()
leaveLinksWithinPageAlone()
rememberVisits()
tellOfUnreachableServer()
