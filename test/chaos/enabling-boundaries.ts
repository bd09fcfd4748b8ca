// Every boundary at which the app may die while many VMs are enabled and what they need is made,
// and while they are disabled again.
import { answered, arm, jobs, registry, write, type Boundary, type Where } from './boundaries.ts';

/** Somewhere among the VMs: not the first, not the last. */
const AMONG = 5;
const among = (where: Where): Where => ({ ...where, skip: AMONG });
const attemptOf = (phase: string, state: string): Where =>
  jobs(`"type":"attempt".*"stepId":"step:${phase}.*"state":"${state}"`);
const stepOf = (phase: string, state: string): Where =>
  jobs(`"type":"step".*"phase":"${phase}.*"state":"${state}"`);
const ofItem = (method: string, call = ''): Where =>
  arm(method, `/replicationProtectedItems/[^/?]+${call}(\\?|$)`);
const made = (path: string): Where => arm('PUT', `/${path}/[^/?]+(\\?|$)`);

const LAID_OUT: readonly Boundary[] = [
  ...write('job created', () => jobs('"type":"job".*"state":"accepted"')),
  ...write('job running', () => jobs('"type":"job".*"state":"running"')),
  answered('Azure surveyed', () => arm('GET', '/virtualMachines(\\?|$)')),
  ...write('VMs locked', () => registry('"type":"lock"')),
  ...write('steps laid out', () => jobs('"operationType":"Create".*"type":"step"')),
  ...write('names of items noted', () => registry('"type":"source"')),
  ...write('previews of VMs written', () => jobs('"type":"vmPreview"')),
  ...write('preview written', () => jobs('"id":"preview"')),
  answered('writes reserved', () => ({ service: 'cosmos', path: '/colls/settings/docs/writes' })),
];

const PARTS: readonly Boundary[] = [
  answered('part looked at', () => arm('GET', '/replicationFabrics/[^/?]+(\\?|$)')),
  ...write('part: attempt prepared', () => attemptOf('prepare', 'prepared')),
  ...write('part: sending claimed', () => attemptOf('prepare2', 'sending')),
  ...write('resource group made', () => made('resourceGroups')),
  ...write('vault made', () => made('vaults')),
  ...write('fabric made', () => made('replicationFabrics')),
  ...write('network mapping made', () => made('replicationNetworkMappings')),
  ...write('part: acceptance recorded', () => attemptOf('prepare3', 'accepted')),
  ...write('part: step ended', () => stepOf('prepare', 'succeeded')),
  ...write('vault known', () => registry('"type":"vault"')),
];

const VMS: readonly Boundary[] = [
  answered('item looked for', () => among(ofItem('GET'))),
  ...write('attempt prepared', () => among(attemptOf('enableReplication', 'prepared'))),
  ...write('sending claimed', () => among(attemptOf('enableReplication', 'sending'))),
  ...write('item made', () => among(ofItem('PUT'))),
  ...write('acceptance recorded', () => among(attemptOf('enableReplication', 'accepted'))),
  answered('ended job read', () => among(arm('GET', '/replicationJobs/[^/?]+(\\?|$)'))),
  ...write('job end recorded', () => among(stepOf('enableReplication', 'settling'))),
  ...write('VM registered', () => among(registry('"type":"replicatedVm"'))),
  ...write('step ended', () => among(stepOf('enableReplication', 'succeeded'))),
  ...write('VMs given back', () => registry('"operationType":"Delete"')),
  ...write('job closed', () => jobs('"type":"job".*"state":"completed"')),
];

export const ENABLING: readonly Boundary[] = [...LAID_OUT, ...PARTS, ...VMS];

export const DISABLING: readonly Boundary[] = [
  answered('item looked at', () => among(ofItem('GET'))),
  ...write('sending claimed', () => among(attemptOf('disableReplication', 'sending'))),
  ...write('removal', () => among(ofItem('POST', '/remove'))),
  ...write('acceptance recorded', () => among(attemptOf('disableReplication', 'accepted'))),
  ...write('name spent', () => among(registry('"type":"source".*"spent":true'))),
  ...write('VM out of the registry', () => among(registry('"operationType":"Delete".*"type":"lock"'))),
  ...write('step ended', () => among(stepOf('disableReplication', 'succeeded'))),
];
