// @ts-check
// Every page works without this file; it makes moving about quicker and a few things handier.
import '@hotwired/turbo'
import { Application } from '@hotwired/stimulus'
import { announceVisits } from 'js/announce.js'
import AutosubmitController from 'js/autosubmit.js'
import ClientPickerController from 'js/client-picker.js'
import ContactsOfClientController from 'js/contacts-of-client.js'
import DismissController from 'js/dismiss.js'
import MenuController from 'js/menu.js'
import { focusReturnedForms } from 'js/returned-form.js'
import RevealController from 'js/reveal.js'
import SubmitOnceController from 'js/submit-once.js'
import { leaveLinksWithinPageAlone } from 'js/within-page.js'

const application = Application.start()
application.register('autosubmit', AutosubmitController)
application.register('client-picker', ClientPickerController)
application.register('contacts-of-client', ContactsOfClientController)
application.register('dismiss', DismissController)
application.register('menu', MenuController)
application.register('reveal', RevealController)
application.register('submit-once', SubmitOnceController)

announceVisits()
focusReturnedForms()
leaveLinksWithinPageAlone()
