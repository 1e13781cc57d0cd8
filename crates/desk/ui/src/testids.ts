/**
 * Names by which stories find things. They are part of the page's contract: change one and its stories together.
 * Repeated ones (candidate, contact, play, live-call) stand once for each item.
 */
export const ids = {
  signInLogin: 'sign-in-login',
  signInPassword: 'sign-in-password',
  signInSubmit: 'sign-in-submit',
  signInError: 'sign-in-error',
  demoRoleAgent: 'demo-role-agent', // followed by `-<login>` on each person's button
  demoRoleSupervisor: 'demo-role-supervisor',
  demoRoleOther: 'demo-role-other', // followed by `-<login>`
  account: 'account', // repeated, data-login, data-disabled
  accountAdd: 'account-add',
  accountLogin: 'account-login',
  accountName: 'account-name',
  accountAgent: 'account-agent',
  accountPassword: 'account-password',
  accountRole: 'account-role', // repeated, data-role
  accountSave: 'account-save',
  accountRoles: 'account-roles',
  accountState: 'account-state',
  auditEntry: 'audit-entry', // repeated, data-action
  auditVerify: 'audit-verify',
  auditResult: 'audit-result', // data-whole
  pair: 'pair', // repeated, data-a, data-b
  pairStayA: 'pair-stay-a',
  pairStayB: 'pair-stay-b',
  pairReason: 'pair-reason',
  pairJoin: 'pair-join',
  pairNot: 'pair-not',
  pairLater: 'pair-later',
  pairsOpen: 'pairs-open',
  pairsLater: 'pairs-later',
  personFile: 'person-file', // data-person
  maskedValue: 'masked-value', // repeated, data-field
  reveal: 'reveal', // repeated, data-field
  revealReason: 'reveal-reason',
  revealShow: 'reveal-show',
  visit: 'visit', // repeated, data-number
  personOpen: 'person-open',
  merge: 'merge', // repeated, data-reversed
  mergeReverse: 'merge-reverse',
  mergedInto: 'merged-into',
  way: 'way', // repeated, with -name of the page
  hisDoor: 'his-door', // repeated, data-source
  hisWaiting: 'his-waiting',
  hisSource: 'his-source',
  hisState: 'his-state',
  hisShow: 'his-show',
  hisMessage: 'his-message', // repeated, data-state, data-control
  hisNone: 'his-none',
  hisContent: 'his-content', // data-state
  hisFault: 'his-fault',
  hisMark: 'his-mark',
  hisReplay: 'his-replay',
  hisReplayAll: 'his-replay-all',
  hisDiscard: 'his-discard',
  hisReason: 'his-reason',
  hisDiscardSave: 'his-discard-save',
  hospital: 'hospital',
  signOut: 'sign-out',
  languageZh: 'language-zh',
  languageEn: 'language-en',
  myState: 'my-state', // data-intent, data-work, data-device
  setReady: 'set-ready',
  setNotReady: 'set-not-ready',
  reason: 'reason', // repeated, data-code
  queueCounter: 'queue-counter', // repeated, data-queue
  ringingBar: 'ringing-bar', // data-call
  talkingBar: 'talking-bar', // data-call
  wrapUpBar: 'wrap-up-bar',
  hangUp: 'hang-up',
  callTab: 'call-tab', // repeated, data-call
  callTabClose: 'call-tab-close',
  pop: 'pop', // data-call, data-offer
  popCaller: 'pop-caller',
  popStale: 'pop-stale',
  candidate: 'candidate', // repeated, data-person
  candidateName: 'candidate-name',
  chosenName: 'chosen-name',
  personAlert: 'person-alert',
  deceased: 'deceased',
  contact: 'contact', // repeated, data-call
  search: 'search',
  searchResult: 'search-result', // repeated, data-person
  newPersonOpen: 'new-person-open',
  newPerson: 'new-person', // the form
  newPersonSource: 'new-person-source', // repeated, data-code
  newPersonName: 'new-person-name',
  newPersonSave: 'new-person-save',
  note: 'note', // data-call
  noteStatus: 'note-status', // data-status
  noteConflict: 'note-conflict',
  noteKeepMine: 'note-keep-mine',
  noteTakeTheirs: 'note-take-theirs',
  callRow: 'call-row', // repeated, data-call
  play: 'play', // repeated, data-recording
  player: 'player',
  playerDuration: 'player-duration',
  playerToggle: 'player-toggle',
  playerClose: 'player-close',
  bannerStream: 'banner-stream',
  bannerSwitch: 'banner-switch',
  bannerStorage: 'banner-storage', // data-storage
  superseded: 'superseded',
  takeOver: 'take-over',
  problem: 'problem',
  help: 'help',
  liveCall: 'live-call', // repeated, data-call
  liveQueue: 'live-queue', // repeated, data-queue
  liveAgent: 'live-agent', // repeated, data-agent
} as const
