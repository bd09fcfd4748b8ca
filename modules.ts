// The modules of shared/, in the order in which they may import: each only those above it.
// The lint gate, the documents and the tests of the structure read this list.
export const MODULES: readonly (readonly [name: string, holds: string])[] = [
  ['core', 'errors, ids, clock, settings, credential, parsing: what knows nothing of Azure or of Lifeboat'],
  ['azure', 'readers and writers of Azure Resource Manager that know no feature'],
  ['store', 'Cosmos DB: client, schema version, continuation tokens'],
  ['siterecovery', 'the port to Site Recovery: items, recovery points, native plans'],
  ['access', 'tokens, roles, grants'],
  ['scenarios', 'one driver for each scenario, behind one interface'],
  ['replications', 'replicated VMs, vaults and sources that Lifeboat knows, and the locks on VMs'],
  ['enabling', 'what must be decided before replication of a VM is enabled'],
  ['plans', 'recovery plans: rules, order, previews, storing'],
  ['commands', 'what callers ask for, as schemas'],
  ['outbox', 'events as they are written with each change'],
  ['journal', 'the partition of one job: job, steps, attempts, answers, control, log'],
  ['delivery', 'events and questions on their way to topics, call-backs and people'],
  ['attempts', 'the attempt protocol: claim, send, proof, poll, settle, write budget'],
  ['actions', 'the actions of a plan: persons, HTTP, runbooks, scripts'],
  ['runs', 'a plan or an operation while it runs: steps, locks, what comes next'],
  ['jobs', 'jobs from the request to the end: accept, begin, control, answer, close, sweep'],
  ['http', 'what every route shares: bodies, problems, rate'],
  ['alerts', 'alerts, alert rules, decisions'],
  ['inbox', 'all questions that wait for a caller'],
  ['schedules', 'drills and other operations by the clock'],
  ['alarms', 'what Lifeboat itself finds wrong between runs'],
  ['removal', 'taking out plans and vaults that nothing uses'],
  ['api', 'descriptions of routes and views of documents'],
];

/** Folders beside shared/, and what each may import. */
export const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  shared: ['infra', 'shared'],
  orchestrators: ['orchestrators', 'shared'],
  functions: ['functions', 'infra', 'orchestrators', 'shared'],
  infra: ['infra', 'shared'],
  simulator: ['simulator'],
  local: ['local', 'scripts', 'simulator'],
};

/** Pure files outside of the rules/ folders: clock, network, store and SDK are out of their reach. */
export const PURE_FILES: readonly string[] = [
  'core/(?!clock|config|credential)',
  'azure/(facts|prerequisite|writeAnswer|cacheAccount)\\.ts',
  'siterecovery/(item|fromSdk|knownMachines|recoveryPoint)\\.ts',
  'scenarios/(?!adapter)',
  'commands/command\\.ts',
];
